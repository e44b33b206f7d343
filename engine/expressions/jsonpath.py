"""``json-eval(path)``: JSONPath over the JSON view of the payload, or over a property that holds JSON."""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from typing import Any

from lxml import etree

from engine.expressions.base import Expression, ExpressionError
from engine.expressions.jsonpath_getter import Getter, compile_path
from engine.expressions.jsonpath_steps import MISSING
from engine.expressions.variables import reader
from engine.expressions.xpath import compile_xpath
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.json import JsonValue
from engine.message.context import MessageContext
from engine.message.convert import xml_to_json
from engine.message.secret_names import MASK, is_secret

log = logging.getLogger("myelin.expressions")

_PROPERTY = re.compile(r"\$(ctx|trp|axis2):([^\s.\[\](){}'\"]+)")
_SUBSTITUTION = re.compile(r"\{\s*((?:\$[A-Za-z][\w.-]*:|json-eval\(|[A-Za-z][\w-]*(?::[\w-]+)?\()[^{}]*?)\s*\}")
_SUBSTITUTED_PATHS = 512
"""Paths kept compiled that were made by ``{expression}``."""

_recompiled = lru_cache(maxsize=_SUBSTITUTED_PATHS)(compile_path)


class JsonPath(Expression):
    """A compiled ``json-eval()``.

    ``json-eval($ctx:name.path)`` reads the JSON, text or value, of a property whose name ends at the first dot or
    bracket; ``$trp:`` and ``$axis2:`` work the same. ``{expression}`` inside a path, XPath or json-eval, is replaced by
    its text at run time. A dot at the end is ignored, as in Synapse.
    """

    __slots__ = ("_getter", "_is_whole", "_path", "_pieces", "_property", "_read")

    def __init__(self, path: str, source: str = "") -> None:
        prefix = _PROPERTY.match(path)
        self._property = prefix[0][1:] if prefix else None
        self._read = reader(prefix[1], prefix[2]) if prefix else None
        self._path = f"${path[prefix.end() :]}" if prefix else path
        if len(self._path) > 1 and not self._path.endswith(".."):
            self._path = self._path.removesuffix(".")
        self._is_whole = self._path == "$"
        shift = prefix.end() - 1 if prefix else 0
        self._pieces = _pieces(self._path, shift)
        inner = [each for each in self._pieces if isinstance(each, Expression)]
        reads_body = self._read is None or any(each.reads_body for each in inner)
        super().__init__(source or f"json-eval({path})", reads_body=reads_body)
        self._getter = None if inner else self._compiled(shift)

    def evaluate(self, message: MessageContext) -> JsonValue:
        """The JSON value (None is null), MISSING when there is none, an array for a path that may match several.

        Raises Fault when the payload is not the JSON or XML it claims to be.
        """
        payload = message.payload
        if self._read is not None:
            document = self._from_property(self._read(message))
        elif payload.is_structured:
            document = payload.json()
        else:
            log.warning("%s: the payload (%s) has no JSON to look into", self.source, payload.kind)
            return MISSING
        getter = self._getter or self._substituted(message)
        return getter(document) if getter is not None and document is not MISSING else MISSING

    def text(self, message: MessageContext) -> str:
        """Missing is ``""``, null is ``null``, objects and arrays are compact JSON, ``$`` the raw text (trap 1)."""
        if self._is_whole:
            raw = self._raw_text(message)
            if raw is not None:
                return raw
        value = self.evaluate(message)
        if type(value) is str:
            return value
        return "" if value is MISSING else json.text_of(value)

    def truth(self, message: MessageContext) -> bool:
        """Only the text ``true`` in any case is true (Synapse trap 16)."""
        return self.text(message).lower() == "true"

    def path(self, message: MessageContext) -> str:
        """The path as text, with the values of the expressions in it put in."""
        return "".join([each if isinstance(each, str) else each.text(message) or "" for each in self._pieces])

    def _compiled(self, shift: int) -> Getter:
        try:
            return compile_path(self._path)
        except ExpressionError as error:
            raise ExpressionError(error.message, error.offset + shift, error.hint) from None

    def _substituted(self, message: MessageContext) -> Getter | None:
        path = self.path(message)
        try:
            return _recompiled(path)
        except ExpressionError as error:
            log.warning(
                "%s became %s, which is no path: %s", self.source, MASK if is_secret(self.source) else path, error
            )
            return None

    def _raw_text(self, message: MessageContext) -> str | None:
        """The whole document as the text it came in; None when there is no such text."""
        if self._read is not None:
            value = self._read(message)
            return value if isinstance(value, str) else None
        return message.payload.json_text() if message.payload.is_structured else None

    def _from_property(self, value: Any) -> JsonValue:
        if isinstance(value, etree._Element):
            return xml_to_json(value)
        if not isinstance(value, str):
            return MISSING if value is None else value
        try:
            return json.decode(value.encode("utf-8", "replace"))
        except DecodeError as error:
            log.warning("%s: the property '%s' is %s", self.source, self._property, error)
            return MISSING


def _pieces(path: str, shift: int) -> list[str | Expression]:
    """The path's own text, and the expressions in braces. Raises ExpressionError, with offsets moved by ``shift``."""
    pieces: list[str | Expression] = []
    position = 0
    for match in _SUBSTITUTION.finditer(path):
        inner = match[1]
        try:
            is_json = inner.startswith("json-eval(") and inner.endswith(")")
            expression = JsonPath(inner[len("json-eval(") : -1], inner) if is_json else compile_xpath(inner, {})
        except ExpressionError as error:
            raise ExpressionError(error.message, match.start(1) + shift + error.offset, error.hint) from None
        pieces += [path[position : match.start()], expression]
        position = match.end()
    return [*pieces, path[position:]]
