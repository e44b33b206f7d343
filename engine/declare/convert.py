"""Text of a file -> the type that the field's annotation names."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NewType

from engine.expressions.base import Expression, ExpressionError
from engine.expressions.compile import compile_expression
from engine.expressions.dynamic import Value, parse_value
from engine.expressions.text_template import TextTemplate, parse_text
from engine.expressions.uri_template import UriTemplate
from engine.message.pattern import Pattern, compile_pattern
from engine.source import Element

Duration = NewType("Duration", float)
"""Seconds. Written in milliseconds, as Synapse does."""

NOT_SET: Any = object()
"""What a converter gives for a text that says that there is no value: the field has its default."""

Regex = Pattern

PathExpression = NewType("PathExpression", Expression)
"""An expression that is a JSON path without ``json-eval(…)`` when the attribute ``evaluator`` says json."""

CustomText = NewType("CustomText", object)
"""An Expression where the attribute ``type`` says custom or is missing, the text itself elsewhere."""

Paths = NewType("Paths", tuple[Expression, ...])
"""One expression, or several JSON paths with commas between them inside ``json-eval(…)``."""

_JSON_EVAL = "json-eval("


class Unacceptable(ValueError):
    """The text is no value of the type. ``offset`` is the first wrong character.

    When a whole element is refused, ``child`` may name the child element in whose text the offset counts.
    """

    def __init__(
        self, message: str, *, code: str = "bad-value", offset: int = 0, hint: str = "", child: str = ""
    ) -> None:
        super().__init__(message)
        self.child = child
        self.code = code
        self.message = message
        self.offset = offset
        self.hint = hint


@dataclass(frozen=True, slots=True)
class QName:
    """A name with its namespace: ``prefix:local`` resolved where it stands. No prefix = no namespace."""

    namespace: str
    local: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class ScopedText:
    """A text as it is written, and the prefixes in scope there, for what will be compiled from it later."""

    text: str = ""
    prefixes: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text


_WHOLE_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,18}\s*")

Converter = Callable[[str, Element], Any]


def _text(text: str, element: Element) -> str:
    return text


def _boolean(text: str, element: Element) -> bool:
    if text.strip().lower() not in ("true", "false"):
        raise Unacceptable(f"'{text}' is neither true nor false.")
    return text.strip().lower() == "true"


def _integer(text: str, element: Element) -> int:
    # int() alone would take 1_000 and the digits of every script.
    if not _WHOLE_NUMBER.fullmatch(text):
        raise Unacceptable(f"'{text}' is not a whole number.")
    return int(text)


def _float(text: str, element: Element) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if "_" in text or not math.isfinite(number):
        raise Unacceptable(f"'{text}' is not a number.")
    return number


def _duration(text: str, element: Element) -> Any:
    if not _WHOLE_NUMBER.fullmatch(text):
        raise Unacceptable(f"'{text}' is not a number of milliseconds.")
    if int(text) == -1:
        return NOT_SET  # editors write it so (SuspendOnFailure of the reference's tools)
    if int(text) < 0:
        raise Unacceptable("A duration cannot be negative.")
    return Duration(int(text) / 1000)


def _regex(text: str, element: Element) -> Regex:
    try:
        return compile_pattern(text)
    except re.error as error:
        raise Unacceptable(f"Not a regular expression: {error.msg}.", offset=error.pos or 0) from None


def _expression(text: str, element: Element) -> Expression:
    try:
        return compile_expression(text, prefixes_of(element), str(element.where))
    except ExpressionError as error:
        raise _bad_expression(error) from None


def _path_expression(text: str, element: Element) -> Expression:
    if element.attributes.get("evaluator") != "json" or text.lstrip().startswith(_JSON_EVAL):
        return _expression(text, element)
    try:
        return _expression(f"{_JSON_EVAL}{text})", element)
    except Unacceptable as error:
        offset = min(max(0, error.offset - len(_JSON_EVAL)), len(text))
        raise Unacceptable(error.message, code=error.code, offset=offset, hint=error.hint) from None


def _custom_text(text: str, element: Element) -> Expression | str:
    is_custom = element.attributes.get("type", "custom").strip().lower() == "custom"
    return _expression(text, element) if is_custom else text


_COMMA = re.compile(r",(?![^\[(]*[\])])")


def _paths(text: str, element: Element) -> tuple[Expression, ...]:
    stripped = text.strip()
    if not (stripped.startswith(_JSON_EVAL) and stripped.endswith(")") and "," in stripped):
        return (_expression(text, element),)
    paths = _COMMA.split(stripped[len(_JSON_EVAL) : -1])
    return tuple(_expression(f"{_JSON_EVAL}{path.strip()})", element) for path in paths)


def _value(text: str, element: Element) -> Value:
    try:
        return parse_value(text, prefixes_of(element), str(element.where))
    except ExpressionError as error:
        raise _bad_expression(error) from None


def _text_template(text: str, element: Element) -> TextTemplate:
    try:
        return parse_text(text, prefixes_of(element), str(element.where))
    except ExpressionError as error:
        raise _bad_expression(error) from None


def _uri_template(text: str, element: Element) -> UriTemplate:
    try:
        return UriTemplate(text)
    except ExpressionError as error:
        raise _bad_expression(error) from None


def _qname(text: str, element: Element) -> QName:
    prefix, colon, local = text.rpartition(":")
    if not colon:
        return QName("", text)
    namespace = element.namespaces.get(prefix)
    if namespace is None:
        raise Unacceptable(f"The prefix '{prefix}' is not declared here.", hint=f'Add xmlns:{prefix}="…".')
    return QName(namespace, local, prefix)


def _bad_expression(error: ExpressionError) -> Unacceptable:
    message = error.message if error.message.endswith((".", "?")) else f"{error.message}."
    return Unacceptable(message, code="bad-expression", offset=error.offset, hint=error.hint)


def prefixes_of(element: Element) -> dict[str, str]:
    """The prefixes in scope; XPath 1.0 knows no default namespace (trap 11)."""
    return {prefix: uri for prefix, uri in element.namespaces.items() if prefix}


CONVERTERS: dict[Any, Converter] = {
    str: _text,
    bool: _boolean,
    int: _integer,
    float: _float,
    Duration: _duration,
    Regex: _regex,
    Expression: _expression,
    PathExpression: _path_expression,
    Paths: _paths,
    CustomText: _custom_text,
    Value: _value,
    TextTemplate: _text_template,
    ScopedText: lambda text, element: ScopedText(text, prefixes_of(element)),
    UriTemplate: _uri_template,
    QName: _qname,
}

TYPE_NAMES: dict[Any, str] = {
    str: "text",
    bool: "true / false",
    int: "whole number",
    float: "number",
    Duration: "milliseconds",
    Regex: "regular expression",
    Expression: "expression",
    PathExpression: "expression, or JSON path",
    Paths: "expression",
    CustomText: "expression, or text",
    Value: "text or `{expression}`",
    TextTemplate: "text, with `${expression}` inside",
    ScopedText: "text",
    UriTemplate: "URI template",
    QName: "name, with prefix",
}
"""How the reference calls the types."""
