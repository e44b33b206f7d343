"""Which kind of payload a Content-Type announces (Synapse's table of builders)."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple

Kind = Literal["empty", "json", "xml", "soap11", "soap12", "text", "form", "multipart", "binary"]

SOAP11 = "text/xml"
SOAP12 = "application/soap+xml"

_KINDS: dict[str, Kind] = {
    "application/json": "json",
    "text/json": "json",
    "application/xml": "xml",
    SOAP11: "soap11",
    SOAP12: "soap12",
    "application/x-www-form-urlencoded": "form",
    "multipart/form-data": "multipart",
}

DEFAULT_TYPES: dict[Kind, str] = {
    "json": "application/json",
    "xml": "application/xml",
    "soap11": SOAP11,
    "soap12": SOAP12,
    "text": "text/plain",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data",
    "binary": "application/octet-stream",
}


class ContentType(NamedTuple):
    """A parsed Content-Type value: ``media`` in lower case, ``charset`` as announced or UTF-8."""

    media: str
    kind: Kind
    charset: str


@lru_cache(maxsize=256)
def parse_content_type(value: str | bytes) -> ContentType:
    """Parse a header value, as text or as it came; any ``+json`` is JSON and any ``+xml`` is XML (RFC 6839)."""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    media, _, parameters = value.partition(";")
    media = media.strip().lower()
    return ContentType(media, _kind_of(media), _charset(parameters))


def _kind_of(media: str) -> Kind:
    kind = _KINDS.get(media)
    if kind is not None:
        return kind
    if media.endswith("+json"):
        return "json"
    if media.endswith("+xml"):
        return "xml"
    if media.startswith("text/"):
        return "text"
    return "binary"


def _charset(parameters: str) -> str:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'") or "utf-8"
    return "utf-8"
