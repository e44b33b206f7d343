"""Shapes: paths, headers and bodies with ``{parameter}`` in them, compiled once at load."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from engine.message.codecs import json

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][\w.-]*)\}")


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class _Absent:
    def __repr__(self) -> str:
        return "absent"


ABSENT: Any = _Absent()
"""What a shape gives when none of its parameters was given."""

Values = Mapping[str, Any]
Shape = Callable[[Values], Any]


def placeholders(shape: Any) -> Iterator[str]:
    """The parameter names in a shape, repeated ones repeated."""
    if isinstance(shape, str):
        yield from _PLACEHOLDER.findall(shape)
    elif isinstance(shape, Mapping):
        for item in shape.values():
            yield from placeholders(item)
    elif isinstance(shape, list):
        for item in shape:
            yield from placeholders(item)


def compile_shape(shape: Any) -> Shape:
    """A JSON value in which text may hold ``{parameter}``.

    Text that is one placeholder becomes the parameter's own value (a Boolean stays one), text around it makes text.
    What has a parameter that was not given is left out, and so is an object or array in which nothing is left.
    """
    if isinstance(shape, str):
        return _compile_text(shape)
    if isinstance(shape, Mapping):
        return _compile_object({key: compile_shape(item) for key, item in shape.items()})
    if isinstance(shape, list):
        return _compile_array([compile_shape(item) for item in shape])
    return lambda values: shape


def compile_path(path: str) -> Callable[[Values], str]:
    """A URL path; each value is percent-encoded as one segment, slashes included.

    Raises KeyError at run time for a value that is not there: path parameters are required ones.
    """
    pieces = _PLACEHOLDER.split(path)
    # Split with one group: constant, name, constant, name, … constant.
    constants, names = pieces[::2], pieces[1::2]
    pairs = tuple(zip(names, constants[1:], strict=True))

    def expand(values: Values) -> str:
        return constants[0] + "".join([segment(values[name]) + constant for name, constant in pairs])

    return expand


def segment(value: Any) -> str:
    """A value percent-encoded, RFC 3986 unreserved characters alone kept."""
    text = value if isinstance(value, str) else json.text_of(value)
    return text if text.isalnum() and text.isascii() else quote(text, safe="")


def items_of(value: Any) -> list[Any]:
    """The items of a list, any other value as the only one; none when it is absent."""
    if value is ABSENT:
        return []
    return value if isinstance(value, list) else [value]


def _compile_text(text: str) -> Shape:
    whole = _PLACEHOLDER.fullmatch(text)
    if whole is not None:
        name = whole[1]
        return lambda values: values.get(name, ABSENT)
    names = tuple(_PLACEHOLDER.findall(text))
    if not names:
        return lambda values: text

    def fill(values: Values) -> Any:
        if any(name not in values for name in names):
            return ABSENT
        return _PLACEHOLDER.sub(lambda match: json.text_of(values[match[1]]), text)

    return fill


def _compile_object(members: dict[str, Shape]) -> Shape:
    def fill(values: Values) -> Any:
        filled = {name: value for name, shape in members.items() if (value := shape(values)) is not ABSENT}
        return filled if filled or not members else ABSENT

    return fill


def _compile_array(items: list[Shape]) -> Shape:
    def fill(values: Values) -> Any:
        filled = [value for shape in items if (value := shape(values)) is not ABSENT]
        return filled if filled or not items else ABSENT

    return fill


def compile_headers(headers: Mapping[str, Any]) -> Callable[[Values], tuple[tuple[str, str], ...]]:
    """The headers whose parameters were given. Line breaks and other control characters become spaces."""
    pairs = [(name, compile_shape(shape)) for name, shape in headers.items()]
    if not pairs:
        return lambda values: ()

    def expand(values: Values) -> tuple[tuple[str, str], ...]:
        filled = [(name, shape(values)) for name, shape in pairs]
        return tuple((name, _CONTROL.sub(" ", json.text_of(value))) for name, value in filled if value is not ABSENT)

    return expand
