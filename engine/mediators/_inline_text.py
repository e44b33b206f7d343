"""Texts with expressions in braces inside: ``{"name": {json-eval($.a)}}`` (Synapse's InlineExpressionUtil)."""

from __future__ import annotations

import re

from engine.declare.convert import Unacceptable
from engine.expressions.base import Expression, ExpressionError
from engine.expressions.compile import compile_expression
from engine.message.codecs import json, xml
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext

# No white space, quotes, commas, angle brackets or closing brackets: what tells an expression from JSON.
_EXPRESSION = re.compile(r"\$?\{[^\s\",<>}\]]+\}")


class InlineText:
    """A text that is filled in for each message.

    A value that is neither XML nor JSON gets quotes, unless it stands in quotes already. Raises Unacceptable for an
    expression that cannot be compiled; no prefixes are known inside.
    """

    def __init__(self, text: str) -> None:
        self._pieces: list[str | tuple[Expression, bool]] = []
        position = 0
        for match in _EXPRESSION.finditer(text):
            quoted = text[match.start() - 1 : match.start()] == '"' == text[match.end() : match.end() + 1]
            self._pieces += [text[position : match.start()], (_compiled(match[0]), quoted)]
            position = match.end()
        self._pieces.append(text[position:])

    @property
    def is_static(self) -> bool:
        return len(self._pieces) == 1

    def render(self, message: MessageContext) -> str:
        """The text for a message. Raises Fault as expressions do."""
        pieces = []
        for piece in self._pieces:
            if isinstance(piece, str):
                pieces.append(piece)
            else:
                expression, quoted = piece
                pieces.append(_quoted(expression.text(message) or "", quoted))
        return "".join(pieces)


def _compiled(text: str) -> Expression:
    try:
        return compile_expression(text if text.startswith("$") else text[1:-1], {})
    except ExpressionError as error:
        raise Unacceptable(f"{text}: {error.message}", code="bad-expression", hint=error.hint) from None


def _quoted(value: str, quoted: bool) -> str:
    if quoted or _is_structured(value):
        return value
    return json.encode(value).decode()


def _is_structured(value: str) -> bool:
    for decode in (json.decode, xml.decode):
        try:
            decode(value.encode("utf-8", "replace"))
        except DecodeError:
            continue
        return True
    return False
