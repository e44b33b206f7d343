"""Bodies of requests: what a shape gave, as bytes with their Content-Type.

body_type: multipart
body:
  caption: "{caption}"                                                 # a field
  photo: {content: "{photo}", filename: "{name}", type: image/png}     # a file, from a parameter of the type base64
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from engine.message.codecs import json, multipart
from engine.plugins.shapes import ABSENT, Shape, Values, compile_shape, items_of

BodyType = Literal["json", "form", "text", "bytes", "multipart"]
BODY_TYPES: tuple[BodyType, ...] = ("json", "form", "text", "bytes", "multipart")
PART_KEYS = ("content", "filename", "type")

_BINARY = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class File:
    """A part of a multipart body that says what it is."""

    content: Any
    filename: str | None
    media: str


def compile_body(body_type: BodyType, body: Any) -> Shape:
    """The body of the values that were given; for multipart some members are files."""
    if body_type != "multipart":
        return compile_shape(body)
    members = {name: _compile_file(shape) if is_file(shape) else compile_shape(shape) for name, shape in body.items()}
    return lambda values: {name: found for name, shape in members.items() if (found := shape(values)) is not ABSENT}


def is_file(shape: Any) -> bool:
    """Whether a member of a multipart body is a file."""
    return isinstance(shape, Mapping) and "content" in shape and shape.keys() <= set(PART_KEYS)


def _compile_file(shape: Mapping[str, Any]) -> Shape:
    content, filename, media = (compile_shape(shape.get(key, "")) for key in PART_KEYS)

    def fill(values: Values) -> Any:
        found = content(values)
        if found is ABSENT:
            return ABSENT
        return File(found, _text(filename(values)) or None, _text(media(values)))

    return fill


def encode_body(body_type: BodyType, body: Any, content_type: str = "") -> tuple[bytes, str]:
    """The bytes of a body and their Content-Type: ``content_type``, else that of the body's type.

    ABSENT is an empty object, form or text.
    """
    if body_type == "multipart":
        encoded = multipart.form_data(_parts(body))
        return encoded, f"multipart/form-data; boundary={multipart.boundary_of(encoded)}"
    if body_type == "form":
        fields = body.items() if isinstance(body, Mapping) else ()
        pairs = [(name, json.text_of(item)) for name, value in fields for item in items_of(value)]
        return urlencode(pairs).encode(), content_type or "application/x-www-form-urlencoded"
    if body_type == "text":
        return _content(body), content_type or "text/plain; charset=utf-8"
    if body_type == "bytes":
        return _content(body), content_type or _BINARY
    return json.encode({} if body is ABSENT else body), content_type or "application/json"


def _parts(body: Any) -> Iterator[multipart.Part]:
    for name, value in body.items() if isinstance(body, Mapping) else ():
        for item in items_of(value):
            if isinstance(item, File):
                yield multipart.Part(name, _content(item.content), item.filename or name, item.media or _BINARY)
            elif isinstance(item, bytes):
                yield multipart.Part(name, item, name, _BINARY)
            elif isinstance(item, Mapping):
                yield multipart.Part(name, json.encode(item), media="application/json")
            else:
                yield multipart.Part(name, _content(item))


def _content(value: Any) -> bytes:
    return value if isinstance(value, bytes) else _text(value).encode()


def _text(value: Any) -> str:
    return "" if value is ABSENT else json.text_of(value)
