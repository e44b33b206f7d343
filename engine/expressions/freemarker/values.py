"""The values of FreeMarker's expressions, and the operations on them.

Values are JSON values, XML nodes and times. Nothing at all is Missing: it may be asked for, and is an error wherever a
value is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from lxml import etree

from engine.expressions.values import element_xml
from engine.message.codecs import json
from engine.message.convert import own_text

MAX_STEPS = 1_000_000
"""Items that the loops of one rendering may go through, and members of one sequence made by a template."""

MAX_TEXT = 32 * 1024 * 1024
"""Characters of a text that a template makes, and of what it writes."""

_CONTEXT = Context(prec=400)


class TemplateError(Exception):
    """A template cannot be rendered for this message."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing is there under the name."""

    name: str


class Nodes(list[Any]):
    """XML elements, or attributes and texts as str: what a name finds in XML."""

    def child(self, name: str) -> Nodes | str:
        if name == "@@text":
            return "".join(map(node_text, self))
        if name == "@@markup":
            return "".join(each if isinstance(each, str) else element_xml(each) for each in self)
        elements = [each for each in self if isinstance(each, etree._Element)]
        if name.startswith("@"):
            return Nodes(value for each in elements for value in _attributes(each, name[1:]))
        return Nodes(found for each in elements for found in each.iterchildren("*") if _has_name(found, name))


class Document(Nodes):
    """The document of an XML payload: its one child is the root."""

    def child(self, name: str) -> Nodes | str:
        if name.startswith("@"):
            return super().child(name)
        return Nodes(each for each in self if _has_name(each, name))


def node_text(node: Any) -> str:
    """The text of an element without children, an attribute or a text. Raises TemplateError for other elements."""
    if isinstance(node, str):
        return node
    if len(node) and next(node.iterchildren("*"), None) is not None:
        raise TemplateError(f"<{etree.QName(node).localname}> has elements inside and is no text")
    return own_text(node)


def _attributes(element: etree._Element, name: str) -> list[str]:
    if name in ("*", "@"):
        return [str(value) for value in element.attrib.values()]
    return [str(value) for key, value in element.attrib.items() if etree.QName(key).localname == name.split(":")[-1]]


def _has_name(element: Any, name: str) -> bool:
    """Names are compared without namespaces."""
    return name == "*" or etree.QName(element).localname == name.split(":")[-1]


# ---------------------------------------------------------------- what values are


def single(value: Any) -> Any:
    """The text of a single XML node; any other value as it is. Raises TemplateError for none and for several."""
    if isinstance(value, Missing):
        raise TemplateError(f"there is no '{value.name}'; write {value.name}!'' if it may be missing")
    if not isinstance(value, Nodes):
        return value
    if len(value) != 1:
        raise TemplateError(f"{len(value)} XML nodes are no single value")
    return node_text(value[0])


def is_nothing(value: Any) -> bool:
    return isinstance(value, Missing) or value is None or (isinstance(value, Nodes) and not value)


def text(value: Any) -> str:
    """How a value is written. Raises TemplateError for what has no text."""
    value = single(value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return grouped(value)
    if isinstance(value, datetime):
        return value.strftime("%b %-d, %Y, %-I:%M:%S %p")
    try:
        return json.text_of(value)
    except TypeError:
        raise TemplateError("a sequence of XML nodes or numbers of a range has no text") from None


def grouped(value: int | float | Decimal) -> str:
    """A number in FreeMarker's default format: 1,234.568. Templates that make JSON write ``?c``."""
    if isinstance(value, int):
        return f"{value:,}"
    exact = decimal(value).quantize(Decimal("0.001"), ROUND_HALF_EVEN, _CONTEXT).normalize(_CONTEXT)
    return f"{exact:,f}"


def plain(value: int | float | Decimal) -> str:
    """A number for computers: no grouping, no exponent, 16 decimals at most."""
    if isinstance(value, int):
        return str(value)
    exact = decimal(value)
    if -int(exact.as_tuple().exponent) > 16:
        exact = exact.quantize(Decimal("1e-16"), ROUND_HALF_EVEN, _CONTEXT)
    digits = f"{exact:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def decimal(value: int | float | Decimal) -> Decimal:
    """Raises TemplateError for what no number format can write."""
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite() or abs(exact.adjusted()) > 350:
        raise TemplateError(f"{value} is too large or too small a number")
    return exact


def number(value: Any) -> Decimal | int:
    """A number to calculate with. Raises TemplateError for anything else: FreeMarker reads no text as a number."""
    value = single(value)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise TemplateError(f"{_shown(value)} is not a number; write ?number after a text")
    return value if isinstance(value, int) else decimal(value)


def truth(value: Any) -> bool:
    """Raises TemplateError for anything but a boolean."""
    value = single(value)
    if not isinstance(value, bool):
        raise TemplateError(f"{_shown(value)} is neither true nor false")
    return value


def sequence(value: Any) -> Sequence[Any]:
    """Raises TemplateError for what has no items."""
    if isinstance(value, Missing):
        single(value)
    if isinstance(value, list):
        return [Nodes([each]) for each in value] if isinstance(value, Nodes) else value
    if isinstance(value, range):
        return value
    raise TemplateError(f"{_shown(value)} is no sequence")


def is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, Nodes) and len(value) == 1)


def bounded(value: str) -> str:
    """Raises TemplateError for a text over MAX_TEXT."""
    if len(value) > MAX_TEXT:
        raise TemplateError(f"the template makes a text of more than {MAX_TEXT:,} characters")
    return value


def _shown(value: Any) -> str:
    """The kind of a value: faults go to clients, and values may be secrets."""
    kinds: list[tuple[type | tuple[type, ...], str]] = [
        (str, "a text"),
        (bool, "a boolean"),
        ((int, float, Decimal), "a number"),
        (dict, "a hash"),
        (Nodes, "XML"),
        ((list, range), "a sequence"),
    ]
    return next((kind for types, kind in kinds if isinstance(value, types)), "a time")


# ---------------------------------------------------------------- operations


class Run:
    """One rendering: what has been assigned, and the operations that the translated template calls."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        self.model = model
        self.assigned: dict[str, Any] = {}
        self.steps = 0

    def name(self, name: str) -> Any:
        if name in self.assigned:
            return self.assigned[name]
        value = self.model.get(name)
        return Missing(name) if value is None else value

    def assign(self, name: str, value: Any) -> str:

        if isinstance(value, Missing):
            single(value)
        self.assigned[name] = value
        return ""

    def loop(self, value: Any, count: int) -> Iterator[tuple[Any, ...]]:
        """Each item with its index and whether another follows; keys and values of a hash for two names."""
        if count == 2:
            if not isinstance(value, dict):
                raise TemplateError("<#list … as key, value> needs a hash")
            items: Sequence[Any] = list(value.items())
        else:
            items = [(each,) for each in (value if isinstance(value, dict) else sequence(value))]
        self.steps += len(items)
        if self.steps > MAX_STEPS:
            raise TemplateError(f"the template loops more than {MAX_STEPS:,} times")
        for index, item in enumerate(items):
            yield (*(Missing("item") if each is None else each for each in item), (index, len(items)))

    # ---- members

    def get(self, base: Any, key: Any) -> Any:
        if isinstance(base, Missing):
            return Missing(f"{base.name}.{key}")
        key = single(key)
        if isinstance(base, Nodes) and isinstance(key, str):
            return base.child(key)
        if isinstance(key, range):
            return self._slice(base, key)
        if isinstance(base, dict):
            value = base.get(text(key))
        elif isinstance(base, (list, range, str)) and isinstance(key, int) and not isinstance(key, bool):
            items = base if isinstance(base, str) else sequence(base)
            value = items[key] if 0 <= key < len(items) else None
        else:
            name = f"'{key}'" if isinstance(key, str) else _shown(key)
            raise TemplateError(f"{_shown(base)} has no member {name}")
        return Missing(str(key)) if value is None else value

    def _slice(self, base: Any, key: range) -> Any:
        items = base if isinstance(base, str) else sequence(base)
        if key and not (min(key) >= 0 and max(key) < len(items)):
            raise TemplateError("the range is outside of what it takes a part of")
        parts = [items[index] for index in key]
        return "".join(parts) if isinstance(items, str) else parts

    def default(self, value: Any, other: Any) -> Any:
        return other if is_nothing(value) else value

    def exists(self, value: Any) -> bool:
        return not is_nothing(value)

    # ---- arithmetic

    def decimal(self, literal: str) -> Decimal:
        return Decimal(literal)

    def add(self, left: Any, right: Any) -> Any:
        for value in (left, right):
            if isinstance(value, Missing):
                single(value)
        if isinstance(left, list) and isinstance(right, list) and not isinstance(left, Nodes):
            if len(left) + len(right) > MAX_STEPS:
                raise TemplateError(f"the template makes a sequence of more than {MAX_STEPS:,} items")
            return [*left, *right]
        if isinstance(left, dict) and isinstance(right, dict):
            return {**left, **right}
        if is_text(left) or is_text(right):
            return bounded(text(left) + text(right))
        return self._whole(number(left) + number(right))

    def subtract(self, left: Any, right: Any) -> Any:
        return self._whole(number(left) - number(right))

    def multiply(self, left: Any, right: Any) -> Any:
        return self._whole(number(left) * number(right))

    def divide(self, left: Any, right: Any) -> Any:
        """Twelve decimals, as FreeMarker's arithmetic has."""
        divisor = number(right)
        if divisor == 0:
            raise TemplateError("division by zero")
        exact = _CONTEXT.divide(Decimal(number(left)), Decimal(divisor))
        return self._whole(exact.quantize(Decimal("1e-12"), context=_CONTEXT).normalize(_CONTEXT))

    def modulo(self, left: Any, right: Any) -> int:
        a, b = int(number(left)), int(number(right))
        if b == 0:
            raise TemplateError("modulo by zero")
        return abs(a) % abs(b) * (-1 if a < 0 else 1)

    def _whole(self, value: Decimal | int) -> Decimal | int:
        if isinstance(value, int):
            if value.bit_length() > 1024:
                raise TemplateError("the number is too large")
            return value
        exact = decimal(value)
        return int(exact) if exact == exact.to_integral_value() else exact

    def range_to(self, first: Any, last: Any) -> range:
        a, b = int(number(first)), int(number(last))
        return self._range(range(a, b + 1) if a <= b else range(a, b - 1, -1))

    def range_below(self, first: Any, end: Any) -> range:
        a, b = int(number(first)), int(number(end))
        return self._range(range(a, b) if a <= b else range(a, b, -1))

    def _range(self, values: range) -> range:
        if len(values) > MAX_STEPS:
            raise TemplateError(f"the range has more than {MAX_STEPS:,} numbers")
        return values

    # ---- comparisons

    def equal(self, left: Any, right: Any) -> bool:
        a, b = single(left), single(right)
        kinds = [str if isinstance(each, str) else bool if isinstance(each, bool) else float for each in (a, b)]
        if kinds[0] is not kinds[1]:
            raise TemplateError(f"{_shown(a)} and {_shown(b)} cannot be compared")
        return bool(a == b) if kinds[0] is not float else number(a) == number(b)

    def differ(self, left: Any, right: Any) -> bool:
        return not self.equal(left, right)

    def is_lt(self, left: Any, right: Any) -> bool:
        return number(left) < number(right)

    def is_lte(self, left: Any, right: Any) -> bool:
        return number(left) <= number(right)

    def is_gt(self, left: Any, right: Any) -> bool:
        return number(left) > number(right)

    def is_gte(self, left: Any, right: Any) -> bool:
        return number(left) >= number(right)

    # ---- the rest

    def text(self, value: Any) -> str:
        return text(value)

    def join(self, *parts: Any) -> str:
        return bounded("".join(map(text, parts)))

    def truth(self, value: Any) -> bool:
        return truth(value)

    def now(self) -> datetime:
        return datetime.now().astimezone()

    def stop(self, reason: Any) -> str:
        raise TemplateError(text(reason))

    def loop_index(self, place: tuple[int, int]) -> int:
        return place[0]

    def loop_counter(self, place: tuple[int, int]) -> int:
        return place[0] + 1

    def loop_has_next(self, place: tuple[int, int]) -> bool:
        return place[0] + 1 < place[1]

    def loop_is_first(self, place: tuple[int, int]) -> bool:
        return place[0] == 0

    def loop_is_last(self, place: tuple[int, int]) -> bool:
        return place[0] + 1 == place[1]

    def loop_is_even_item(self, place: tuple[int, int]) -> bool:
        return place[0] % 2 == 1

    def loop_is_odd_item(self, place: tuple[int, int]) -> bool:
        return place[0] % 2 == 0
