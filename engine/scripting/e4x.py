"""XML in JavaScript (E4X, ECMA-357) -> calls of the library in ``e4x.js``.

    mc.setPayloadXML(<a><b>{value}</b></a>)   ->  mc.setPayloadXML(XML.literal("<a><b>"+XML.content(value)+"</b></a>"))
    payload..*::last                          ->  XML.descendants(payload, "{*}last")   (as a method call on the value)
    payload.item.@id                          ->  payload.item["@id"]
    payload.items += <item/>                  ->  payload.items = XML.add(payload.items, XML.literal("<item/>"))
    for each (var x in xs)                    ->  for (var x of XML.each(xs))

Lines keep their numbers. What is not translated (``default xml namespace``, ``x.(condition)``) is an error that names
its line.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

_WORD = re.compile(r"[A-Za-z_$\u00aa-\uffff][\w$]*")
_NUMBER = re.compile(r"(?:0[xXbBoO][\da-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)n?")
_STRING = re.compile(r'"(?:[^"\\\n]|\\(?:\r\n|[\s\S]))*"|\'(?:[^\'\\\n]|\\(?:\r\n|[\s\S]))*\'|`(?:[^`\\]|\\[\s\S])*`')
_SPACE = re.compile(r"(?:\s|//[^\n]*|/\*[\s\S]*?\*/)+")
_REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*")
_TAG_NAME = re.compile(r"[A-Za-z_][\w.\-]*(?::[A-Za-z_][\w.\-]*)?:?")
_BEFORE_VALUE = frozenset(
    {"return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "instanceof"}
)
_VALUE_ENDS = frozenset({")", "]"})

_HINT = re.compile(
    r"\.\.|\.@|::|\.\*|<[A-Za-z_>{]|\bfor\s+each\b|\bxml\s+namespace\b|\bXML(?:List)?\b|PayloadXML|EnvelopeXML"
)
_MEMBER = re.compile(r"(\.\.|\.)(\s*)(@?)\s*(?:(\*|[A-Za-z_$][\w$]*)\s*::\s*)?(\*|[A-Za-z_$][\w$]*)?")
_FILTER = re.compile(r"\.\s*\(")
_FOR_EACH = re.compile(r"for(\s+)each(\s*)\(")
_FOR_EACH_HEAD = re.compile(r"\s*((?:var\s+|let\s+|const\s+)?[\w$]+)(\s+)in(\s+)")
_DEFAULT_NAMESPACE = re.compile(r"default\s+xml\s+namespace")
_LITERAL = re.compile(r"<(?:[A-Za-z_{]|>)")
_MARKUP = re.compile(r"<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>")

Kind = Literal["word", "number", "string", "regex", "punctuation"]


class E4xError(ValueError):
    """The script uses XML in a way that is not translated; ``offset`` is where."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


def uses_xml(source: str) -> bool:
    """Whether the script may need XML values; True costs time only."""
    return _HINT.search(source) is not None


def translate(source: str) -> str:
    """JavaScript without E4X syntax, line for line. Raises E4xError."""
    if not uses_xml(source):
        return source
    return _Translator(source).run()


@dataclass(slots=True)
class _Token:
    """The last thing that counts, to tell a value from an operator."""

    kind: Kind
    text: str
    out: int
    """Where it begins in the output."""


class _Translator:
    """One pass over the text. ``out`` is the translation so far, ``pos`` the next character."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.pos = 0
        self.out: list[str] = []
        self.length = 0
        self.last: _Token | None = None
        self.before: _Token | None = None
        self.starts: list[int] = []
        """Where in ``out`` the member expression that is being read began (an index of pieces), innermost last."""
        self.expression = 0

    def run(self, end: str = "") -> str:
        """Translate up to the bracket ``end`` that matches nothing inside, or to the end of the text."""
        depth = 0
        while self.pos < len(self.source):
            if not depth and end and self.source.startswith(end, self.pos):
                return "".join(self.out)
            char = self.source[self.pos]
            if char in "({[":
                depth += 1
            elif char in ")}]":
                depth -= 1
            self.step()
        if end:
            raise E4xError(f"'{end}' is missing", len(self.source))
        return "".join(self.out)

    def step(self) -> None:
        source, pos = self.source, self.pos
        if match := _SPACE.match(source, pos):
            self.emit(match[0], None)
        elif match := _STRING.match(source, pos):
            self.emit(match[0], "string")
        elif source[pos] == "<" and not self.after_value() and _LITERAL.match(source, pos):
            self.literal()
        elif source[pos] == "/" and not self.after_value() and (match := _REGEX.match(source, pos)):
            self.emit(match[0], "regex")
        elif match := _WORD.match(source, pos):
            self.word(match[0])
        elif source[pos] == "." and self.after_value():
            self.member()
        elif match := _NUMBER.match(source, pos):
            self.emit(match[0], "number")
        elif source.startswith("+=", pos):
            self.append()
        else:
            self.emit(source[pos], "punctuation")

    # ---------------------------------------------------------------- pieces

    def emit(self, text: str, kind: Kind | None, written: str | None = None) -> None:
        """Take ``text`` from the source, writing ``written`` for it; None is white space."""
        if kind is not None:
            starts_value = not self.after_value()
            if kind == "punctuation" and text in _VALUE_ENDS and self.starts:
                self.expression = self.starts.pop()
            elif kind == "punctuation" and text in ("(", "["):
                self.starts.append(self.expression if self.after_value() else len(self.out))
            elif kind != "punctuation" and starts_value and not (self.last and self.last.text == "."):
                self.expression = len(self.out)
            self.before, self.last = self.last, _Token(kind, text, len(self.out))
        self.out.append(text if written is None else written)
        self.pos += len(text)

    def after_value(self) -> bool:
        last = self.last
        if last is None:
            return False
        if last.kind == "punctuation":
            return last.text in _VALUE_ENDS
        return last.kind != "word" or last.text not in _BEFORE_VALUE

    def word(self, word: str) -> None:
        if word == "for" and (match := _FOR_EACH.match(self.source, self.pos)):
            self.for_each(match)
        elif word == "default" and _DEFAULT_NAMESPACE.match(self.source, self.pos):
            raise E4xError("'default xml namespace' is not translated; write xmlns in the literals", self.pos)
        else:
            self.emit(word, "word")

    def for_each(self, match: re.Match[str]) -> None:
        found = _FOR_EACH_HEAD.match(self.source, match.end())
        if found is None:
            raise E4xError("'for each' needs (NAME in VALUES)", self.pos)
        newlines = "\n" * self.source.count("\n", self.pos, found.end())
        self.pos = found.end()
        inner = self.nested(")")
        self.out.append(f"for ({found[1]} of XML.each({inner})){newlines}")
        self.pos += 1
        self.before, self.last = None, None

    def nested(self, end: str) -> str:
        """The translation of what follows up to ``end``, which is not taken."""
        inner = _Translator(self.source)
        inner.pos = self.pos
        translated = inner.run(end)
        self.pos = inner.pos
        return translated

    # ---------------------------------------------------------------- members

    def member(self) -> None:
        """``..name``, ``.@name``, ``.*``, ``.ns::name``; an ordinary dot otherwise."""
        source, pos = self.source, self.pos
        match = _MEMBER.match(source, pos)
        assert match is not None  # it begins with a dot
        dots, _, at, namespace, local = match.groups()
        if dots == "." and _FILTER.match(source, pos):
            raise E4xError("the filter .(…) is not translated; use a loop", pos)
        if dots == ".." and local is None:
            raise E4xError("a name is missing after '..'", pos)
        if dots == "." and not at and namespace is None and local != "*":
            self.emit(".", "punctuation")
            return
        if local is None:
            raise E4xError("a name is missing after '.@'; write [\"@name\"]", pos)
        key = self.key(at, namespace, local)
        newlines = "\n" * match[0].count("\n")
        if dots == ".":
            self.emit(match[0], "word", f"[{key}]{newlines}")
        else:
            start = self.expression
            self.out.insert(start, "XML.descendants(")
            self.emit(match[0], "word", f", {key}){newlines}")
            self.expression = start

    @staticmethod
    def key(at: str, namespace: str | None, local: str) -> str:
        if namespace == "*":
            return json.dumps(f"{at}{{*}}{local}")
        if namespace is not None:
            return f'"{at}" + XML.qualified({namespace}, {json.dumps(local)})'
        return json.dumps(at + local)

    def append(self) -> None:
        """``+=`` before an XML literal; an ordinary one otherwise."""
        space = _SPACE.match(self.source, self.pos + 2)
        after = space.end() if space else self.pos + 2
        if not _LITERAL.match(self.source, after):
            self.emit("+", "punctuation")
            self.emit("=", "punctuation")
            return
        target = "".join(self.out[self.expression :]).strip()
        self.emit("+=", "punctuation", f"= XML.add({target}, ")
        if space:
            self.emit(space[0], None)
        self.literal()
        self.out.append(")")

    # ---------------------------------------------------------------- literals

    def literal(self) -> None:
        start = self.pos
        parts = _Literal(self).read()
        newlines = "\n" * self.source.count("\n", start, self.pos)
        function = "list" if self.source.startswith("<>", start) else "literal"
        self.expression = len(self.out)
        self.out.append(f"XML.{function}({'+'.join(parts)}){newlines}")
        self.before, self.last = self.last, _Token("string", "<>", len(self.out))


class _Literal:
    """Reads one XML literal as pieces of a JavaScript expression that makes its text."""

    def __init__(self, translator: _Translator) -> None:
        self.translator = translator
        self.source = translator.source
        self.start = translator.pos
        self.parts: list[str] = []
        self.text = ""

    def read(self) -> list[str]:
        self.element()
        self.flush()
        return self.parts

    def element(self) -> None:
        """From ``<`` to the end of the element."""
        if self.take("<>"):
            self.content()
            self.expect("</>")
            return
        self.copy(1)
        self.tag_name()
        while not self.at("/>") and not self.at(">"):
            self.attribute_part()
        if self.at("/>"):
            self.copy(2)
            return
        self.copy(1)
        self.content()
        self.expect("</", keep=True)
        self.tag_name()
        while self.peek().isspace():
            self.copy(1)
        self.expect(">", keep=True)

    def tag_name(self) -> None:
        """A name, part of which may be computed."""
        while True:
            match = _TAG_NAME.match(self.source, self.translator.pos)
            if match:
                self.copy(len(match[0]))
            elif self.at("{"):
                self.expression("({})")
            else:
                return

    def attribute_part(self) -> None:
        char = self.peek()
        if char in "\"'":
            end = self.source.find(char, self.translator.pos + 1)
            if end < 0:
                raise self.unclosed()
            self.copy(end + 1 - self.translator.pos)
        elif char == "{":
            self.expression("XML.attribute({})")
        elif not char:
            raise self.unclosed()
        else:
            self.copy(1)

    def content(self) -> None:
        while not self.at("</"):
            if match := _MARKUP.match(self.source, self.translator.pos):
                self.copy(len(match[0]))
            elif self.at("<"):
                self.element()
            elif self.at("{"):
                self.expression("XML.content({})")
            elif self.peek():
                self.copy(1)
            else:
                raise self.unclosed()

    def expression(self, form: str) -> None:
        """``{…}`` inside a literal."""
        self.flush()
        self.translator.pos += 1
        self.parts.append(form.replace("{}", self.translator.nested("}").strip()))
        self.translator.pos += 1

    # ---------------------------------------------------------------- text

    def at(self, text: str) -> bool:
        return self.source.startswith(text, self.translator.pos)

    def peek(self) -> str:
        return self.source[self.translator.pos : self.translator.pos + 1]

    def take(self, text: str) -> bool:
        if self.at(text):
            self.translator.pos += len(text)
            return True
        return False

    def expect(self, text: str, keep: bool = False) -> None:
        if not self.at(text):
            raise self.unclosed()
        if keep:
            self.copy(len(text))
        else:
            self.translator.pos += len(text)

    def copy(self, length: int) -> None:
        self.text += self.source[self.translator.pos : self.translator.pos + length]
        self.translator.pos += length

    def flush(self) -> None:
        if self.text or not self.parts:
            self.parts.append(json.dumps(self.text))
            self.text = ""

    def unclosed(self) -> E4xError:
        return E4xError("an XML literal is not closed", self.start)
