"""Message -> what goes over the wire: the rules for headers and bodies that requests and answers share."""

from __future__ import annotations

from typing import Any

from engine.errors import Fault
from engine.message import correlation
from engine.message.body import BodyStream
from engine.message.codecs import coding, related
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.multipart import boundary_of
from engine.message.content_type import Kind, parse_content_type
from engine.message.context import MessageContext

NOT_FORWARDED = frozenset(
    {
        b"host",
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"content-length",
        b"expect",
        b"date",
        b"server",
        b"user-agent",
    }
)
"""Headers of the last hop: Synapse's list (trap 38) and HTTP's hop-by-hop fields (RFC 9110 section 7.6.1)."""


def leaves_as_it_came(message: MessageContext) -> bool:
    """Whether body and type of a message are surely those that it came with: a short way for most messages.

    The rules are those of ``body_of``, which says the same the long way.
    """
    payload, axis2 = message.payload, message.axis2
    return (
        payload.is_plain
        and payload.origin != "flow"
        and message.headers.is_plain
        and axis2.get("messageType") in (None, payload.media)
        and _OTHERWISE.isdisjoint(axis2)
    )


def body_of(
    message: MessageContext, imposed_type: str | None = None, *, is_answer: bool = False
) -> tuple[bytes | BodyStream, str | None]:
    """The bytes to send and their Content-Type; None when the header that is there already tells the truth.

    A payload nobody changed goes as it came, unless ``imposed_type`` or the message type asks for another format. Any
    other is coded as the message's Content-Encoding says, whether a flow has set that or it came with the message
    (Synapse's GzipMessageFormatterDecorator). ``is_answer``: the client gets it, and not a back end.
    """
    if imposed_type is None and leaves_as_it_came(message):
        return message.payload.body(), None
    body, content_type = content_of(message, imposed_type, is_answer=is_answer)
    headers = message.headers
    if not headers.is_plain and headers.first(b"content-encoding") and message.payload.codings is None:
        body = _coded(message, body)
    return body, content_type


def _coded(message: MessageContext, body: bytes | BodyStream) -> bytes | BodyStream:
    """A name of a coding that is not known here goes out as the flow has set it, and the body as it is."""
    codings = coding.codings_of(message.headers.first(b"content-encoding").decode("latin-1"))
    if not body and message.exchange.method != "HEAD":
        message.headers.remove("content-encoding")  # there is nothing that it could tell of
    if not body or not coding.is_known(codings):
        return body
    if isinstance(body, bytes) and len(body) < coding.LONG:
        return coding.encode(body, codings)
    return coding.CodedStream(body, codings)


def content_of(
    message: MessageContext, imposed_type: str | None = None, *, is_answer: bool = False
) -> tuple[bytes | BodyStream, str | None]:
    """The same before any Content-Encoding; a body that came coded and was not read is still that."""
    body, content_type = _formatted(message, imposed_type, is_answer)
    if not isinstance(body, bytes) or not body:
        return body, content_type
    if _is_multipart(message, content_type):
        return body, _with_boundary(message, body, content_type)
    packaging = packaging_of(message)
    if packaging is None:
        return body, content_type
    return _packaged(message, body, content_type, packaging, _PACKAGED_ANSWERS if is_answer else _SOAP)


async def whole_body(message: MessageContext, limit: int, imposed_type: str | None = None) -> tuple[bytes, str | None]:
    """All of the body and its type, for files and queues: they have no content codings, and the header goes.

    Raises Fault for more than ``limit`` bytes.
    """
    await message.payload.load(limit)
    message.headers.remove("content-encoding")
    body, content_type = content_of(message, imposed_type)
    assert isinstance(body, bytes)  # loaded above
    return body, content_type


def packaging_of(message: MessageContext) -> related.Packaging | None:
    """How the flow asks SOAP to be sent as multipart/related: ``enableMTOM`` goes before ``enableSwA``.

    The body of a message that asks for it must have been loaded.
    """
    axis2 = message.axis2
    if "enableMTOM" in axis2 and is_true(axis2["enableMTOM"]):
        return "mtom"
    return "swa" if "enableSwA" in axis2 and is_true(axis2["enableSwA"]) else None


def _packaged(
    message: MessageContext,
    body: bytes,
    content_type: str | None,
    packaging: related.Packaging,
    kinds: frozenset[Kind],
) -> tuple[bytes, str | None]:
    """Payloads of these ``kinds`` as SOAP in multipart/related. Others, and what came as that, stay as they are."""
    type_ = parse_content_type(content_type or message.headers.get("content-type") or "")
    if type_.is_packaged or type_.kind not in kinds:
        return body, content_type
    try:
        if type_.kind not in _SOAP:
            body = message.payload.render("soap11")
        return related.encode(body, packaging, message.payload.attachments()) or (body, content_type)
    except (DecodeError, Fault):
        return body, content_type  # bytes that nobody read: whoever gets them will see what they are


def _formatted(
    message: MessageContext, imposed_type: str | None, is_answer: bool
) -> tuple[bytes | BodyStream, str | None]:
    payload = message.payload
    if payload.kind == "empty":
        return b"", None
    wanted = imposed_type or message.axis2.get("messageType")
    unpacks = payload.is_packaged and _is_unpacked(message)
    if payload.untouched and (wanted is None or wanted == payload.media) and not unpacks:
        return payload.body(), _with_its_charset(message)
    if payload.pending:
        return payload.body(), _with_its_charset(message)
    wanted = str(wanted or message.message_type)
    kind = parse_content_type(wanted).kind
    if payload.untouched and payload.raw() is not None and kind in ("binary", payload.kind) and not unpacks:
        return payload.body(), _truthful(message, kind, wanted)
    content_type = imposed_type or _content_type(message, wanted)
    charset, content_type = _in_charset(message, kind, content_type, is_answer)
    return payload.render(kind, charset), content_type


def _is_unpacked(message: MessageContext) -> bool:
    """Whether the flow named another type for what came as multipart/related: then it goes out as that."""
    announced = message.headers.get("content-type") or ""
    return message.payload.raw() is not None and not parse_content_type(announced).is_packaged


def headers_of(
    message: MessageContext, content_type: str | None, own_id: tuple[bytes, bytes] | None = None
) -> list[tuple[bytes, bytes]]:
    """The message's headers that travel on; ``content_type`` and the header ``own_id`` in place of those they have."""
    as_it_is, retyped = _DROPPED[None if own_id is None else own_id[0]]
    dropped = as_it_is if content_type is None else retyped
    headers = [pair for pair in message.headers.raw if pair[0] not in dropped]
    if own_id is not None:
        headers.append(own_id)
    if content_type is not None:
        headers.append((b"content-type", content_type.encode("latin-1", "replace")))
    return headers


def is_true(value: Any) -> bool:
    """Whether a property says true: as a Boolean or as text."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


_UTF_8 = "UTF-8"
_OTHERWISE = frozenset({"ContentType", "enableMTOM", "enableSwA"})
"""What a flow may say about the type or the package of a body that it has not changed."""
_SOAP: frozenset[Kind] = frozenset({"soap11", "soap12"})
_PACKAGED_ANSWERS: frozenset[Kind] = _SOAP | {"xml", "json"}
"""Synapse's PassThroughHttpSender asks no more of an answer than the property."""
_ALWAYS_UTF_8 = frozenset({"json", "badgerfish", "form", "multipart"})
_DROPPED: dict[bytes | None, tuple[frozenset[bytes], frozenset[bytes]]] = {
    None: (NOT_FORWARDED, NOT_FORWARDED | {b"content-type"})
} | {name: (NOT_FORWARDED | {name}, NOT_FORWARDED | {name, b"content-type"}) for name in correlation.NAMES}
"""By the name of the header with the id: what ``headers_of`` leaves out when the type stays, and when it is set."""


def _is_multipart(message: MessageContext, content_type: str | None) -> bool:
    media = content_type or message.axis2.get("messageType")
    return media is not None and parse_content_type(str(media)).kind == "multipart"


def _with_boundary(message: MessageContext, body: bytes, content_type: str | None) -> str | None:
    """The type with the boundary that the body has; setting the message type has taken it out of the header."""
    if content_type is None and "boundary=" in (message.headers.get("content-type") or ""):
        return None
    try:
        boundary = boundary_of(body).replace("\\", "\\\\").replace('"', '\\"')
    except DecodeError:
        return content_type
    parts = [part.strip() for part in (content_type or "multipart/form-data").split(";")]
    kept = [part for part in parts if not part.lower().startswith("boundary=")]
    return "; ".join([*kept, f'boundary="{boundary}"'])


def _truthful(message: MessageContext, kind: Kind, wanted: str) -> str | None:
    current = message.headers.get("content-type")
    if current is not None and parse_content_type(current).kind == kind:
        return _with_its_charset(message)
    return _content_type(message, wanted)


def _with_its_charset(message: MessageContext) -> str | None:
    """The type of bytes that leave as they came; None when it is the one that they have.

    A flow may have named another; setting the message type has taken a charset out of the header.
    """
    charset, named = message.payload.charset, message.axis2.get("ContentType")
    if charset.lower() == "utf-8" and named is None:
        return None
    header = message.headers.get("content-type")
    announced = str(named or header or message.payload.media)
    if parse_content_type(announced).charset.lower() == charset.lower():
        return None if announced == header else announced
    return f"{announced.partition(';')[0].strip()}; charset={charset}"


def _content_type(message: MessageContext, wanted: str) -> str:
    return str(message.axis2.get("ContentType") or wanted)


def _in_charset(message: MessageContext, kind: Kind, content_type: str, is_answer: bool) -> tuple[str, str]:
    """The charset of a body that is made here, and its type, which names it where it has to."""
    named = parse_content_type(content_type).charset if "charset" in content_type.lower() else None
    charset = named or str(message.axis2.get("CHARACTER_SET_ENCODING") or _UTF_8)
    if kind in _ALWAYS_UTF_8:
        charset = _UTF_8
    if named is not None and named.upper() != charset.upper():
        content_type = content_type.partition(";")[0].strip()
    elif named is not None or not _names_charset(message, content_type, charset, is_answer):
        return charset, content_type
    return charset, f"{content_type}; charset={charset}"


def _names_charset(message: MessageContext, content_type: str, charset: str, is_answer: bool) -> bool:
    """Whether the charset is to be added to the type of a body that was made here.

    Answers always name it (Synapse's PassThroughHttpSender.setContentType). Requests leave the type as the flow has
    named it, since back ends compare and sign it, as long as the message has a type (TargetRequestFactory with
    ``http.headers.preserve=Content-Type``, as WSO2 delivers it). Forms of several parts always name it.
    """
    kind = parse_content_type(content_type).kind
    if kind == "binary":
        return False
    if str(message.axis2.get("setCharacterEncoding")).lower() == "false":
        return False
    if is_answer or kind == "multipart" or charset.upper() != _UTF_8:
        return True
    replaced = message.headers.get("content-type")
    return replaced is None or "charset" in replaced.lower()
