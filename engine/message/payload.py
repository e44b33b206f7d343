"""The body of a message: lazy and lossless.

Raw bytes stay raw until a mediator looks; what was only looked at goes out as the bytes that came in. One view is
the truth (``kind``), the others are made on demand: JSON for json-eval, a SOAP envelope for XPath, text.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Literal, TypeVar

from engine.errors import ErrorCode, Fault
from engine.message import addressing, buffered, convert
from engine.message.body import BodyStream
from engine.message.buffered import Held
from engine.message.codecs import badgerfish, coding, form, json, multipart, related, soap, soap_versions, text, xml
from engine.message.codecs.errors import DecodeError
from engine.message.codecs.json import JsonValue
from engine.message.codecs.xml import Element
from engine.message.content_type import Kind, parse_content_type
from engine.message.headers import Headers

log = logging.getLogger("myelin.payload")

T = TypeVar("T")

Origin = Literal["client", "backend", "flow"]
"""Who made the bytes: a mistake in them is answered 400, 502 or 500."""

_STATUS_OF_ORIGIN: dict[Origin, int] = {"client": 400, "backend": 502, "flow": 500}
_WITHOUT_JSON = frozenset({"empty", "text", "binary"})
_XML_KINDS = frozenset({"xml", "soap11", "soap12"})
_IN_ANY_CHARSET = _XML_KINDS | {"text"}
_SENDER: dict[Origin, str] = {"client": "request", "backend": "back end's answer", "flow": "payload"}


class _Unset:
    pass


_UNSET = _Unset()


class Payload:
    """One body. ``kind`` names the form that is true now.

    ``charset`` is that of the raw bytes, ``media`` the media type they came with.

    A stream must be read with ``load`` before any view is asked for; the sequence loop does so for every mediator
    that declares that it reads the body.
    """

    __slots__ = (
        "_codings",
        "_doubt",
        "_envelope",
        "_is_shared",
        "_json",
        "_package",
        "_raw",
        "_stream",
        "_text",
        "charset",
        "held",
        "is_packaged",
        "is_plain",
        "kind",
        "media",
        "notes",
        "origin",
    )

    def __init__(self, body: bytes | BodyStream = b"", content_type: str | bytes = "", origin: Origin = "flow") -> None:
        self._stream: BodyStream | None = None
        self._raw: bytes | None = None
        if isinstance(body, bytes):
            self._raw = body
        else:
            self._stream = body
        self.media, self.charset = "", "utf-8"
        self.kind: Kind = "binary"
        self.is_packaged = False
        """Whether the raw bytes are a SOAP message inside multipart/related."""
        self.is_plain = True
        """Whether they are one piece in UTF-8."""
        if content_type:
            self.media, self.kind, self.charset, self.is_packaged, self.is_plain = parse_content_type(content_type)
        if not body:
            self.kind = "empty"
        self.origin: Origin = origin
        self._json: JsonValue | _Unset = _UNSET
        self._package: bytes | None = None
        self._envelope: Element | None = None
        self._text: str | None = None
        self._is_shared = False
        self._doubt: tuple[str, str] | None = None
        self._codings: list[str] | None = None
        self.held: Held | None = None
        """Counts the bytes that were read, also when the flow has made another form of them since."""
        self.notes: dict[str, Any] | None = None
        """Where the first look at a SOAP envelope writes down what its sender called it (``addressing.CALLED``)."""

    @classmethod
    def received(cls, body: bytes | BodyStream, headers: Headers, origin: Origin) -> Payload:
        """A body as a peer has sent it, with the type and the coding that its headers name.

        A coded body passes as it is until somebody loads it. From then on the header tells how it is to be coded again
        when it leaves, or what takes its place (``engine/core/wire.py``).
        """
        content_type = codings = b""
        for name, value in headers.raw:
            if name == b"content-type":
                content_type = content_type or value
            elif name == b"content-encoding":
                codings = codings or value
        payload = cls(body, content_type, origin)
        headers.is_plain = not codings
        if codings and payload.kind != "empty":
            payload._codings = coding.codings_of(codings.decode("latin-1")) or None
        return payload

    # ---------------------------------------------------------------- bytes

    @property
    def codings(self) -> list[str] | None:
        """How the bytes are coded, None when they are not."""
        return self._codings

    @property
    def pending(self) -> bool:
        """True while the body is one that nobody has read: a stream, or coded bytes."""
        return self._stream is not None or self._codings is not None

    @property
    def stream(self) -> BodyStream | None:
        return self._stream

    async def load(self, limit: int) -> None:
        """Read a pending stream into memory, and undo its Content-Encoding.

        Raises Fault: status 413 (502 for a back end's) when it is longer than ``limit`` bytes, coded or not, 415 for a
        client's coding that is not known here, 400 (502) for damaged bytes, 503 (Overloaded) when there is no room for
        it beside all other bodies.
        """
        if self._stream is not None:
            await self._collect(self._stream, limit)
        if self._codings is not None:
            codings, self._codings = self._codings, None
            await self._undo(codings, limit)

    async def _collect(self, stream: BodyStream, limit: int) -> None:
        try:
            self._raw, self.held = await buffered.collect(stream, limit)
        except buffered.TooLongError:
            raise self._too_long(limit) from None
        self._stream = None
        if not self._raw:
            self.kind = "empty"

    async def _undo(self, codings: list[str], limit: int) -> None:
        raw = self._raw
        if not raw:
            return
        held = self.held or Held()
        try:
            if len(raw) > coding.LONG:
                content = await asyncio.to_thread(coding.decode, raw, codings, limit)
            else:
                content = coding.decode(raw, codings, limit)
        except coding.TooLongError:
            raise self._too_long(limit) from None
        except coding.UnknownCodingError as error:
            status = 415 if self.origin == "client" else _STATUS_OF_ORIGIN[self.origin]
            raise Fault(f"the {_SENDER[self.origin]} is {error}", code=ErrorCode.BAD_PAYLOAD, status=status) from None
        except DecodeError as error:
            raise self._bad(error) from None
        if not held.count(len(content)):
            del content  # the fault keeps this frame
            raise buffered.no_room()
        self._raw, self.held = content, held
        if not content:
            self.kind = "empty"

    def _too_long(self, limit: int) -> Fault:
        return Fault(
            f"the {_SENDER[self.origin]} has a body over {limit:,} bytes, the limit for flows that look into it",
            code=ErrorCode.BAD_PAYLOAD,
            status=413 if self.origin == "client" else 502,
        )

    @property
    def untouched(self) -> bool:
        """Whether this is still what a client or a back end sent."""
        return self.origin != "flow"

    def raw(self) -> bytes | None:
        """The bytes as they came, or None when the payload was changed since or is still a stream."""
        return self._raw

    def doubt(self, text: str, place: str) -> None:
        """This payload is not what its kind says: whoever reads it gets a Fault with that text and place."""
        self._doubt = (text, place)

    def _refuse_doubted(self) -> None:
        if self._doubt is not None:
            text, place = self._doubt
            fault = Fault(text, code=ErrorCode.BAD_PAYLOAD, status=500)
            fault.path.append(place)
            raise fault

    def body(self) -> bytes | BodyStream:
        """What to send on: the untouched bytes or stream, else the true view serialised by its own format."""
        if self._stream is not None:
            return self._stream
        return self._raw if self._raw is not None else self.render(self.kind)

    def render(self, kind: Kind, charset: str = "utf-8") -> bytes:
        """The payload in the format ``kind`` (Synapse's message formatters).

        Raises Fault 601000 for an unknown ``charset`` and for bytes that cannot be read.
        """
        _check_charset(charset)
        if self.kind == "empty":
            return b""
        is_in_charset = kind not in _IN_ANY_CHARSET or charset.lower() == self.charset.lower()
        if kind == self.kind and self._raw is not None and is_in_charset and not self.is_packaged:
            return self._raw
        if kind == "json":
            return self._json_bytes()
        if kind in ("soap11", "soap12"):
            version: soap.Version = "soap11" if kind == "soap11" else "soap12"
            # A flow may have taken the Body out of the envelope.
            return xml.encode(self._guard(lambda: soap_versions.convert(self.envelope(), version)), charset)
        if kind == "text":
            return self.text().encode(charset, "xmlcharrefreplace")
        if kind == "form":
            content = self.content()
            return form.encode(content) if content is not None else b""
        if kind == "multipart":
            parts = self.content()
            return b"" if parts is None else self._guard(partial(multipart.encode, parts))
        if kind == "binary":
            return self._raw if self._raw is not None else self._binary_bytes()
        content = self.content()
        if kind == "badgerfish" and content is not None:
            return badgerfish.encode(content)
        return xml.encode(content, charset) if content is not None else b""

    # ---------------------------------------------------------------- views

    def json(self) -> JsonValue:
        """The JSON value, to be read only; XML and form payloads are converted, an empty body counts as ``{}``.

        Raises Fault 601000 when the bytes are not JSON. Text and binary payloads give the object that their element
        is; ask ``is_structured`` before calling that JSON.
        """
        if self._json is _UNSET:
            self._refuse_doubted()
            self._json = self._decode_json()
        return self._json

    def check_json(self) -> None:
        """Raise what ``json`` would raise, cheaply when there is nothing to raise: the value is not kept."""
        raw = self._raw
        if self.kind == "json" and raw is not None and self._is_utf8 and json.is_surely_valid(raw):
            return
        self.json()

    @property
    def is_structured(self) -> bool:
        """Whether the payload has a JSON view (JSON, XML, SOAP, form)."""
        return self.kind not in _WITHOUT_JSON

    def json_text(self) -> str:
        """The JSON as text: the very text that came in, or that a flow made, where there is one.

        Raises Fault 601000 for bytes that are not JSON; what a flow made is its own affair.
        """
        if self.kind == "json" and self._raw is not None:
            if self._doubt is None:
                self.json()
            return self._guard(lambda: text.decode(self._raw or b"", self.charset)).removeprefix("\ufeff")
        return json.encode(self.json()).decode()

    def envelope(self) -> Element:
        """The SOAP envelope around the payload; treat it as read-only and use ``set_*`` to change the message.

        Raises Fault 601000 when the bytes cannot be read.
        """
        if self._envelope is None:
            self._envelope = self._guard(self._decode_envelope)
        return self._envelope

    def content(self) -> Element | None:
        """The first element in the SOAP body, or None."""
        return self._guard(lambda: soap.content_of(self.envelope()))

    def text(self) -> str:
        """The payload as text: text payloads as they are, others serialised."""
        if self._text is not None:
            return self._text
        raw, charset = self._raw, self.charset
        if raw is not None and self.kind not in _XML_KINDS:
            self._text = self._guard(lambda: text.decode(raw, charset))
            return self._text
        if self.kind not in _XML_KINDS:
            return self.render(self.kind).decode()
        content = self.content()
        if content is not None and content.tag == text.TEXT:
            return content.text or ""
        if self.kind != "xml":
            return xml.text_of(self.envelope())
        return xml.text_of(content) if content is not None else ""

    def attachments(self) -> list[related.Attachment]:
        """What came beside the SOAP message in multipart/related; it stays when the message is changed.

        Raises Fault 601000 when the bytes cannot be read.
        """
        package = self._raw if self.is_packaged else self._package
        return [] if package is None else self._guard(partial(related.attachments, package))

    # ---------------------------------------------------------------- changes

    def set_json(self, value: JsonValue) -> None:
        self._become("json")
        self._json = value

    def set_content(self, element: Element) -> None:
        """Plain XML: ``element`` becomes the one child of the SOAP body. It is moved, not copied."""
        version: soap.Version = "soap12" if self.kind == "soap12" else "soap11"
        self._become("xml")
        self._envelope = soap.wrap(element, version)

    def set_envelope(self, envelope: Element) -> None:
        """A whole SOAP message, header blocks included."""
        version = soap.version_of(envelope)
        self._become(version or "xml")
        self._envelope = envelope if version else soap.wrap(envelope)

    def set_view(self, envelope: Element) -> None:
        """Another XML view: SOAP stays SOAP, every other payload becomes the plain XML in the envelope's body."""
        self._become(self.kind if self.kind in ("soap11", "soap12") else "xml")
        self._envelope = envelope

    def set_text(self, value: str) -> None:
        self._become("text")
        self._text = value
        self._raw = value.encode()

    def editable_envelope(self) -> Element:
        """The SOAP envelope, to be changed in place: from now on it is the payload.

        Raises Fault 601000 when the bytes cannot be read.
        """
        envelope = self.envelope()
        if self._is_shared:
            envelope = copy.deepcopy(envelope)
        self.set_view(envelope)
        return envelope

    def clear(self) -> None:
        self._become("empty")
        self._raw, self._package, self.held = b"", None, None

    def copy(self) -> Payload:
        """An independent payload with the same content: the views are shared until one side changes its own.

        A body that nobody has read cannot be shared: load it first.
        """
        assert not self.pending, "a pending body has one reader"
        twin = Payload(self._raw or b"", origin=self.origin)
        twin.kind, twin.media, twin.charset = self.kind, self.media, self.charset
        twin.is_packaged, twin.is_plain = self.is_packaged, self.is_plain
        twin._raw, twin._text, twin._envelope, twin._json = self._raw, self._text, self._envelope, self._json
        twin._doubt, twin._package, twin.notes = self._doubt, self._package, self.notes
        twin.held = self.held
        self._is_shared = twin._is_shared = True
        return twin

    def close(self) -> None:
        """Give up a body that nobody will read."""
        if self._stream is not None:
            self._stream.close()
        self._codings = None

    # ---------------------------------------------------------------- inside

    def _become(self, kind: Kind) -> None:
        self.close()
        if self.is_packaged:
            self._package = self._raw
        self.kind, self.media, self.charset, self.origin = kind, "", "utf-8", "flow"
        self._raw, self._stream, self._text, self._envelope = None, None, None, None
        self._json = _UNSET
        self._is_shared = self.is_packaged = False
        self.is_plain = True
        self._doubt = None

    def _decode_json(self) -> JsonValue:
        if self.kind == "empty":
            return {}
        if self.kind == "json":
            return self._guard(lambda: self._decode_json_text(self._raw or b""))
        content = self.content()
        return self._guard(lambda: convert.xml_to_json(content)) if content is not None else {}

    def _decode_json_text(self, raw: bytes) -> JsonValue:
        raw = self._utf8(raw)
        try:
            return json.decode(raw)
        except DecodeError:
            repaired = json.without_trailing_commas(raw)
            if repaired == raw:
                raise
            value = json.decode(repaired)
            log.warning("the %s has a trailing comma in its JSON; it was left out", _SENDER[self.origin])
            self._raw = repaired if self._is_utf8 else repaired.decode().encode(self.charset)
            return value

    def _utf8(self, raw: bytes) -> bytes:
        return raw if self._is_utf8 else text.decode(raw, self.charset).encode("utf-8", "replace")

    @property
    def _is_utf8(self) -> bool:
        return self.charset.lower() in ("utf-8", "utf8", "us-ascii")

    def _json_bytes(self) -> bytes:
        if self.kind == "text":
            return json.encode(self.text())
        return json.encode(self.json())

    def _binary_bytes(self) -> bytes:
        """The bytes in a binary element; anything else in the format that it has."""
        content = None if self.kind == "json" else self.content()
        if content is not None and content.tag == text.BINARY:
            return self._guard(partial(text.binary_of, content))
        return self.render(self.kind)

    def _decode_envelope(self) -> Element:
        if self.kind == "empty":
            return soap.wrap(None)
        if self.kind == "json":
            return soap.wrap(convert.json_to_xml(self.json()))
        raw = self._raw or b""
        if self.kind == "text":
            return soap.wrap(text.to_element(self.text()))
        if self.kind == "form":
            return soap.wrap(form.decode(text.decode(raw, self.charset), self.charset))
        if self.kind == "multipart":
            return soap.wrap(multipart.decode(raw))
        if self.kind == "badgerfish":
            return soap.wrap(badgerfish.decode(self._utf8(raw)))
        if self.kind == "binary":
            return soap.wrap(text.binary_element(raw))
        return self._decode_xml(raw)

    def _decode_xml(self, raw: bytes) -> Element:
        if self.is_packaged:
            root = related.decode(raw)
        elif self._is_utf8:
            root = xml.decode(raw)
        else:
            root = xml.decode_text(text.decode(raw, self.charset))
        version = soap.version_of(root)
        if version is not None:
            soap.body_of(root)
        # text/xml is also what plain XML services send, and SOAP comes as application/xml: the root decides.
        self.kind = version or "xml"
        if version is None:
            return soap.wrap(root)
        if self.notes is not None:
            self.notes[addressing.CALLED] = addressing.called(root)
        return root

    def _guard(self, decode: Callable[[], T]) -> T:
        try:
            return decode()
        except DecodeError as error:
            raise self._bad(error) from None

    def _bad(self, error: DecodeError) -> Fault:
        text = f"the {_SENDER[self.origin]} is {error}"
        return Fault(text, code=ErrorCode.BAD_PAYLOAD, status=_STATUS_OF_ORIGIN[self.origin])


def _check_charset(charset: str) -> None:
    if charset != "utf-8" and not text.is_charset(charset):
        raise Fault(f"the message names the unknown charset '{charset}'", code=ErrorCode.BAD_PAYLOAD)
