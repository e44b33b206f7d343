"""The query of a request: values with ``{parameter}`` in them, lists and objects in the styles of OpenAPI.

query:
  state: "{state}"
  id: "{ids}"                                                          # id=1&id=2
  fields: {value: "{fields}", style: form, explode: false}             # fields=a,b
  tags: {value: "{tags}", style: pipeDelimited}                        # tags=a%7Cb; or space- or tabDelimited
  filter: {value: "{filter}", style: deepObject}                       # filter[colour]=red&filter[size]=2
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from engine.plugins.shapes import ABSENT, Shape, Values, compile_shape, items_of, segment

QUERY_STYLES = ("form", "spaceDelimited", "pipeDelimited", "tabDelimited", "deepObject")
STYLE_KEYS = ("value", "style", "explode")

_SEPARATORS = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C", "tabDelimited": "%09"}

Pairs = Callable[[Any], Iterator[tuple[str, str]]]
"""A value -> names and values as they stand in the URL."""


def compile_query(query: Mapping[str, Any]) -> Callable[[Values], str]:
    """``?name=value&…`` of the parameters that were given, or nothing; a list repeats its name."""
    members = [_member(name, shape) for name, shape in query.items()]
    if not members:
        return lambda values: ""

    def expand(values: Values) -> str:
        fields = [
            f"{name}={text}"
            for shape, pairs in members
            if (value := shape(values)) is not ABSENT
            for name, text in pairs(value)
        ]
        return f"?{'&'.join(fields)}" if fields else ""

    return expand


def is_styled(shape: Any) -> bool:
    """Whether a member of the query says how it is written."""
    return isinstance(shape, Mapping) and "value" in shape and shape.keys() <= set(STYLE_KEYS)


def _member(name: str, shape: Any) -> tuple[Shape, Pairs]:
    if not is_styled(shape):
        return compile_shape(shape), _repeated(quote(name, safe=""))
    style = shape.get("style", "form")
    explode = shape.get("explode", style == "form")
    return compile_shape(shape["value"]), _written(quote(name, safe=""), style, explode)


def _repeated(name: str) -> Pairs:
    return lambda value: ((name, segment(item)) for item in items_of(value))


def _written(name: str, style: str, explode: bool) -> Pairs:
    if style == "deepObject":
        return lambda value: _deep(name, value)
    separator = _SEPARATORS[style]

    def pairs(value: Any) -> Iterator[tuple[str, str]]:
        if isinstance(value, Mapping):
            members = [(segment(key), segment(item)) for key, item in value.items()]
            if explode:
                yield from members
            elif members:
                yield name, separator.join(text for member in members for text in member)
        elif explode:
            yield from ((name, segment(item)) for item in items_of(value))
        elif items := items_of(value):
            yield name, separator.join(map(segment, items))

    return pairs


def _deep(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _deep(f"{name}%5B{segment(key)}%5D", item)
    else:
        yield from ((name, segment(item)) for item in items_of(value))
