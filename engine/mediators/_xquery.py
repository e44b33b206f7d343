"""Running an XQuery on Saxon, with typed external variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.declare.convert import Unacceptable
from engine.errors import Fault
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

    Waits for Saxon's thread. Raises Fault for a query that cannot be compiled or fails.
    """
    found = _saxon.run(lambda processor: _first_item(processor, query, arguments))
    if found is None:
        return None
    is_node, text = found
    return xml.decode_text(text) if is_node else text


def _first_item(processor: Any, query: str, arguments: Mapping[str, Argument]) -> tuple[bool, str] | None:
    runner = processor.new_xquery_processor()
    try:
        for name, each in arguments.items():
            runner.set_parameter(name, _value(processor, each))
        runner.set_query_content(query)
        result = runner.run_query_to_value()
    except Exception as error:
        raise Fault(f"the query failed: {_saxon.message_of(error)}") from None
    if result is None or result.size == 0:
        return None
    item = result.item_at(0)
    if item.is_node:
        return True, str(item)
    type_ = str(item.primitive_type_name).rpartition("}")[2]
    return False, java_double(item.double_value) if type_ == "double" else str(item.string_value)


def _value(processor: Any, argument_: Argument) -> Any:
    match argument_.type:
        case "BOOLEAN":
            return processor.make_boolean_value(argument_.value)
        case "DOUBLE":
            return processor.make_double_value(argument_.value)
        case "FLOAT":
            return processor.make_float_value(argument_.value)
        case "BYTE" | "SHORT":
            return processor.make_atomic_value(argument_.type.lower(), str(argument_.value))
        case "LONG":
            return processor.make_long_value(argument_.value)
        case "STRING":
            return processor.make_string_value(argument_.value)
        case "DOCUMENT":
            return processor.parse_xml(xml_text=argument_.value)
    return processor.make_integer_value(argument_.value)
