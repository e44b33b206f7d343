"""``${…}``: the expression language of WSO2 MI 4.4 and later, one expression for headers, payload and variables."""

from __future__ import annotations

import logging
import re
from typing import Any

from engine.expressions.base import Expression, ExpressionError
from engine.expressions.scanner import Scanner
from engine.expressions.synapse_nodes import Namespaces, Node
from engine.expressions.synapse_parser import parse_expression
from engine.expressions.synapse_values import EvaluationError, text_of
from engine.expressions.values import argument_of
from engine.message.context import MessageContext
from engine.message.secret_names import MASK, is_secret

log = logging.getLogger("myelin.expressions")

OPENING = "${"

_VALUES = re.compile(r"'.*'", re.DOTALL)


class SynapseExpression(Expression):
    """One ``${…}``. An expression that has no value for a message is logged with its column, and is ``""``."""

    __slots__ = ("_root", "place")

    def __init__(self, text: str, namespaces: Namespaces, place: str = "") -> None:
        """``text`` with its ``${`` and ``}``; ``place`` is where it is written, for the log. Raises ExpressionError."""
        scanner = Scanner(text[:-1] if text.endswith("}") else text)
        root = _root(scanner, namespaces)
        if not scanner.at_end:
            raise scanner.unexpected("an operator or the end")
        if not text.endswith("}"):
            raise ExpressionError("the expression has no closing brace", len(text))
        super().__init__(text, reads_body=root.reads_body)
        self._root: Node = root
        self.place: str = place

    def evaluate(self, message: MessageContext) -> Any:
        """A JSON value, an XML element or a list of nodes; ``""`` for null and after an error.

        Raises Fault when the payload cannot be read.
        """
        try:
            value = self._root.result(message)
        except EvaluationError as error:
            return self._failed(error)
        return "" if value is None else value

    def text(self, message: MessageContext) -> str:
        """The value as text; ``""`` for null and after an error. Raises Fault as ``evaluate`` does."""
        try:
            return text_of(self._root.evaluate(message))
        except EvaluationError as error:
            return self._failed(error)

    def truth(self, message: MessageContext) -> bool:
        """Only the text ``true`` in any case is true (Synapse trap 16)."""
        return self.text(message).lower() == "true"

    def argument(self, message: MessageContext) -> Any:
        return argument_of(self.evaluate(message))

    def _failed(self, error: EvaluationError) -> str:
        place = f"{self.place}: " if self.place else ""
        column = (error.offset or 0) + 1
        reason = _VALUES.sub(f"'{MASK}'", error.message) if is_secret(self.source) else error.message
        log.warning("%s%s has no value: %s (column %d of it)", place, self.source, reason, column)
        return ""


def expression_at(text: str, start: int, namespaces: Namespaces, place: str = "") -> tuple[SynapseExpression, int]:
    """The ``${…}`` that begins at ``start`` of a longer text, and the offset after it. Raises ExpressionError."""
    scanner = Scanner(text, start)
    _root(scanner, namespaces)
    if not scanner.take("}"):
        raise scanner.unexpected("an operator or '}'")
    return SynapseExpression(text[start : scanner.position], namespaces, place), scanner.position


def _root(scanner: Scanner, namespaces: Namespaces) -> Node:
    """The expression after ``${``, to its end or to its closing brace."""
    scanner.take(OPENING)
    start = scanner.position
    scanner.skip_space()
    if scanner.at_end or scanner.at("}"):
        raise ExpressionError("the expression is empty", start)
    root = parse_expression(scanner, namespaces)
    scanner.skip_space()
    return root
