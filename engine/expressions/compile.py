"""Text -> compiled expression: which language it is shows at its beginning."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions.base import Expression, ExpressionError
from engine.expressions.jsonpath import JsonPath
from engine.expressions.xpath import compile_xpath

_JSON_EVAL = "json-eval("


def compile_expression(text: str, namespaces: Mapping[str, str]) -> Expression:
    """``json-eval(…)`` or XPath 1.0. ``namespaces`` are the prefixes in scope.

    Raises ExpressionError with the offset of the first wrong character.
    """
    stripped = text.strip()
    start = len(text) - len(text.lstrip())
    if not stripped:
        raise ExpressionError("The expression is empty.", start)
    try:
        if stripped.startswith("${"):
            raise ExpressionError(
                "The ${…} expression language is not supported yet.", 0, "Use json-eval(…), XPath or $ctx:name."
            )
        if stripped.startswith(_JSON_EVAL):
            return _json_eval(stripped)
        return compile_xpath(stripped, namespaces)
    except ExpressionError as error:
        raise ExpressionError(error.message, start + error.offset, error.hint) from None


def _json_eval(text: str) -> Expression:
    if not text.endswith(")"):
        raise ExpressionError("json-eval( is not closed.", len(text), "Add ')'.")
    inner = text[len(_JSON_EVAL) : -1]
    try:
        return JsonPath(inner.strip(), source=text)
    except ExpressionError as error:
        offset = len(_JSON_EVAL) + len(inner) - len(inner.lstrip()) + error.offset
        raise ExpressionError(error.message, offset, error.hint) from None
