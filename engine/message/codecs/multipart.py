"""``multipart/form-data`` <-> an element with one child per part (RFC 7578).

A file is base64 with the attributes ``filename`` and ``content-type``; any other part is its text.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

from lxml import etree

from engine.message.codecs import text as text_codec
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.form import element_name
from engine.message.codecs.xml import Element

ROOT = "mediate"
"""The name that Axis2 gives to such a body."""

MAX_PARTS = 1000

_FIRST_LINE = re.compile(rb"(?:\A|\r?\n)--([^\r\n]{0,69}[^\r\n\t ])[ \t]*+\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_LINE_ENDS = re.compile(r"[\r\n]")
_NAME = "multipart-boundary"
MAX_HEAD = 16 * 1024
"""Bytes of the head of one part; its reader takes quadratic time for parameters."""


def boundary_of(raw: bytes) -> str:
    """The boundary of a body, from its first delimiter line. Raises DecodeError when there is none."""
    match = _FIRST_LINE.search(raw)
    if match is None:
        raise DecodeError("not multipart: no part begins")
    return match[1].decode("latin-1")


def decode(raw: bytes) -> Element:
    """Raises DecodeError for what has no parts, more than MAX_PARTS, or a part without a name."""
    root = etree.Element(ROOT)
    for part in parts(raw):
        head, content = head_and_content(part)
        _add_part(root, head, content)
    return root


@dataclass(frozen=True, slots=True)
class Part:
    """One part. Without ``media`` it says nothing of its content, which is text then."""

    name: str
    content: bytes
    filename: str | None = None
    media: str = ""

    def encoded(self) -> bytes:
        """Its head and its content."""
        head = f'Content-Disposition: form-data; name="{_quoted(self.name)}"'
        if self.filename is not None:
            head += f'; filename="{_quoted(self.filename)}"'
        if self.media:
            head += f"\r\nContent-Type: {_LINE_ENDS.sub(' ', self.media)}"
        return f"{head}\r\n\r\n".encode() + self.content


def encode(root: Element) -> bytes:
    """The children of an element as parts. Raises DecodeError for a file that is not base64."""
    return form_data(_part(child) for child in root.iterchildren("*"))


def form_data(parts: Iterable[Part]) -> bytes:
    """A body of these parts, with a boundary that none of them has; ``boundary_of`` gives it."""
    encoded = [part.encoded() for part in parts]
    is_taken = any(_NAME.encode() in part for part in encoded)
    boundary = f"{_NAME}-{secrets.token_hex(16)}" if is_taken else _NAME
    delimiter = f"--{boundary}".encode()
    return b"".join(delimiter + b"\r\n" + part + b"\r\n" for part in encoded) + delimiter + b"--\r\n"


def parts(raw: bytes) -> list[bytes]:
    """Head and content of each part. Raises DecodeError for what has none, no end, or more than MAX_PARTS."""
    boundary = boundary_of(raw).encode("latin-1")
    pieces = re.split(
        rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\Z)", raw, maxsplit=MAX_PARTS + 2
    )
    # Preamble, then pairs of "was this the last delimiter" and what follows it.
    found = [content for is_last, content in zip(pieces[1::2], pieces[2::2], strict=True) if is_last is None]
    if b"--" not in pieces[1::2]:
        raise DecodeError(f"multipart without an end, or of more than {MAX_PARTS} parts")
    return found[: pieces[1::2].index(b"--")]


def head_and_content(part: bytes) -> tuple[Message, bytes]:
    """Raises DecodeError for a part without an empty line behind a head of at most MAX_HEAD bytes."""
    end = _HEAD_END.search(part, 0, MAX_HEAD)
    if end is None and len(part) > MAX_HEAD:
        raise DecodeError(f"multipart with a part whose head has more than {MAX_HEAD:,} bytes")
    if end is None:
        raise DecodeError("not multipart: a part has no empty line behind its head")
    return BytesHeaderParser().parsebytes(part[: end.start()].strip(b"\r\n") + b"\r\n\r\n"), part[end.end() :]


def _add_part(root: Element, head: Message, content: bytes) -> None:
    name = head.get_param("name", header="content-disposition")
    if not isinstance(name, str) or not name:
        raise DecodeError("not multipart form data: a part has no name")
    field = etree.SubElement(root, element_name(name))
    filename = head.get_filename()
    try:
        if filename is None:
            field.text = text_codec.decode(content, head.get_content_charset() or "utf-8")
            return
        field.set("filename", filename)
        field.set("content-type", str(head.get("content-type") or "application/octet-stream"))
    except ValueError as error:
        raise DecodeError(f"multipart with a part '{name}' that cannot be text: {error}") from None
    field.text = base64.b64encode(content).decode("ascii")


def _part(field: Element) -> Part:
    name, filename = etree.QName(field).localname, field.get("filename")
    if filename is None:
        return Part(name, (field.text or "").encode())
    try:
        content = base64.b64decode(field.text or "", validate=True)
    except (binascii.Error, ValueError):
        raise DecodeError(f"multipart whose file '{name}' is not base64") from None
    return Part(name, content, filename, field.get("content-type") or "application/octet-stream")


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
