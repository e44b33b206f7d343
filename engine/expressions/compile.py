"""The one entrance: the text of an ``expression`` attribute -> a compiled expression."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import xpath2
from engine.expressions.base import Expression, ExpressionError
from engine.expressions.jsonpath import JsonPath
from engine.expressions.synapse import OPENING, SynapseExpression
from engine.expressions.xpath import compile_xpath

_JSON_EVAL = "json-eval("


def compile_expression(text: str, namespaces: Mapping[str, str], place: str = "") -> Expression:
    """Compile ``${…}``, ``json-eval(path)``, or XPath with the prefixes of ``namespaces``.

    ``place`` is where the text is written, for the log. Raises ExpressionError with the offset in ``text`` of the first
    wrong character.
    """
    stripped = text.strip()
    start = len(text) - len(text.lstrip())
    if not stripped:
        raise ExpressionError("the expression is empty", start)
    try:
        return _compile(stripped, namespaces, place)
    except ExpressionError as error:
        raise ExpressionError(error.message, start + error.offset, error.hint) from None


def compile_json_path(text: str) -> Expression:
    """Compile a JSONPath with or without ``json-eval()`` around it, as ``evaluator="json"`` allows.

    Raises ExpressionError.
    """
    return _json_eval(text) if text.startswith(_JSON_EVAL) else JsonPath(text)


def _compile(text: str, namespaces: Mapping[str, str], place: str) -> Expression:
    if text.startswith(OPENING):
        return SynapseExpression(text, namespaces, place)
    return _json_eval(text) if text.startswith(_JSON_EVAL) else _xpath(text, namespaces)


def _xpath(text: str, namespaces: Mapping[str, str]) -> Expression:
    """XPath 1.0; else XPath 2.0, where elementpath is installed. The mistake told is that in XPath 1.0."""
    try:
        return compile_xpath(text, namespaces)
    except ExpressionError as error:
        if not xpath2.is_available():
            error.hint = error.hint or xpath2.HINT
            raise
        try:
            return xpath2.XPath2(text, namespaces)
        except ExpressionError:
            pass
        raise


def _json_eval(text: str) -> JsonPath:
    if not text.endswith(")"):
        raise ExpressionError("json-eval( has no closing parenthesis", len(text))
    inner = text[len(_JSON_EVAL) : -1]
    path = inner.strip()
    start = len(_JSON_EVAL) + len(inner) - len(inner.lstrip())
    try:
        return JsonPath(path, source=text)
    except ExpressionError as error:
        raise ExpressionError(error.message, start + error.offset, error.hint) from None
