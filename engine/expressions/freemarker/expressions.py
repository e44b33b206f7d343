"""The grammar of FreeMarker's expressions (https://freemarker.apache.org/docs/dgui_template_exp.html)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TypeVar

from engine.errors import did_you_mean
from engine.expressions.base import ExpressionError
from engine.expressions.freemarker.builtins import BUILT_INS, LOOP_BUILT_INS
from engine.expressions.freemarker.tree import Call, Condition, Expression, Items, Literal, Members, Variable
from engine.expressions.scanner import Scanner

T = TypeVar("T")

NAME = re.compile(r"[^\W\d][\w$]*")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_STRING = re.compile(r"r'([^']*)'|r\"([^\"]*)\"|'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{1,4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "l": "<", "g": ">", "a": "&"}
_OR = re.compile(r"\|\|?")
_AND = re.compile(r"(?:&amp;){1,2}|&&?(?!lt;|gt;|amp;)")
_EQUALITY = re.compile(r"==?(?!=)|!=")
_ORDER = re.compile(r"(lte|gte|lt|gt)\b|&(lt|gt);(=?)")
_ORDER_IN_PARENTHESES = re.compile(r"(lte|gte|lt|gt)\b|&(lt|gt);(=?)|<=|>=|<|>")
_SUM = re.compile(r"[+-]")
_PRODUCT = re.compile(r"[*/%]")
_BUILT_IN = re.compile(r"\?\s*([A-Za-z_]\w*)")
_CONSTANTS = {"true": True, "false": False}
_WORDS = frozenset({"lt", "gt", "lte", "gte", "as", "in", "using"})
_AFTER_DEFAULT = re.compile(r"[\w'\"(\[{-]")


class Expressions:
    """Recursive descent. ``>`` is an operator in parentheses only: elsewhere it ends a directive."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self.parentheses = 0

    def parse(self) -> Expression:
        """The expression that begins here. Raises ExpressionError."""
        with self.scanner.nested():
            return self._condition(_OR, "or", lambda: self._condition(_AND, "and", self._equality))

    # ---------------------------------------------------------------- operators

    def _condition(self, pattern: re.Pattern[str], operator: str, operand: Callable[[], Expression]) -> Expression:
        terms = [operand()]
        while self._next(pattern):
            terms.append(operand())
        return terms[0] if len(terms) == 1 else Condition(operator, terms)

    def _equality(self) -> Expression:
        left = self._order()
        if match := self._next(_EQUALITY):
            return Call("differ" if match[0] == "!=" else "equal", (left, self._order()))
        return left

    def _order(self) -> Expression:
        left = self._range()
        match = self._next(_ORDER_IN_PARENTHESES if self.parentheses else _ORDER)
        if match is None:
            return left
        word = match[1] or (f"{match[2]}{'e' if match[3] else ''}" if match[2] else _SYMBOLS[match[0]])
        return Call(f"is_{word}", (left, self._range()))

    def _range(self) -> Expression:
        left = self._sum()
        self.scanner.skip_space()
        for symbol, operation in (("..<", "range_below"), ("..!", "range_below"), ("..", "range_to")):
            if self.scanner.take(symbol):
                return Call(operation, (left, self._sum()))
        return left

    def _sum(self) -> Expression:
        left = self._product()
        while match := self._next(_SUM):
            left = Call("add" if match[0] == "+" else "subtract", (left, self._product()))
        return left

    def _product(self) -> Expression:
        left = self._unary()
        while match := self._next(_PRODUCT if not self._at_end_of_tag() else _NEVER):
            left = Call({"*": "multiply", "/": "divide", "%": "modulo"}[match[0]], (left, self._unary()))
        return left

    def _unary(self) -> Expression:
        scanner = self.scanner
        scanner.skip_space()
        with scanner.nested():
            if scanner.at("!") and not scanner.at("!="):
                scanner.take("!")
                return Condition("not", (self._unary(),))
            if scanner.take("-"):
                return Call("subtract", (Literal(0), self._unary()))
            if scanner.take("+"):
                return self._unary()
            return self._postfix(self._primary())

    def _next(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self.scanner.skip_space()
        return self.scanner.match(pattern)

    def _at_end_of_tag(self) -> bool:
        self.scanner.skip_space()
        return self.scanner.at("/>")

    # ---------------------------------------------------------------- values

    def _primary(self) -> Expression:
        scanner = self.scanner
        if (text := self._string()) is not None:
            return text
        if number := scanner.match(_NUMBER):
            return Literal(Decimal(number[0]) if "." in number[0] else int(number[0][:400]))
        if scanner.take("("):
            value = self._inside(self.parse)
            scanner.expect(")", "')' or an operator")
            return value
        if scanner.take("["):
            return Items(self._inside(lambda: list(self._listed("]", self.parse))))
        if scanner.take("{"):
            return Members(self._inside(lambda: list(self._listed("}", self._pair))))
        if scanner.take(".now"):
            return Call("now", ())
        start = scanner.position
        name = scanner.match(NAME)
        if name is None or name[0] in _WORDS:
            scanner.position = start
            raise scanner.unexpected("a value")
        return Literal(_CONSTANTS[name[0]]) if name[0] in _CONSTANTS else Variable(name[0])

    def _string(self) -> Expression | None:
        scanner = self.scanner
        if not scanner.at("'", '"', "r'", 'r"'):
            return None
        start = scanner.position
        match = scanner.match(_STRING)
        if match is None:
            raise ExpressionError(f"the text that starts with {scanner.text[start]} has no end", start)
        if match.lastindex in (1, 2):
            return Literal(match[match.lastindex])
        return self._interpolated(match[match.lastindex or 3] or "", match.start(match.lastindex or 3))

    def _interpolated(self, text: str, offset: int) -> Expression:
        """A text in quotes, with the values of the ``${…}`` inside."""
        parts: list[Expression] = []
        position = 0
        while (start := text.find("${", position)) >= 0:
            inner = Scanner(self.scanner.text[: offset + len(text)], offset + start + 2)
            inner.depth = self.scanner.depth
            value = Expressions(inner).parse()
            inner.expect("}")
            parts += [Literal(_unescaped(text[position:start])), Call("text", (value,))]
            position = inner.position - offset
        rest = Literal(_unescaped(text[position:]))
        return Call("join", [*parts, rest]) if parts else rest

    def _pair(self) -> tuple[Expression, Expression]:
        key = self.parse()
        self.scanner.expect(":")
        return key, self.parse()

    def _inside(self, read: Callable[[], T]) -> T:
        self.parentheses += 1
        try:
            return read()
        finally:
            self.parentheses -= 1

    def _listed(self, end: str, read: Callable[[], T]) -> Iterable[T]:
        scanner = self.scanner
        scanner.skip_space()
        first = True
        while not scanner.take(end):
            if not first:
                scanner.expect(",", f"',' or '{end}'")
            first = False
            yield read()
            scanner.skip_space()

    # ---------------------------------------------------------------- postfix

    def _postfix(self, value: Expression) -> Expression:
        scanner = self.scanner
        while True:
            scanner.skip_space()
            if scanner.take("??"):
                value = Call("exists", (value,))
            elif scanner.at("?"):
                value = self._built_in(value)
            elif scanner.at("!") and not scanner.at("!="):
                scanner.take("!")
                value = self._default(value)
            elif scanner.at(".") and not scanner.at(".."):
                scanner.take(".")
                value = Call("get", (value, Literal(self._member())))
            elif scanner.take("["):
                value = Call("get", (value, self._inside(self.parse)))
                scanner.expect("]")
            else:
                return value

    def _member(self) -> str:
        scanner = self.scanner
        scanner.skip_space()
        prefix = "@@" if scanner.take("@@") else "@" if scanner.take("@") else ""
        if not prefix and scanner.take("*"):
            return "*"
        name = scanner.match(NAME)
        if name is None:
            raise scanner.unexpected("a name", "Write ['a name'] for a name with other characters.")
        return prefix + name[0]

    def _default(self, value: Expression) -> Expression:
        """What follows ``!`` is a whole expression, if one follows."""
        scanner = self.scanner
        start = scanner.position
        scanner.skip_space()
        word = NAME.match(scanner.text, scanner.position)
        if not _AFTER_DEFAULT.match(scanner.text, scanner.position) or (word and word[0] in _WORDS):
            scanner.position = start
            return Call("default", (value, Literal("")))
        return Call("default", (value, self.parse()))

    def _built_in(self, value: Expression) -> Expression:
        scanner = self.scanner
        start = scanner.position
        match = scanner.match(_BUILT_IN)
        if match is None:
            scanner.take("?")
            raise scanner.unexpected("the name of a built-in")
        name = _snake_case(match[1])
        if name in LOOP_BUILT_INS:
            if not isinstance(value, Variable):
                raise ExpressionError(f"?{name} needs the variable of a <#list>", start)
            return Call(f"loop_{name}", (value,))
        if name not in BUILT_INS:
            hint = did_you_mean(name, (*BUILT_INS, *LOOP_BUILT_INS))
            raise ExpressionError(f"the built-in ?{match[1]} is not supported", start, hint)
        arguments: list[Expression] = []
        if scanner.take("("):
            arguments = self._inside(lambda: list(self._listed(")", self.parse)))
        least, most = BUILT_INS[name].arguments
        if not least <= len(arguments) <= most:
            takes = str(least) if least == most else f"{least} to {most}"
            raise ExpressionError(f"?{name} takes {takes} argument(s), not {len(arguments)}", start)
        return Call("built_in", (Literal(name), value, *arguments))


_NEVER = re.compile(r"(?!)")
_SYMBOLS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}


def _unescaped(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPES.get(code, code)

    return _ESCAPE.sub(character, text) if "\\" in text else text


def _snake_case(name: str) -> str:
    """FreeMarker takes ``upperCase`` for ``upper_case``."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: f"_{match[1].lower()}", name)
