"""FreeMarker template text -> its parts (https://freemarker.apache.org/docs/dgui_template_directives.html)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from engine.errors import did_you_mean
from engine.expressions.base import ExpressionError
from engine.expressions.freemarker.expressions import NAME, Expressions
from engine.expressions.freemarker.tree import (
    Assign,
    Call,
    Expression,
    If,
    Jump,
    Literal,
    Loop,
    Output,
    Statement,
    Stop,
    Text,
    Variable,
)
from engine.expressions.scanner import Scanner

_DIRECTIVE = re.compile(r"<(/?)#([A-Za-z]+)")
_COMMENT = re.compile(r"<#--.*?(-->|\Z)", re.DOTALL)
_NO_PARSE = re.compile(r"<#noparse>(.*?)(</#noparse>|\Z)", re.DOTALL)
_STARTS = re.compile(r"<#|</#|\$\{|#\{|<@|</@")
_DIRECTIVES = ("if", "list", "assign", "local", "global", "switch", "sep", "items", "stop", "ftl", "setting", "noparse")
_ONLY_SPACE = re.compile(r"[ \t]*\Z")
_REST_OF_LINE = re.compile(r"[ \t]*(\r?\n|\Z)")

Ends = Sequence[tuple[bool, str]]
"""Tags that end a part: whether they are closing ones, and their names."""


def parse(text: str) -> list[Statement]:
    """Raises ExpressionError with the offset of the mistake."""
    parser = _Parser(text)
    body, _ = parser.body(())
    return body


class _Parser:
    def __init__(self, text: str) -> None:
        self.scanner = Scanner(text)
        self.loops = 0

    @property
    def line(self) -> int:
        return self.scanner.text.count("\n", 0, self.scanner.position) + 1

    # ---------------------------------------------------------------- parts

    def body(self, ends: Ends) -> tuple[list[Statement], str]:
        """The parts to the first of the tags ``ends``, which is stepped over up to its name, or to the end."""
        scanner, found = self.scanner, list[Statement]()
        begin = scanner.position
        with scanner.nested():
            while True:
                self._text(found)
                if scanner.at_end:
                    if ends:
                        wanted = " or ".join(_tag(*end) for end in ends)
                        raise ExpressionError(f"there is no {wanted} for the directive before", begin)
                    return found, ""
                match = _DIRECTIVE.match(scanner.text, scanner.position)
                if match and (bool(match[1]), match[2]) in ends:
                    self._strip_line(found, match.start())
                    scanner.position = match.end()
                    return found, match[2]
                found += self._part(match, found)

    def _text(self, found: list[Statement]) -> None:
        scanner = self.scanner
        start = _STARTS.search(scanner.text, scanner.position)
        end = start.start() if start else len(scanner.text)
        if end > scanner.position:
            line = self.line
            found.append(Text(scanner.text[scanner.position : end], line))
        scanner.position = end

    def _part(self, match: re.Match[str] | None, found: list[Statement]) -> list[Statement]:
        scanner = self.scanner
        start = scanner.position
        if comment := scanner.match(_COMMENT):
            self._strip_line(found, start)
            if not comment[1]:
                raise ExpressionError("the comment has no end -->", start)
            self._skip_line(start)
            return []
        if verbatim := scanner.match(_NO_PARSE):
            if not verbatim[2]:
                raise ExpressionError("<#noparse> has no end", start)
            return [Text(verbatim[1], self.line)]
        if scanner.take("${"):
            line = self.line
            value = Expressions(scanner).parse()
            scanner.expect("}", "'}' or an operator")
            return [Output(value, line)]
        if match is None:
            raise ExpressionError("macros and #{…} are not supported", start)
        if match[1]:
            raise ExpressionError(f"</#{match[2]}> has no beginning", start)
        return self._directive(match, found)

    def _directive(self, match: re.Match[str], found: list[Statement]) -> list[Statement]:
        name = {"elseIf": "elseif"}.get(match[2], match[2])
        read = self._directives().get(name)
        if read is None:
            hint = did_you_mean(name, _DIRECTIVES)
            raise ExpressionError(f"<#{name}> is not supported here", match.start(), hint)
        self._strip_line(found, match.start())
        line = self.line
        self.scanner.position = match.end()
        return read(line)

    def _directives(self) -> dict[str, Callable[[int], list[Statement]]]:
        return {
            "if": self._if,
            "list": self._list,
            "assign": self._assign,
            "local": self._assign,
            "global": self._assign,
            "switch": self._switch,
            "sep": self._sep,
            "break": lambda line: self._jump("break", line),
            "continue": lambda line: self._jump("continue", line),
            "stop": self._stop,
            "ftl": self._ignored,
            "setting": self._ignored,
        }

    # ---------------------------------------------------------------- directives

    def _if(self, line: int) -> list[Statement]:
        branches: list[tuple[Expression, list[Statement]]] = []
        otherwise: list[Statement] = []
        end = "if"
        while end != "/if":
            if end == "else":
                self._close()
                otherwise, end = self._block([(True, "if")])
                continue
            test = self._expression()
            self._close()
            body, end = self._block([(False, "elseif"), (False, "elseIf"), (False, "else"), (True, "if")])
            branches.append((test, body))
        self._close()
        return [If(branches, otherwise, line)]

    def _block(self, ends: Ends) -> tuple[list[Statement], str]:
        body, end = self.body(ends)
        closing = (True, end) in ends and (False, end) not in ends
        return body, f"/{end}" if closing else end.lower()

    def _list(self, line: int) -> list[Statement]:
        values = self._expression()
        names = self._names() if self._word("as") else ()
        self._close()
        before: list[Statement] = []
        after: list[Statement] = []
        if not names:
            before, _ = self.body([(False, "items")])
            if not self._word("as"):
                raise self.scanner.unexpected("'as'")
            names = self._names()
            self._close()
        self.loops += 1
        ends = [(True, "items")] if before else [(False, "else"), (True, "list")]
        body, end = self._block(ends)
        self.loops -= 1
        self._close()
        if before:
            after, end = self._block([(False, "else"), (True, "list")])
            self._close()
        otherwise: list[Statement] = []
        if end == "else":
            otherwise, _ = self.body([(True, "list")])
            self._close()
        if not before:
            return [Loop(values, names, body, otherwise, line)]
        has_any = Call("built_in", (Literal("has_content"), values))
        return [If([(has_any, [*before, Loop(values, names, body, [], line), *after])], otherwise, line)]

    def _sep(self, line: int) -> list[Statement]:
        """Text between the items of the loop around: to ``</#sep>``, or to the end of the loop's body."""
        if not self.loops:
            raise ExpressionError("<#sep> stands outside a <#list>", self.scanner.position)
        self._close()
        scanner = self.scanner
        start, depth = scanner.position, scanner.depth
        try:
            body, _ = self.body([(True, "sep")])
            self._close()
        except ExpressionError:
            scanner.position, scanner.depth = start, depth
            body, end = self.body([(True, "list"), (True, "items"), (False, "else")])
            closing = scanner.text.rfind("<", start, scanner.position)
            scanner.position = closing if end else scanner.position
        return [If([(Call("loop_has_next", (Variable(""),)), body)], [], line)]

    def _assign(self, line: int) -> list[Statement]:
        scanner, found = self.scanner, list[Statement]()
        scanner.skip_space()
        while name := scanner.match(NAME):
            scanner.skip_space()
            if not scanner.take("="):
                self._close()
                body, _ = self.body([(True, each) for each in ("assign", "local", "global")])
                self._close()
                return [*found, Assign(name[0], None, body, line)]
            found.append(Assign(name[0], self._expression(), line=line))
            scanner.skip_space()
            scanner.take(",")
            scanner.skip_space()
        if not found:
            raise scanner.unexpected("the name of a variable")
        self._close()
        return found

    def _switch(self, line: int) -> list[Statement]:
        """Cases that end with ``<#break>``; falling through to the next case is not supported."""
        value = self._expression()
        self._close()
        ends = [(False, "case"), (False, "default"), (True, "switch")]
        _, end = self._block(ends)
        branches: list[tuple[Expression, list[Statement]]] = []
        otherwise: list[Statement] = []
        while end != "/switch":
            test = Call("equal", (value, self._expression())) if end == "case" else None
            self._close()
            start = self.scanner.position
            body, following = self._block([(False, "break"), *ends])
            if following == "break":
                self._close()
                rest, following = self._block(ends)
                if any(not isinstance(each, Text) or each.text.strip() for each in rest):
                    raise ExpressionError("what stands after <#break> is never reached", start)
            elif following != "/switch" and body:
                raise ExpressionError("the case does not end with <#break>", start)
            if test is None:
                otherwise = body
            else:
                branches.append((test, body))
            end = following
        self._close()
        return [If(branches, otherwise, line)] if branches else otherwise

    def _jump(self, kind: str, line: int) -> list[Statement]:
        if not self.loops:
            raise ExpressionError(f"<#{kind}> stands outside a <#list>", self.scanner.position)
        self._close()
        return [Jump(kind, line)]

    def _stop(self, line: int) -> list[Statement]:
        self.scanner.skip_space()
        reason = Literal("the template stops") if self.scanner.at(">", "/>") else self._expression()
        self._close()
        return [Stop(reason, line)]

    def _ignored(self, line: int) -> list[Statement]:
        """What changes nothing here: the header, and settings of formats."""
        end = self.scanner.text.find(">", self.scanner.position)
        if end < 0:
            raise self.scanner.unexpected("'>'")
        self.scanner.position = end
        self._close()
        return []

    # ---------------------------------------------------------------- pieces

    def _expression(self) -> Expression:
        return Expressions(self.scanner).parse()

    def _names(self) -> tuple[str, ...]:
        names: list[str] = []
        while not names or (len(names) == 1 and self._comma()):
            self.scanner.skip_space()
            name = self.scanner.match(NAME)
            if name is None:
                raise self.scanner.unexpected("the name of a variable")
            names.append(name[0])
        return tuple(names)

    def _comma(self) -> bool:
        self.scanner.skip_space()
        return self.scanner.take(",")

    def _word(self, word: str) -> bool:
        self.scanner.skip_space()
        match = NAME.match(self.scanner.text, self.scanner.position)
        return bool(match and match[0] == word and self.scanner.take(word))

    def _close(self) -> None:
        """The ``>`` of a tag. A line that has nothing but tags leaves no empty line."""
        self.scanner.skip_space()
        self.scanner.take("/")
        self.scanner.expect(">", "'>' or an operator")
        self._skip_line(self.scanner.text.rfind("<", 0, self.scanner.position))

    def _strip_line(self, found: list[Statement], start: int) -> None:
        """Takes the spaces before a tag away when there is nothing else on its line."""
        last = found[-1] if found else None
        if isinstance(last, Text) and self._is_alone(start):
            last.text = _ONLY_SPACE.sub("", last.text) if "\n" in last.text or last.text.isspace() else last.text

    def _skip_line(self, start: int) -> None:
        if self._is_alone(start):
            self.scanner.match(_REST_OF_LINE)

    def _is_alone(self, start: int) -> bool:
        text = self.scanner.text
        begin = text.rfind("\n", 0, start) + 1
        end = text.find("\n", start)
        line = text[begin : end if end >= 0 else len(text)]
        return "${" not in line and not re.sub(r"</?#(?:--.*?--|[^<>]*)>", "", line).strip()


def _tag(closing: bool, name: str) -> str:
    return f"<{'/' if closing else ''}#{name}>"
