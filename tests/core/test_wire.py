"""Which bytes leave under which Content-Type, and which headers travel on."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from engine.core.wire import NOT_FORWARDED, body_of, content_of, headers_of, is_true, leaves_as_it_came, whole_body
from engine.errors import Fault
from engine.message.codecs import related, xml
from engine.message.codecs.text import PAYLOAD_NAMESPACE as PAYLOAD
from engine.message.context import MessageContext
from engine.message.payload import Payload
from engine.testing.harness import Harness

JSON = b'{ "a": 1 }'
AS_XML = b"<jsonObject><a>1</a></jsonObject>"
SOAP = b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>%s</soapenv:Body>'
AS_SOAP = SOAP % AS_XML + b"</soapenv:Envelope>"
DECLARED = b"<?xml version='1.0' encoding='ISO-8859-1'?>\n"
XML = "application/xml"
FORM = "application/x-www-form-urlencoded"


class Stream:
    """A body that is still arriving; nobody may read it here."""

    length: int | None = None

    async def read(self) -> bytes:
        raise AssertionError("read")

    def close(self) -> None:
        raise AssertionError("closed")


def received(body: bytes, content_type: str, axis2: dict[str, Any]) -> MessageContext:
    """A message as it comes from a client."""
    message = Harness().message(body, content_type)
    message.axis2 |= axis2
    message.payload = Payload.received(body, message.headers, "client")
    return message


UNTOUCHED = {
    "nothing asked for": ("application/json", {}, JSON, None),
    "its own type asked for": ("application/json", {"messageType": "application/json"}, JSON, None),
    "own type, other parameters": ("application/json;v=2", {"messageType": "application/json"}, JSON, None),
    "same format by another name": ("application/json", {"messageType": "text/json"}, JSON, None),
    "bytes as bytes": ("application/json", {"messageType": "application/octet-stream"}, JSON, None),
    "trap 17: another format": ("application/json", {"messageType": "application/xml"}, AS_XML, XML),
    "as text": (
        "application/json",
        {"messageType": "text/plain"},
        JSON,
        "text/plain",
    ),
    "without charset": (
        "application/json",
        {"messageType": "application/xml", "setCharacterEncoding": "false"},
        AS_XML,
        "application/xml",
    ),
    "another charset": (
        "application/json",
        {"messageType": "application/xml", "CHARACTER_SET_ENCODING": "ISO-8859-1"},
        DECLARED + AS_XML,
        "application/xml; charset=ISO-8859-1",
    ),
    "another name for the format": (
        "application/json",
        {"messageType": "application/xml", "ContentType": "application/vnd.x+xml"},
        AS_XML,
        "application/vnd.x+xml",
    ),
    "a name with its charset": (
        "application/json",
        {"messageType": "application/xml", "ContentType": "application/vnd.x+xml; Charset=utf-8"},
        AS_XML,
        "application/vnd.x+xml; Charset=utf-8",
    ),
    "its own type, its charset": (
        "application/json;charset=cp1252",
        {"messageType": "application/json"},
        JSON,
        "application/json; charset=cp1252",
    ),
    "its charset, another name": (
        "application/json;charset=cp1252",
        {"messageType": "text/json"},
        JSON,
        "text/json; charset=cp1252",
    ),
    "SOAP": ("application/json", {"messageType": "text/xml"}, AS_SOAP, "text/xml"),
}


@pytest.mark.parametrize(("came_as", "axis2", "body", "content_type"), UNTOUCHED.values(), ids=UNTOUCHED)
def test_payload_that_nobody_changed(came_as: str, axis2: dict[str, Any], body: bytes, content_type: str) -> None:
    message = Harness().message(JSON, came_as)
    for name, value in axis2.items():
        message.set_axis2(name, value)
    assert body_of(message) == (body, content_type)


@pytest.mark.parametrize(
    "came_as",
    [
        "",
        "application/json",
        "text/xml; charset=UTF-8",
        "text/plain; charset=latin-1",
        "multipart/form-data; boundary=b",
    ],
)
@pytest.mark.parametrize(
    "axis2",
    [
        {},
        {"messageType": None},
        {"messageType": "application/json"},
        {"messageType": "text/xml"},
        {"messageType": "multipart/form-data"},
        {"ContentType": "text/x"},
        {"enableMTOM": "true"},
        {"CHARACTER_SET_ENCODING": "UTF-16"},
        {"HTTP_SC": 200},
    ],
)
@pytest.mark.parametrize("body", [b"", b"--b\r\n\r\n1\r\n--b--"])
def test_the_short_way_and_the_long_one_agree(came_as: str, axis2: dict[str, Any], body: bytes) -> None:
    message = received(body, came_as, axis2)
    if leaves_as_it_came(message):
        assert body_of(message) == content_of(message) == (body, None)


@pytest.mark.parametrize(
    ("came_as", "axis2", "expected"),
    [
        ("application/json", {}, True),
        ("application/json", {"messageType": "application/json"}, True),
        ("application/json", {"messageType": "text/xml"}, False),
        ("application/json", {"ContentType": "text/x"}, False),
        ("application/json; charset=latin-1", {}, False),
        ("multipart/form-data; boundary=b", {}, False),
    ],
)
def test_what_surely_leaves_as_it_came(came_as: str, axis2: dict[str, Any], expected: bool) -> None:
    assert leaves_as_it_came(received(JSON, came_as, axis2)) is expected


def test_what_a_flow_changed_may_not_leave_as_it_came() -> None:
    changed, coded = received(JSON, "application/json", {}), received(JSON, "application/json", {})
    changed.payload.set_json(1)
    coded.headers.set("content-encoding", "gzip")
    assert not leaves_as_it_came(changed)
    assert not leaves_as_it_came(coded)


@pytest.mark.parametrize(
    ("header", "axis2", "expected"),
    [
        ("application/json", {}, (b'{"b":2}', "application/json")),
        ("application/xml", {}, (b"<jsonObject><b>2</b></jsonObject>", XML)),
        ("application/xml", {"messageType": "application/json"}, (b'{"b":2}', "application/json")),
    ],
)
def test_payload_of_the_flow(header: str, axis2: dict[str, Any], expected: tuple[bytes, str]) -> None:
    message = Harness().message(b"<a/>", header)
    message.payload.set_json({"b": 2})
    message.axis2 |= axis2
    assert body_of(message) == expected


def test_payload_of_the_flow_without_any_header() -> None:
    message = Harness().message()
    message.payload.set_json([1])
    assert body_of(message) == (b"[1]", "application/json; charset=UTF-8")


def test_imposed_type_goes_before_the_message_type() -> None:
    message = Harness().message(JSON)
    message.set_axis2("messageType", "application/json")
    assert body_of(message, "text/xml") == (AS_SOAP, "text/xml")


@pytest.mark.parametrize("imposed", [None, "text/xml"])
def test_empty_payload_stays_empty(imposed: str | None) -> None:
    assert body_of(Harness().message(), imposed) == (b"", None)


@pytest.mark.parametrize("wanted", [None, "application/json", "application/xml"])
def test_body_that_is_still_arriving_is_handed_on(wanted: str | None) -> None:
    message = Harness().message(JSON)
    stream = Stream()
    message.payload = Payload(stream, "application/json", origin="client")
    message.axis2 |= {"messageType": wanted} if wanted else {}
    assert body_of(message) == (stream, None)


def test_unknown_charset_is_a_fault() -> None:
    message = Harness().message(JSON)
    message.axis2 |= {"messageType": "application/xml", "CHARACTER_SET_ENCODING": "klingon"}
    with pytest.raises(Fault, match="unknown charset 'klingon'"):
        body_of(message)


@pytest.mark.parametrize("name", sorted(NOT_FORWARDED))
def test_headers_of_the_last_hop_stay_here(name: bytes) -> None:
    message = Harness().message(JSON, headers={name.decode().title(): "x", "X-Kept": "y"})
    assert headers_of(message, None) == [(b"content-type", b"application/json"), (b"x-kept", b"y")]


def test_content_type_replaces_the_one_there() -> None:
    message = Harness().message(JSON, headers={"X-Kept": "y"})
    assert headers_of(message, "text/plain; x=é") == [(b"x-kept", b"y"), (b"content-type", b"text/plain; x=\xe9")]
    assert message.headers.get("content-type") == "application/json"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), ("true", True), ("TRUE", True), (False, False), ("yes", False), (1, False), (None, False)],
)
def test_is_true(value: Any, expected: bool) -> None:
    assert is_true(value) is expected


BINARY = f'<binary xmlns="{PAYLOAD}">AP8=</binary>'.encode()
TYPES = ["application/octet-stream", "application/pdf", "application/msword", "application/vnd.ms-excel"]


@pytest.mark.parametrize("media", TYPES)
def test_binary_goes_as_it_came_and_back_from_its_element(media: str) -> None:
    message = Harness().message(b"\x00\xff", media)
    content = message.payload.content()
    assert content is not None
    assert xml.encode(content) == BINARY
    message.payload.set_content(xml.decode(BINARY))
    message.set_axis2("messageType", media)
    assert body_of(message) == (b"\x00\xff", media)


def test_a_payload_of_the_flow_as_binary_keeps_its_own_format() -> None:
    message = Harness().message()
    message.payload.set_json({"a": 1})
    message.set_axis2("messageType", "application/octet-stream")
    assert body_of(message) == (b'{"a":1}', "application/octet-stream")


UTF_8 = "; charset=UTF-8"
TABLE = {
    "messageType alone": ({"messageType": "application/xml"}, XML, XML + UTF_8),
    "ContentType after it": (
        {"messageType": "application/xml", "ContentType": "application/atom+xml"},
        "application/atom+xml",
        "application/atom+xml; charset=UTF-8",
    ),
    "ContentType alone names the type only": ({"ContentType": "application/xml"}, XML, XML + UTF_8),
    "a charset": (
        {"messageType": "application/xml", "CHARACTER_SET_ENCODING": "ISO-8859-15"},
        "application/xml; charset=ISO-8859-15",
        "application/xml; charset=ISO-8859-15",
    ),
    "a charset that is not to be told": (
        {"messageType": "application/xml", "CHARACTER_SET_ENCODING": "ISO-8859-15", "setCharacterEncoding": "false"},
        XML,
        XML,
    ),
    "only false switches it off": (
        {"messageType": "application/xml", "setCharacterEncoding": "no"},
        XML,
        "application/xml; charset=UTF-8",
    ),
    "a ContentType with charset wins": (
        {"messageType": "text/plain", "ContentType": "text/csv; charset=utf-8", "CHARACTER_SET_ENCODING": "utf-16"},
        "text/csv; charset=utf-8",
        "text/csv; charset=utf-8",
    ),
    "text": ({"messageType": "text/plain"}, "text/plain", "text/plain; charset=UTF-8"),
    "JSON": ({"messageType": "application/json"}, "application/json", "application/json; charset=UTF-8"),
    "JSON is always UTF-8": (
        {"messageType": "text/javascript", "CHARACTER_SET_ENCODING": "ISO-8859-15"},
        "text/javascript",
        "text/javascript; charset=UTF-8",
    ),
    "BadgerFish": (
        {"messageType": "application/json/badgerfish"},
        "application/json/badgerfish",
        "application/json/badgerfish; charset=UTF-8",
    ),
    "SOAP": ({"messageType": "text/xml"}, "text/xml", "text/xml; charset=UTF-8"),
    "forms": ({"messageType": FORM}, FORM, FORM + UTF_8),
    "bytes have none": ({"messageType": "application/pdf"}, "application/pdf", "application/pdf"),
}


@pytest.mark.parametrize(("axis2", "request_type", "answer_type"), TABLE.values(), ids=TABLE)
def test_the_content_type_that_leaves(axis2: dict[str, str], request_type: str, answer_type: str) -> None:
    message = Harness().message(b"x", "text/csv")
    message.payload.set_content(xml.decode(b"<a><b>1</b></a>"))
    for name, value in axis2.items():
        message.set_axis2(name, value)
    assert body_of(message)[1] == request_type
    assert body_of(message, is_answer=True)[1] == answer_type


@pytest.mark.parametrize(
    ("came_as", "expected"),
    [
        (None, "text/xml; charset=UTF-8"),
        ("application/json", "text/xml"),
        ("application/json; charset=utf-8", "text/xml; charset=UTF-8"),
    ],
)
def test_a_request_names_its_charset_where_the_type_it_replaces_did(came_as: str | None, expected: str) -> None:
    message = Harness().message(JSON, came_as or "application/json")
    if came_as is None:
        message.headers.remove("content-type")
    assert body_of(message, "text/xml") == (AS_SOAP, expected)


@pytest.mark.parametrize("media", ["text/plain", "text/csv"])
def test_text_of_a_flow_in_its_charset(media: str) -> None:
    message = Harness().message()
    message.payload.set_text("é")
    message.set_axis2("messageType", media)
    assert body_of(message, is_answer=True) == ("é".encode(), f"{media}; charset=UTF-8")
    message.axis2["CHARACTER_SET_ENCODING"] = "ISO-8859-1"
    assert body_of(message) == (b"\xe9", f"{media}; charset=ISO-8859-1")


@pytest.mark.parametrize("is_answer", [False, True])
@pytest.mark.parametrize(
    ("axis2", "start"),
    [
        ({}, 'multipart/form-data; charset=UTF-8; boundary="'),
        ({"setCharacterEncoding": "false"}, 'multipart/form-data; boundary="'),
        ({"ContentType": "multipart/form-data; boundary=old"}, 'multipart/form-data; charset=UTF-8; boundary="'),
    ],
)
def test_several_parts_name_charset_and_boundary(is_answer: bool, axis2: dict[str, str], start: str) -> None:
    message = Harness().message(b"<a><b>1</b></a>", "application/xml")
    message.set_axis2("messageType", "multipart/form-data")
    message.axis2 |= axis2
    body, content_type = body_of(message, is_answer=is_answer)
    assert isinstance(body, bytes)
    assert content_type is not None
    assert content_type.startswith(start)
    assert body.startswith(b"--" + content_type.removeprefix(start).removesuffix('"').encode() + b"\r\n")


@pytest.mark.parametrize("is_answer", [False, True])
@pytest.mark.parametrize(
    ("came_as", "named", "expected"),
    [
        ("application/json", "application/vnd.x", "application/vnd.x"),
        ("application/json; charset=cp1252", "text/csv", "text/csv; charset=cp1252"),
        ("application/json; charset=cp1252", "text/csv; charset=cp1252", "text/csv; charset=cp1252"),
    ],
)
def test_a_flow_may_name_the_type_of_what_it_does_not_touch(
    is_answer: bool, came_as: str, named: str, expected: str
) -> None:
    message = Harness().message(JSON, came_as)
    message.set_axis2("ContentType", named)
    assert body_of(message, is_answer=is_answer) == (JSON, expected)
    stream = Stream()
    message.payload = Payload(stream, came_as, origin="client")
    assert body_of(message, is_answer=is_answer) == (stream, expected)


@pytest.mark.parametrize("body", [b"{}", b"[%b]" % (b"1," * 300_000 + b"1")])
@pytest.mark.parametrize("is_read", [False, True])
async def test_files_and_queues_get_the_whole_body_without_its_coding(body: bytes, is_read: bool) -> None:
    message = Harness().message(gzip.compress(body), "application/json", headers={"Content-Encoding": "gzip"})
    message.payload = Payload.received(message.payload.raw() or b"", message.headers, "client")
    if is_read:
        await message.payload.load(len(body))
    assert await whole_body(message, len(body)) == (body, None)
    assert "content-encoding" not in message.headers


async def test_a_body_over_the_limit_is_a_fault() -> None:
    message = Harness().message(gzip.compress(b"12"), headers={"Content-Encoding": "gzip"})
    message.payload = Payload.received(message.payload.raw() or b"", message.headers, "client")
    with pytest.raises(Fault, match="over 1 bytes"):
        await whole_body(message, 1)


@pytest.mark.parametrize("axis2", [{}, {"messageType": "application/json"}])
def test_answers_that_nobody_changed_keep_their_type(axis2: dict[str, str]) -> None:
    message = Harness().message(JSON)
    message.axis2 |= axis2
    assert message.payload.json() == {"a": 1}
    assert body_of(message, is_answer=True) == (JSON, None)


def test_badgerfish_out() -> None:
    message = Harness().message(b"<a b='1'>x</a>", "application/xml")
    message.set_axis2("messageType", "application/json/badgerfish")
    assert body_of(message) == (b'{"a":{"@b":"1","$":"x"}}', "application/json/badgerfish")


PLAIN = SOAP % b"<a/>" + b"</soapenv:Envelope>"
PICTURE = related.Attachment("p@x", "image/png", bytes(range(256)))


def packaged_message(packaging: related.Packaging) -> tuple[MessageContext, bytes]:
    encoded = related.encode(PLAIN, packaging, [PICTURE])
    assert encoded is not None
    return Harness().message(encoded[0], encoded[1]), encoded[0]


@pytest.mark.parametrize("packaging", ["mtom", "swa"])
@pytest.mark.parametrize("wanted", [{}, {"enableMTOM": "true"}, {"enableSwA": True}])
def test_what_came_as_multipart_passes_with_its_attachments(
    packaging: related.Packaging, wanted: dict[str, Any]
) -> None:
    message, raw = packaged_message(packaging)
    message.axis2 |= wanted
    message.payload.envelope()
    assert message.payload.attachments() == [PICTURE]
    assert body_of(message) == (raw, None)


@pytest.mark.parametrize(("name", "type_"), [("enableMTOM", "application/xop+xml"), ("enableSwA", "text/xml")])
@pytest.mark.parametrize("come_as", ["mtom", "swa"])
def test_attachments_survive_a_change(come_as: related.Packaging, name: str, type_: str) -> None:
    message, _ = packaged_message(come_as)
    message.payload.editable_envelope()[0][0].text = "new"
    message = message.clone()
    message.headers.set("Content-Type", "text/xml")
    message.axis2[name] = "true"
    body, content_type = body_of(message)
    assert isinstance(body, bytes)
    assert content_type is not None
    assert f'type="{type_}"' in content_type
    assert related.decode(body).findtext(".//a") == "new"
    assert related.attachments(body) == [PICTURE]


@pytest.mark.parametrize("axis2", [{}, {"enableMTOM": "false", "enableSwA": False}])
def test_without_the_property_a_changed_message_leaves_alone(axis2: dict[str, Any]) -> None:
    message, _ = packaged_message("swa")
    message.payload.set_envelope(message.payload.editable_envelope())
    message.set_axis2("messageType", "text/xml")
    message.axis2 |= axis2
    assert body_of(message) == (PLAIN, "text/xml")


@pytest.mark.parametrize(("body", "media"), [(b"<a", "text/xml"), (b"<a/>", "text/xml"), (b"<a/>", "application/xml")])
def test_only_soap_is_packaged(body: bytes, media: str) -> None:
    message = Harness().message(body, media)
    message.axis2["enableMTOM"] = "true"
    assert body_of(message) == (body, None)


def test_cleared_payloads_have_no_attachments() -> None:
    message, _ = packaged_message("mtom")
    message.payload.clear()
    assert message.payload.attachments() == []
