"""A SOAP message as ``multipart/related``: MTOM with XOP (W3C, 2005), or SOAP with Attachments.

MTOM takes long base64 content out of the envelope and sends its bytes as parts of their own. Both ends see the same
envelope: an element that was taken out is put back as the base64 it was.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import uuid
from collections.abc import Iterable, Iterator
from email.message import Message
from typing import Literal, NamedTuple
from urllib.parse import unquote

from lxml import etree

from engine.message.codecs import multipart, soap, xml
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.xml import Element

Packaging = Literal["mtom", "swa"]


class Attachment(NamedTuple):
    """A part beside the envelope that nothing in it takes the place of."""

    name: str
    content_type: str
    content: bytes


_XOP = "http://www.w3.org/2004/08/xop/include"
_SHORTEST = 1024
"""Characters of base64 that are worth a part of their own."""

_BYTES = "application/octet-stream"
_ROOT = "root.message@myelin"
_ROOT_TYPES = ("application/xop+xml", "text/xml", "application/soap+xml")
_TYPES: dict[soap.Version, str] = {"soap11": "text/xml", "soap12": "application/soap+xml"}


def encode(envelope: bytes, packaging: Packaging, attachments: Iterable[Attachment] = ()) -> tuple[bytes, str] | None:
    """The bytes and their Content-Type; None for what is no SOAP envelope. Raises DecodeError for what is no XML."""
    root = xml.decode(envelope)
    version = soap.version_of(root)
    if version is None:
        return None
    parts = [*(_taken_out(root) if packaging == "mtom" else ()), *attachments]
    type_ = _TYPES[version]
    boundary = f"MIMEBoundary_{uuid.uuid4().hex}"
    if packaging == "mtom":
        root_type = f'application/xop+xml; charset=UTF-8; type="{type_}"'
        content_type = (
            f'multipart/related; boundary="{boundary}"; type="application/xop+xml"; start="<{_ROOT}>"; '
            f'start-info="{type_}"'
        )
    else:
        root_type = f"{type_}; charset=UTF-8"
        content_type = f'multipart/related; boundary="{boundary}"; type="{type_}"; start="<{_ROOT}>"'
    pieces = [_part(boundary, root_type, "8bit", _ROOT, xml.encode(root))]
    pieces += [_part(boundary, each.content_type, "binary", each.name, each.content) for each in parts]
    return b"".join(pieces) + f"--{boundary}--\r\n".encode(), content_type


def decode(raw: bytes) -> Element:
    """The envelope, with the bytes of other parts back in their places as base64.

    Attachments that nothing in the envelope refers to are not part of it. Raises DecodeError for what holds no SOAP.
    Parts may be referred to more than once, but not so that they come to more than was sent: also a DecodeError.
    """
    envelope, parts = _opened(raw)
    by_name = {_name(head): (head, content) for head, content in parts}
    size = 0
    for include in list(envelope.iter(f"{{{_XOP}}}Include")):
        holder, name = include.getparent(), _referred(include)
        if name not in by_name or holder is None:
            raise DecodeError(f"MTOM that refers to '{name[:80]}', which is not there")
        content = _content(*by_name[name])
        size += len(content)
        if size > len(raw):
            raise DecodeError("MTOM that refers to its parts so often that it would outgrow what was sent")
        holder.remove(include)
        holder.text = base64.b64encode(content).decode()
    return envelope


def attachments(raw: bytes) -> list[Attachment]:
    """The parts that are not in the envelope which ``decode`` gives. Raises DecodeError as that does."""
    envelope, parts = _opened(raw)
    inside = {_referred(include) for include in envelope.iter(f"{{{_XOP}}}Include")}
    return [
        Attachment(_name(head), _one_line(head.get("Content-Type", _BYTES)), _content(head, content))
        for head, content in parts
        if _name(head) not in inside
    ]


def _opened(raw: bytes) -> tuple[Element, list[tuple[Message, bytes]]]:
    """The envelope as it was sent, and the other parts."""
    parts = [multipart.head_and_content(part) for part in multipart.parts(raw)]
    root = next((part for part in parts if part[0].get_content_type() in _ROOT_TYPES), None)
    if root is None:
        raise DecodeError("multipart/related without a SOAP message in it")
    envelope = xml.decode(root[1])
    if soap.version_of(envelope) is None:
        raise DecodeError("multipart/related without a SOAP message in it")
    return envelope, [part for part in parts if part is not root]


def _name(head: Message) -> str:
    return _one_line(head.get("Content-ID", "")).strip("<> ")


def _referred(include: Element) -> str:
    return unquote(include.get("href", "").removeprefix("cid:"))


def _one_line(value: object) -> str:
    """A header's value without line breaks, and with ASCII only: it is written again."""
    return " ".join(str(value).encode("ascii", "replace").decode().split())


def _content(head: Message, content: bytes) -> bytes:
    """The bytes of a part, whatever they were wrapped in for the way."""
    encoding = str(head.get("Content-Transfer-Encoding", "binary")).lower()
    try:
        if encoding == "base64":
            return base64.b64decode(content)
        return quopri.decodestring(content) if encoding == "quoted-printable" else content
    except binascii.Error:
        raise DecodeError("MTOM with a part that is not base64") from None


def _taken_out(root: Element) -> Iterator[Attachment]:
    """The bytes of each long base64 text, which becomes a reference."""
    for number, each in enumerate(list(root.iter("{*}*"))):
        if len(each) or len(each.text or "") < _SHORTEST:
            continue
        content = _canonical(each.text or "")
        if content is None:
            continue
        name = f"{number}.{uuid.uuid4().hex}@myelin"
        each.text = None
        etree.SubElement(each, f"{{{_XOP}}}Include", nsmap={"xop": _XOP}).set("href", f"cid:{name}")
        yield Attachment(name, _BYTES, content)


def _canonical(text: str) -> bytes | None:
    """The bytes, if their base64 is exactly this text: only then can the other end restore it."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if base64.b64encode(content).decode() == text else None


def _part(boundary: str, content_type: str, encoding: str, name: str, content: bytes) -> bytes:
    head = [
        f"--{boundary}",
        f"Content-Type: {content_type}",
        f"Content-Transfer-Encoding: {encoding}",
        f"Content-ID: <{name}>",
        "",
        "",
    ]
    return "\r\n".join(head).encode() + content + b"\r\n"
