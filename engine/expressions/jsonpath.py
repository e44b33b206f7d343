"""``json-eval(path)``: JSONPath in Jayway's dialect.

Plain paths of names and indexes take a direct getter; all others jsonpath-ng, which is imported when first needed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from engine.expressions.base import Expression, ExpressionError
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.json import JsonValue
from engine.message.context import MessageContext

log = logging.getLogger("myelin.expressions")


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()
"""What ``evaluate`` gives when nothing is at the path; its text is empty (trap 1)."""

_STEP = re.compile(r"""\.([A-Za-z_@$][\w@$\-]*)|\[\s*(-?\d+)\s*\]|\[\s*'([^'\\]*)'\s*\]|\[\s*"([^"\\]*)"\s*\]""")
_PROPERTY = re.compile(r"\$ctx:([\w.\-]+?)(?=[.\[]|$)")
_EMBEDDED = re.compile(r"\{\s*\$ctx:([\w.\-]+)\s*\}")

Getter = Callable[[JsonValue], JsonValue]


class JsonPath(Expression):
    """A path, compiled. Raises ExpressionError for text that is no path."""

    __slots__ = ("_getter", "_path", "_property")

    def __init__(self, path: str, *, source: str = "") -> None:
        property_path = _PROPERTY.match(path)
        self._property = property_path[1] if property_path else None
        super().__init__(source or f"json-eval({path})", reads_body=self._property is None)
        self._path = "$" + path[property_path.end() :] if property_path else path
        self._getter = None if _EMBEDDED.search(self._path) else compile_path(self._path)

    def evaluate(self, message: MessageContext) -> JsonValue:
        """The JSON at the path, MISSING when there is none; a list for paths that may match several places."""
        document = self._document(message)
        if document is MISSING:
            return MISSING
        getter = self._getter or compile_path(self._substituted(message))
        return getter(document)

    def text(self, message: MessageContext) -> str:
        """Trap 1: missing is empty, null is ``null``, objects and arrays are compact JSON, ``$`` is the raw text."""
        if self._path == "$" and self._property is None and message.payload.is_structured:
            return message.payload.json_text()
        value = self.evaluate(message)
        if type(value) is str:
            return value
        return "" if value is MISSING else json.text_of(value)

    def truth(self, message: MessageContext) -> bool:
        """Only the text ``true`` holds (trap 16)."""
        return self.text(message).lower() == "true"

    def _document(self, message: MessageContext) -> JsonValue:
        if self._property is not None:
            return _json_property(message.properties.get(self._property))
        payload = message.payload
        if not payload.is_structured:
            if payload.kind != "empty":
                log.warning("%s: %s looks into a %s payload", message.correlation_id, self.source, payload.kind)
            return MISSING
        return payload.json()

    def _substituted(self, message: MessageContext) -> str:
        path = _EMBEDDED.sub(lambda match: str(message.properties.get(match[1], "")), self._path)
        return path


def _json_property(value: Any) -> JsonValue:
    if not isinstance(value, str):
        return MISSING if value is None else value
    try:
        return json.decode(value.encode("utf-8", "surrogatepass"))
    except DecodeError:
        return MISSING


def compile_path(path: str) -> Getter:
    """A function from document to match. Raises ExpressionError."""
    if not path.startswith("$"):
        raise ExpressionError(f"A JSON path begins with '$', this one is '{path}'.", 0, "Write $.name.")
    steps = _plain_steps(path)
    return _direct(steps) if steps is not None else _by_library(path)


def _plain_steps(path: str) -> tuple[str | int, ...] | None:
    steps: list[str | int] = []
    position = 1
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            return None
        name = next((name for name in (match[1], match[3], match[4]) if name is not None), None)
        steps.append(name if name is not None else int(match[2]))
        position = match.end()
    return tuple(steps)


def _direct(steps: tuple[str | int, ...]) -> Getter:
    if len(steps) == 1 and isinstance(steps[0], str):
        only = steps[0]
        return lambda document: document.get(only, MISSING) if type(document) is dict else MISSING

    def get(document: JsonValue) -> JsonValue:
        for step in steps:
            if type(step) is str and type(document) is dict:
                document = document.get(step, MISSING)
            elif type(step) is int and type(document) is list and -len(document) <= step < len(document):
                document = document[step]
            else:
                return MISSING
        return document

    return get


def _by_library(path: str) -> Getter:
    from jsonpath_ng.ext import parse  # slow to import, and plain paths never need it

    length = path.endswith(".length()")
    text = path.removesuffix(".length()").replace("&&", "&")
    if "||" in text:
        raise ExpressionError("'||' in a JSON path filter is not supported.", path.index("||"), "Use two paths.")
    try:
        compiled = parse(text)
    except Exception as error:  # the library raises bare Exception, and errors of its lexer
        raise ExpressionError(f"'{path}' is not a JSON path: {error}", 0) from None
    definite = _is_definite(compiled)

    def find(document: JsonValue) -> JsonValue:
        matches = [match.value for match in compiled.find(document)]
        if not definite:
            return len(matches) if length else matches
        if not matches:
            return MISSING
        return len(matches[0]) if length and isinstance(matches[0], (list, dict, str)) else matches[0]

    return find


def _is_definite(compiled: Any) -> bool:
    """Whether a parsed path can match one place at most: names and single indexes only."""
    kind = type(compiled).__name__
    if kind == "Child":
        return _is_definite(compiled.left) and _is_definite(compiled.right)
    if kind == "Fields":
        return len(compiled.fields) == 1 and compiled.fields[0] != "*"
    if kind == "Index":
        return len(getattr(compiled, "indices", (0,))) == 1
    return kind == "Root"
