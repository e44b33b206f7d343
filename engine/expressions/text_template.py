"""Texts with ``${…}`` inside: ``Order ${payload.id} from ${headers.host}``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from engine.expressions.base import Expression
from engine.expressions.synapse import OPENING, SynapseExpression, expression_at
from engine.message.context import MessageContext

Piece = str | SynapseExpression


def split(text: str, namespaces: Mapping[str, str], place: str = "") -> list[Piece]:
    """The plain texts and the expressions, in order. Raises ExpressionError with the offset in ``text``."""
    pieces: list[Piece] = []
    position = 0
    while (start := text.find(OPENING, position)) >= 0:
        expression, end = expression_at(text, start, namespaces, place)
        pieces += [text[position:start], expression] if start > position else [expression]
        position = end
    return [*pieces, text[position:]] if position < len(text) else pieces


class TextTemplate(Expression):
    """A text whose expressions are evaluated for each message; one without a value is empty."""

    __slots__ = ("pieces",)

    def __init__(self, source: str, pieces: Sequence[Piece]) -> None:
        super().__init__(source, reads_body=any(isinstance(each, Expression) and each.reads_body for each in pieces))
        self.pieces = tuple(pieces)

    def evaluate(self, message: MessageContext) -> str:
        return self.text(message)

    def text(self, message: MessageContext) -> str:
        """Raises Fault when the payload cannot be read."""
        return "".join([each if isinstance(each, str) else each.text(message) for each in self.pieces])

    def truth(self, message: MessageContext) -> bool:
        return self.text(message).lower() == "true"


def parse_text(text: str, namespaces: Mapping[str, str], place: str = "") -> TextTemplate:
    """Compile a text. Raises ExpressionError with the offset in it."""
    return TextTemplate(text, split(text, namespaces, place))


# A text serialised from XML: the expressions in it are escaped, and end at the first brace.
_IN_XML = re.compile(r"\$\{([^}]+)\}")
_ENTITY = re.compile(r"&(lt|gt|amp|quot|apos);")
_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


def split_xml(text: str, namespaces: Mapping[str, str], place: str = "") -> list[Piece]:
    """The same for XML text. Raises ExpressionError with the offset in the expression."""
    pieces: list[Piece] = []
    position = 0
    for match in _IN_XML.finditer(text):
        expression = _ENTITY.sub(lambda entity: _CHARACTERS[entity[1]], match[0])
        pieces += [text[position : match.start()], SynapseExpression(expression, namespaces, place)]
        position = match.end()
    return [*pieces, text[position:]]
