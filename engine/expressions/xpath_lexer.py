"""XPath 1.0 text -> tokens with offsets (https://www.w3.org/TR/1999/REC-xpath-19991116/#exprlex)."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from engine.expressions.base import ExpressionError

Kind = Literal["literal", "number", "variable", "name", "symbol", "end"]

_NAME = r"[^\W\d][\w.\-\u00b7]*"
_TOKEN = re.compile(
    rf"""
    (?P<literal>"[^"]*"|'[^']*')
  | (?P<number>\d+(?:\.\d*)?|\.\d+)
  | (?P<variable>\$(?:{_NAME}:[ \t\r\n]*)?{_NAME})
  | (?P<name>{_NAME}(?::(?!:)(?:{_NAME}|\*))?)
  | (?P<symbol>::|\.\.|//|!=|<=|>=|[()\[\]@,./|+\-=<>*])
    """,
    re.VERBOSE,
)
_SPACE = re.compile(r"[ \t\r\n]*")


class Token(NamedTuple):
    """One token; ``text`` is as written, quotes and ``$`` included."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def tokenize(text: str) -> list[Token]:
    """The tokens, with one of kind ``end`` last. Raises ExpressionError at the first character that starts none.

    A quote without its partner ends the expression, as it does in Jaxen (XPathLexer.java): connectors have
    ``$ctx:name'``, and work.
    """
    tokens: list[Token] = []
    position = _after_space(text, 0)
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None and text[position] in "\"'":
            break
        if match is None:
            raise _no_token(text, position)
        tokens.append(Token(_kind(match), match[0], position))
        position = _after_space(text, match.end())
    tokens.append(Token("end", "", position))
    return tokens


def _kind(match: re.Match[str]) -> Kind:
    for kind in ("literal", "number", "variable", "name"):
        if match.lastgroup == kind:
            return kind
    return "symbol"


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _no_token(text: str, position: int) -> ExpressionError:
    character = text[position]
    if character == "$":
        return ExpressionError("a variable name must follow '$'", position)
    hint = "Write 'and' or 'or'." if character == "&" else ""
    return ExpressionError(f"'{character}' cannot stand here in an XPath expression", position, hint)
