"""Running an XQuery on Saxon, with typed external variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.declare.convert import Unacceptable
from engine.expressions.values import java_double
from engine.mediators import _saxon
from engine.message.codecs import xml

_BITS = {"BYTE": 8, "SHORT": 16, "INT": 32, "INTEGER": 32, "LONG": 64}
_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")


class Argument(NamedTuple):
    """The value of a variable. A DOCUMENT is its XML text."""

    type: str
    value: Any


def argument(type_: str, text: str) -> Argument:
    """Text as a value of the type. Raises Unacceptable when it is none."""
    text = text.strip() if type_ != "STRING" else text
    if type_ == "BOOLEAN":
        return Argument(type_, text.lower() == "true")
    if type_ in _BITS:
        limit = 2 ** (_BITS[type_] - 1)
        if not _WHOLE.fullmatch(text) or not -limit <= int(text) < limit:
            raise Unacceptable(f"'{text[:80]}' is no value of the type {type_}.")
        return Argument(type_, int(text))
    if type_ in ("DOUBLE", "FLOAT"):
        try:
            return Argument(type_, float(text))
        except ValueError:
            raise Unacceptable(f"'{text[:80]}' is no value of the type {type_}.") from None
    return Argument("DOCUMENT" if type_ in ("DOCUMENT", "ELEMENT") else "STRING", text)


def run_query(query: str, arguments: Mapping[str, Argument]) -> xml.Element | str | None:
    """The first item of the result: an element, or a value as text; None for an empty result.

    Waits for it. Raises Fault for a query that cannot be compiled or fails.
    """
    found = _saxon.ask("the query", {"query": query, "arguments": dict(arguments)})
    if found is None:
        return None
    if "node" in found:
        return xml.decode_text(found["node"])
    return java_double(found["double"]) if "double" in found else str(found["text"])
