"""FreeMarker's built-ins: ``name?upper_case`` (https://freemarker.apache.org/docs/ref_builtins.html)."""

from __future__ import annotations

import json as standard_json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any
from urllib.parse import quote

from lxml import etree

from engine.expressions.freemarker.values import (
    MAX_TEXT,
    Missing,
    Nodes,
    TemplateError,
    bounded,
    decimal,
    is_nothing,
    is_text,
    number,
    plain,
    sequence,
    single,
    text,
    truth,
)
from engine.expressions.functions.java_date import format_date
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.java_regex import expanded
from engine.message.pattern import Pattern, compile_pattern

LOOP_BUILT_INS = frozenset({"index", "counter", "has_next", "is_first", "is_last", "is_even_item", "is_odd_item"})
"""Those on the variable of a loop."""

_XML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_PATTERN = re.compile(r"([^#0,.]*)([#,]*)([0,]*)(?:\.(0*)(#*))?(%?)([^#0,.%]*)")
_CONTEXT = Context(prec=400)


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """``call`` takes the value and the arguments; ``arguments`` are how few and how many."""

    call: Callable[..., Any]
    arguments: tuple[int, int] = (0, 0)


def apply(name: str, value: Any, *arguments: Any) -> Any:
    """Raises TemplateError for a value that the built-in does not take."""
    if isinstance(value, Missing) and name != "has_content":
        single(value)
    return BUILT_INS[name].call(value, *arguments)


def _on_text(change: Callable[..., Any]) -> Callable[..., Any]:
    """A built-in on the text of a value; its arguments are texts."""
    return lambda value, *arguments: change(_string(value), *map(_string, arguments))


def _string(value: Any) -> str:
    value = single(value)
    if not isinstance(value, str):
        raise TemplateError("a value is not a text; write ?string or ?c after a number")
    return value


# ---------------------------------------------------------------- text


def _json_string(value: str) -> str:
    return standard_json.dumps(value, ensure_ascii=False)[1:-1].replace("</", "<\\/")


def _replace(value: str, old: str, new: str, flags: str = "") -> str:
    if "r" in flags:
        found = _regex(old, flags)
        try:
            return bounded(found.replace(lambda match: expanded(new, match), value))
        except ValueError as error:
            raise TemplateError(f"?replace: {error}") from None
    if len(value) + value.count(old) * len(new) > MAX_TEXT:
        raise TemplateError(f"the template makes a text of more than {MAX_TEXT:,} characters")
    return value.replace(old, new, 1 if "f" in flags else -1)


def _split(value: str, separator: str, flags: str = "") -> list[str]:
    if "r" in flags or not separator:
        return _regex(separator, flags).split(value)
    return value.split(separator)


def _regex(pattern: str, flags: str) -> Pattern:
    try:
        return compile_pattern(pattern, re.IGNORECASE if "i" in flags else re.NOFLAG)
    except re.error as error:
        raise TemplateError(f"not a regular expression: {error}") from None


def _capitalize(value: str) -> str:
    return re.sub(r"\S+", lambda match: match[0][:1].upper() + match[0][1:].lower(), value)


def _substring(value: Any, start: Any, end: Any = None) -> str:
    whole, first = _string(value), int(number(start))
    last = len(whole) if end is None else int(number(end))
    if not 0 <= first <= last <= len(whole):
        raise TemplateError(f"?substring from {first} to {last} is outside a text of {len(whole)} characters")
    return whole[first:last]


def _padded(side: str) -> Callable[..., str]:
    def pad(value: Any, width: Any, filling: Any = " ") -> str:
        whole, size, filler = _string(value), int(number(width)), _string(filling)
        if size > MAX_TEXT or not filler:
            raise TemplateError("the width of the padding is too large, or there is nothing to fill it with")
        padding = (filler * (max(0, size - len(whole)) // len(filler) + 1))[: max(0, size - len(whole))]
        return padding + whole if side == "left" else whole + padding

    return pad


def _to_number(value: Any) -> int | Decimal:
    value = single(value)
    if not isinstance(value, str):
        return number(value)
    if len(value) > 400 or not _NUMBER.fullmatch(value.strip()):
        raise TemplateError("the text is not a number")
    return number(int(value) if value.strip().lstrip("+-").isdigit() else Decimal(value.strip()))


def _to_boolean(value: str) -> bool:
    if value not in ("true", "false"):
        raise TemplateError("the text is neither true nor false")
    return value == "true"


def _decoded(value: Any) -> Any:
    if not is_text(value):
        return value
    try:
        return json.decode(_string(value).encode("utf-8", "replace"))
    except DecodeError as error:
        raise TemplateError(f"?eval_json: {error}") from None


# ---------------------------------------------------------------- numbers and times


def _to_string(value: Any, *arguments: Any) -> str:
    """``?string``, ``?string("0.00")``, ``?string("yes", "no")``, ``.now?string("yyyy-MM-dd")``."""
    value = single(value)
    if not arguments:
        return text(value)
    if isinstance(value, bool):
        return text(arguments[0] if value else arguments[1] if len(arguments) > 1 else "false")
    pattern = _string(arguments[0])
    if isinstance(value, datetime):
        try:
            return format_date(value, pattern)
        except ValueError as error:
            raise TemplateError(f"'{pattern}' is not a date pattern: {error}") from None
    if isinstance(value, (int, float, Decimal)):
        return plain(value) if pattern in ("computer", "c") else _formatted(number(value), pattern)
    return text(value)


def _formatted(value: int | Decimal, pattern: str) -> str:
    """A number in a pattern of Java's DecimalFormat: ``0.00``, ``#,##0.##``, ``0%``."""
    if pattern == "number":
        return text(value)
    match = _PATTERN.fullmatch("#,##0%" if pattern == "percent" else pattern)
    if match is None:
        raise TemplateError(f"'{pattern}' is not a number pattern")
    prefix, hashes, zeros, fixed, optional, percent, suffix = (part or "" for part in match.groups())
    most = min(len(fixed) + len(optional), 340)
    exact = decimal(value) * (100 if percent else 1)
    rounded = exact.quantize(Decimal((0, (1,), -most)), ROUND_HALF_EVEN, _CONTEXT)
    whole, _, fraction = f"{abs(rounded):f}".partition(".")
    fraction = fraction.rstrip("0").ljust(len(fixed), "0")
    whole = whole.lstrip("0").rjust(zeros.count("0"), "0")
    if "," in hashes + zeros:
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", whole)
    sign = "-" if rounded < 0 else ""
    return f"{sign}{prefix}{whole or ('' if fraction else '0')}{f'.{fraction}' if fraction else ''}{percent}{suffix}"


def _computer(value: Any) -> str:
    value = single(value)
    if isinstance(value, (bool, str)):
        return text(value) if isinstance(value, bool) else f'"{_json_string(value)}"'
    number(value)
    return plain(value)


def _rounded(value: Any) -> int:
    return int(_CONTEXT.add(decimal(number(value)), Decimal("0.5")).to_integral_value("ROUND_FLOOR", _CONTEXT))


# ---------------------------------------------------------------- sequences and hashes


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return len(value)
    return len(sequence(value))


def _has_content(value: Any) -> bool:
    if is_nothing(value):
        return False
    return bool(value) if isinstance(value, (str, list, dict, range)) else True


def _item(index: int) -> Callable[[Any], Any]:
    def item(value: Any) -> Any:
        items = sequence(value)
        return Missing("first" if index == 0 else "last") if not items or items[index] is None else items[index]

    return item


def _join(value: Any, separator: Any, empty: Any = "", last: Any = "") -> str:
    items = [text(each) for each in sequence(value) if each is not None]
    return bounded(_string(separator).join(items) + _string(last)) if items else _string(empty)


def _sorted(value: Any, key: Any = None) -> list[Any]:
    items = list(sequence(value))
    path = [] if key is None else [_string(key)] if is_text(key) else [_string(each) for each in sequence(key)]

    def of(item: Any) -> tuple[int, Any]:
        for name in path:
            item = item.child(name) if isinstance(item, Nodes) else item.get(name) if isinstance(item, dict) else None
        item = single(Missing("/".join(path)) if item is None else item)
        if isinstance(item, bool) or not isinstance(item, (str, int, float, Decimal)):
            raise TemplateError("only texts and numbers can be sorted")
        return (0, number(item)) if not isinstance(item, str) else (1, item.lower())

    return sorted(items, key=of)


def _contains(value: Any, wanted: Any) -> bool:
    return _index_in(value, wanted) >= 0


def _index_in(value: Any, wanted: Any) -> int:
    found = single(wanted)
    items = [single(each) for each in sequence(value) if each is not None]
    return next((at for at, each in enumerate(items) if type(each) is type(found) and each == found), -1)


def _hash(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TemplateError("?keys and ?values need a hash")
    return value


def _extreme(choose: Callable[[list[Any]], Any]) -> Callable[[Any], Any]:
    def extreme(value: Any) -> Any:
        numbers = [number(each) for each in sequence(value) if each is not None]
        return choose(numbers) if numbers else Missing("min or max of nothing")

    return extreme


def _node_name(value: Any) -> str:
    if isinstance(value, Nodes) and len(value) == 1 and isinstance(value[0], etree._Element):
        return str(etree.QName(value[0]).localname)
    raise TemplateError("?node_name needs one XML element")


def _children(value: Any) -> list[Nodes]:
    if not isinstance(value, Nodes):
        raise TemplateError("?children needs XML")
    return [Nodes([child]) for each in value if isinstance(each, etree._Element) for child in each.iterchildren("*")]


BUILT_INS: Mapping[str, BuiltIn] = {
    "upper_case": BuiltIn(_on_text(str.upper)),
    "lower_case": BuiltIn(_on_text(str.lower)),
    "cap_first": BuiltIn(_on_text(lambda value: value[:1].upper() + value[1:])),
    "uncap_first": BuiltIn(_on_text(lambda value: value[:1].lower() + value[1:])),
    "capitalize": BuiltIn(_on_text(_capitalize)),
    "trim": BuiltIn(_on_text(str.strip)),
    "length": BuiltIn(_on_text(len)),
    "contains": BuiltIn(_on_text(lambda value, part: part in value), (1, 1)),
    "starts_with": BuiltIn(_on_text(str.startswith), (1, 1)),
    "ends_with": BuiltIn(_on_text(str.endswith), (1, 1)),
    "index_of": BuiltIn(_on_text(str.find), (1, 1)),
    "last_index_of": BuiltIn(_on_text(str.rfind), (1, 1)),
    "keep_before": BuiltIn(_on_text(lambda value, part: value.partition(part or "\0")[0]), (1, 1)),
    "keep_after": BuiltIn(_on_text(lambda value, part: value.partition(part)[2] if part else value), (1, 1)),
    "remove_beginning": BuiltIn(_on_text(str.removeprefix), (1, 1)),
    "remove_ending": BuiltIn(_on_text(str.removesuffix), (1, 1)),
    "replace": BuiltIn(_on_text(_replace), (2, 3)),
    "split": BuiltIn(_on_text(_split), (1, 2)),
    "matches": BuiltIn(_on_text(lambda value, pattern: _regex(pattern, "").fullmatch(value) is not None), (1, 1)),
    "substring": BuiltIn(_substring, (1, 2)),
    "left_pad": BuiltIn(_padded("left"), (1, 2)),
    "right_pad": BuiltIn(_padded("right"), (1, 2)),
    "json_string": BuiltIn(_on_text(_json_string)),
    "js_string": BuiltIn(_on_text(lambda value: _json_string(value).replace("'", "\\'"))),
    "xml": BuiltIn(_on_text(lambda value: value.translate(_XML))),
    "html": BuiltIn(_on_text(lambda value: value.translate(_XML).replace("&apos;", "&#39;"))),
    "url": BuiltIn(_on_text(lambda value: quote(value, safe="")), (0, 0)),
    "url_path": BuiltIn(_on_text(lambda value: quote(value, safe="/")), (0, 0)),
    "number": BuiltIn(_to_number),
    "boolean": BuiltIn(lambda value: value if isinstance(value, bool) else _to_boolean(_string(value))),
    "eval_json": BuiltIn(_decoded),
    "eval": BuiltIn(_decoded),
    "string": BuiltIn(_to_string, (0, 2)),
    "c": BuiltIn(_computer),
    "abs": BuiltIn(lambda value: abs(number(value))),
    "int": BuiltIn(lambda value: int(number(value))),
    "round": BuiltIn(_rounded),
    "floor": BuiltIn(lambda value: math.floor(number(value))),
    "ceiling": BuiltIn(lambda value: math.ceil(number(value))),
    "size": BuiltIn(_size),
    "has_content": BuiltIn(_has_content),
    "first": BuiltIn(_item(0)),
    "last": BuiltIn(_item(-1)),
    "join": BuiltIn(_join, (1, 3)),
    "reverse": BuiltIn(lambda value: list(reversed(sequence(value)))),
    "sort": BuiltIn(_sorted),
    "sort_by": BuiltIn(_sorted, (1, 1)),
    "seq_contains": BuiltIn(_contains, (1, 1)),
    "seq_index_of": BuiltIn(_index_in, (1, 1)),
    "min": BuiltIn(_extreme(min)),
    "max": BuiltIn(_extreme(max)),
    "keys": BuiltIn(lambda value: list(_hash(value))),
    "values": BuiltIn(lambda value: list(_hash(value).values())),
    "then": BuiltIn(lambda value, one, other: one if truth(value) else other, (2, 2)),
    "is_string": BuiltIn(is_text),
    "is_number": BuiltIn(lambda value: isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)),
    "is_boolean": BuiltIn(lambda value: isinstance(value, bool)),
    "is_sequence": BuiltIn(lambda value: isinstance(value, (list, range))),
    "is_enumerable": BuiltIn(lambda value: isinstance(value, (list, range))),
    "is_hash": BuiltIn(lambda value: isinstance(value, (dict, Nodes))),
    "node_name": BuiltIn(_node_name),
    "children": BuiltIn(_children),
}
"""Every built-in by name, besides those of loops. No other is supported."""
