"""Which kind of payload a Content-Type announces (Synapse's table of builders)."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple

Kind = Literal["empty", "json", "xml", "soap11", "soap12", "text", "form", "multipart", "badgerfish", "binary"]

SOAP11 = "text/xml"
SOAP12 = "application/soap+xml"

_KINDS: dict[str, Kind] = {
    "application/json": "json",
    "text/json": "json",
    "text/javascript": "json",
    "application/json/badgerfish": "badgerfish",
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
    "badgerfish": "application/json/badgerfish",
    "binary": "application/octet-stream",
}


class ContentType(NamedTuple):
    """A parsed Content-Type value: ``media`` in lower case, ``charset`` as announced or UTF-8.

    ``is_packaged``: a SOAP message inside multipart/related (MTOM, SOAP with Attachments); ``media`` is that of the
    message in it. ``is_plain``: the body is one piece in UTF-8.
    """

    media: str
    kind: Kind
    charset: str
    is_packaged: bool = False
    is_plain: bool = True


@lru_cache(maxsize=256)
def parse_content_type(value: str | bytes) -> ContentType:
    """Parse a header value, as text or as it came; any ``+json`` is JSON and any ``+xml`` is XML (RFC 6839)."""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    media, _, parameters = value.partition(";")
    media = media.strip().lower()
    if media == "multipart/related" and (inside := _soap_inside(parameters)) is not None:
        return ContentType(inside, _kind_of(inside), "utf-8", is_packaged=True, is_plain=False)
    kind, charset = _kind_of(media), _charset(parameters)
    return ContentType(media, kind, charset, is_plain=kind != "multipart" and charset.lower() == "utf-8")


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
    return _parameter(parameters, "charset") or "utf-8"


def _soap_inside(parameters: str) -> str | None:
    """The media type of the SOAP message in multipart/related; None when something else is in it."""
    type_ = _parameter(parameters, "type").lower()
    if type_ == "application/xop+xml":
        # The first word: start-info of SOAP 1.2 may go on with the action.
        type_ = _parameter(parameters, "start-info").partition(";")[0].strip().lower() or SOAP11
    return type_ if type_ in (SOAP11, SOAP12) else None


def _parameter(parameters: str, wanted: str) -> str:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == wanted:
            return value.strip().strip("\"'")
    return ""
