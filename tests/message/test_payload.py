from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from lxml import etree

from engine.errors import ErrorCode, Fault
from engine.message.codecs import soap, xml
from engine.message.content_type import Kind
from engine.message.payload import Payload

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
ENVELOPE_12 = "http://www.w3.org/2003/05/soap-envelope"
SOAP = f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Header><h/></s:Header><s:Body><a>1</a></s:Body></s:Envelope>'
TEXT_NAMESPACE = "http://ws.apache.org/commons/ns/payload"


def wrapped(inside: str, namespace: str = ENVELOPE) -> str:
    start = f'<soapenv:Envelope xmlns:soapenv="{namespace}"><soapenv:Body>'
    return f"{start}{inside}</soapenv:Body></soapenv:Envelope>"


def element(text: str) -> xml.Element:
    return xml.decode(text.encode())


def as_text(found: xml.Element | None) -> str | None:
    return None if found is None else xml.text_of(found)


# ---------------------------------------------------------------- what it is


@pytest.mark.parametrize(
    ("body", "content_type", "kind", "media", "charset"),
    [
        (b"", "application/json", "empty", "application/json", "utf-8"),
        (b"{}", "application/json; charset=UTF-16", "json", "application/json", "UTF-16"),
        (b"<a/>", "application/xml", "xml", "application/xml", "utf-8"),
        (b"<a/>", "text/xml", "soap11", "text/xml", "utf-8"),
        (b"x", "text/plain;charset=latin-1", "text", "text/plain", "latin-1"),
        (b"a=1", "application/x-www-form-urlencoded", "form", "application/x-www-form-urlencoded", "utf-8"),
        (b"x", "", "binary", "", "utf-8"),
        (b"x", "image/png", "binary", "image/png", "utf-8"),
    ],
)
def test_the_content_type_says_what_it_is(body: bytes, content_type: str, kind: Kind, media: str, charset: str) -> None:
    payload = Payload(body, content_type)
    assert (payload.kind, payload.media, payload.charset) == (kind, media, charset)


@pytest.mark.parametrize(
    ("content_type", "structured"),
    [
        ("application/json", True),
        ("application/xml", True),
        ("text/xml", True),
        ("application/x-www-form-urlencoded", True),
        ("text/plain", False),
        ("image/png", False),
    ],
)
def test_what_has_a_json_view(content_type: str, structured: bool) -> None:
    assert Payload(b"x", content_type).is_structured == structured
    assert not Payload(b"", content_type).is_structured


# ---------------------------------------------------------------- laziness


LOOKS: list[Callable[[Payload], object]] = [
    Payload.json,
    Payload.json_text,
    Payload.envelope,
    Payload.content,
    Payload.text,
]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (b'\xef\xbb\xbf { "a" : 1.50 , "a" : 1e400 } ', "application/json"),
        (b"<?xml version='1.0'?>\n<a  b='1' ><!-- c --></a >\n", "application/xml"),
        (b"<a  />", "text/xml"),
        (SOAP.replace("><", ">\n<").encode(), "text/xml"),
        (b"b=2&a=%20+", "application/x-www-form-urlencoded"),
        (b"text\r\n", "text/plain"),
    ],
)
def test_looking_changes_no_byte(raw: bytes, content_type: str, look: Callable[[Payload], object]) -> None:
    payload = Payload(raw, content_type, "client")
    look(payload)
    assert payload.body() is raw
    assert payload.raw() is raw
    assert payload.untouched


def test_an_unread_body_is_never_parsed() -> None:
    broken = b'{"a": '
    assert Payload(broken, "application/json").body() is broken
    assert Payload(broken, "application/json").render("json") is broken


def test_views_are_made_once() -> None:
    payload = Payload(b'{"a": {"b": 1}}', "application/json")
    assert payload.json() is payload.json()
    assert payload.envelope() is payload.envelope()


def test_unread_text_xml_is_soap_until_looked_at() -> None:
    plain, envelope = Payload(b"<a/>", "text/xml"), Payload(SOAP.encode(), "application/xml")
    assert (plain.kind, envelope.kind) == ("soap11", "xml")
    assert as_text(plain.content()) == "<a/>"
    assert as_text(envelope.content()) == "<a>1</a>"
    assert (plain.kind, envelope.kind) == ("xml", "soap11")


# ---------------------------------------------------------------- renderings

SOURCES: dict[str, Callable[[], Payload]] = {
    "empty": Payload,
    "json": lambda: Payload(b'{"a":1.0}', "application/json"),
    "made json": lambda: changed(lambda payload: payload.set_json({"a": 1})),
    "xml": lambda: Payload(b"<a>1</a>", "application/xml"),
    "made xml": lambda: changed(lambda payload: payload.set_content(element("<a>1</a>"))),
    "soap": lambda: Payload(SOAP.encode(), "text/xml"),
    "form": lambda: Payload(b"a=1&b=x+y", "application/x-www-form-urlencoded"),
    "text": lambda: Payload("é<".encode("latin-1"), "text/plain; charset=latin-1"),
    "made text": lambda: changed(lambda payload: payload.set_text("é<")),
    "binary": lambda: Payload(b"\x00\xff", "image/png"),
}


def changed(change: Callable[[Payload], None]) -> Payload:
    payload = Payload(b"before", "text/plain")
    change(payload)
    return payload


SOAP_12 = (
    f'<soapenv:Envelope xmlns:soapenv="{ENVELOPE_12}"><soapenv:Header><h/></soapenv:Header>'
    "<soapenv:Body><a>1</a></soapenv:Body></soapenv:Envelope>"
)
FORM_XML = "<xformValues><a>1</a><b>x y</b></xformValues>"
TEXT_XML = f'<text xmlns="{TEXT_NAMESPACE}">é&lt;</text>'
BINARY_XML = f'<binary xmlns="{TEXT_NAMESPACE}">AP8=</binary>'


@pytest.mark.parametrize(
    ("source", "kind", "expected"),
    [
        ("empty", "json", ""),
        ("empty", "xml", ""),
        ("empty", "soap11", ""),
        ("empty", "text", ""),
        ("json", "json", '{"a":1.0}'),
        ("json", "xml", "<jsonObject><a>1.0</a></jsonObject>"),
        ("json", "soap11", wrapped("<jsonObject><a>1.0</a></jsonObject>")),
        ("json", "soap12", wrapped("<jsonObject><a>1.0</a></jsonObject>", ENVELOPE_12)),
        ("json", "text", '{"a":1.0}'),
        ("json", "form", "a=1.0"),
        ("json", "binary", '{"a":1.0}'),
        ("made json", "json", '{"a":1}'),
        ("made json", "xml", "<jsonObject><a>1</a></jsonObject>"),
        ("made json", "text", '{"a":1}'),
        ("xml", "json", '{"a":1}'),
        ("xml", "xml", "<a>1</a>"),
        ("xml", "soap11", wrapped("<a>1</a>")),
        ("xml", "soap12", wrapped("<a>1</a>", ENVELOPE_12)),
        ("xml", "text", "<a>1</a>"),
        ("xml", "form", ""),
        ("xml", "binary", "<a>1</a>"),
        ("made xml", "json", '{"a":1}'),
        ("made xml", "xml", "<a>1</a>"),
        ("made xml", "soap11", wrapped("<a>1</a>")),
        ("made xml", "text", "<a>1</a>"),
        ("soap", "json", '{"a":1}'),
        ("soap", "xml", "<a>1</a>"),
        ("soap", "soap11", SOAP),
        ("soap", "soap12", SOAP_12),
        ("soap", "text", SOAP),
        ("form", "json", '{"xformValues":{"a":1,"b":"x y"}}'),
        ("form", "xml", FORM_XML),
        ("form", "soap11", wrapped(FORM_XML)),
        ("form", "text", "a=1&b=x+y"),
        ("form", "form", "a=1&b=x+y"),
        ("text", "json", '"é<"'),
        ("text", "xml", TEXT_XML),
        ("text", "soap11", wrapped(TEXT_XML)),
        ("made text", "text", "é<"),
        ("made text", "json", '"é<"'),
        ("made text", "xml", TEXT_XML),
        ("binary", "xml", BINARY_XML),
        ("binary", "json", '{"binary":"AP8="}'),
    ],
)
def test_render(source: str, kind: Kind, expected: str) -> None:
    payload = SOURCES[source]()
    assert payload.render(kind).decode() == expected
    assert payload.render(kind).decode() == expected  # rendering leaves the payload as it is


@pytest.mark.parametrize(("source", "raw"), [("text", b"\xe9<"), ("binary", b"\x00\xff")])
def test_bytes_without_structure_go_out_as_they_came(source: str, raw: bytes) -> None:
    payload = SOURCES[source]()
    assert payload.body() == raw
    assert payload.render("binary") == raw


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("xml", "<?xml version='1.0' encoding='latin-1'?>\n<a>é&#8364;</a>"),
        ("text", "<a>é&#8364;</a>"),
    ],
)
def test_render_in_a_charset(kind: Kind, expected: str) -> None:
    payload = changed(lambda payload: payload.set_content(element("<a>é€</a>")))
    assert payload.render(kind, "latin-1") == expected.encode("latin-1")


@pytest.mark.parametrize("charset", ["x-none", "hex", "undefined", "idna", "Punycode", "\0", ""])
def test_render_refuses_an_unknown_charset(charset: str) -> None:
    with pytest.raises(Fault) as caught:
        changed(lambda payload: payload.set_text("x")).render("text", charset)
    assert caught.value.message == f"the message names the unknown charset '{charset}'"
    assert (caught.value.code, caught.value.status) == (ErrorCode.BAD_PAYLOAD, 500)


# ---------------------------------------------------------------- views


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("empty", "{}"),
        ("json", '{"a":1.0}'),
        ("made json", '{"a":1}'),
        ("xml", '{"a":1}'),
        ("soap", '{"a":1}'),
        ("form", '{"xformValues":{"a":1,"b":"x y"}}'),
    ],
)
def test_json_text(source: str, text: str) -> None:
    assert SOURCES[source]().json_text() == text


def test_json_text_is_the_very_text_that_came() -> None:
    # Synapse trap 1: json-eval($) is the raw payload.
    assert Payload(b'\xef\xbb\xbf{ "a" : 1.50 }', "application/json").json_text() == '{ "a" : 1.50 }'


@pytest.mark.parametrize("charset", ["ISO-8859-1", "UTF-16", "utf-16-le"])
def test_json_in_the_charset_of_the_header(charset: str) -> None:
    payload = Payload('{ "a": "é" }'.encode(charset), f"application/json; charset={charset}")
    assert payload.json() == {"a": "é"}
    assert payload.json_text() == '{ "a": "é" }'
    assert payload.text() == '{ "a": "é" }'


def test_xml_in_the_charset_of_the_header() -> None:
    # RFC 7303 section 3.2: the header counts more than the declaration.
    raw = "<?xml version='1.0' encoding='utf-8'?><a>é</a>".encode("latin-1")
    payload = Payload(raw, "application/xml; charset=ISO-8859-1")
    assert as_text(payload.content()) == "<a>é</a>"
    assert payload.text() == "<a>é</a>"


def test_xml_in_the_encoding_it_declares() -> None:
    raw = "<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>".encode("latin-1")
    payload = Payload(raw, "application/xml")
    assert payload.text() == "<a>é</a>"
    assert payload.body() is raw


def test_a_form_in_the_charset_of_the_header() -> None:
    payload = Payload(b"a=%E9&b=\xe9", "application/x-www-form-urlencoded; charset=ISO-8859-1")
    assert as_text(payload.content()) == "<xformValues><a>é</a><b>é</b></xformValues>"


def test_the_envelope_of_plain_xml_has_it_as_its_one_child() -> None:
    assert as_text(Payload(b"<a/>", "application/xml").envelope()) == wrapped("<a/>")
    assert as_text(Payload().envelope()) == wrapped("").replace("<soapenv:Body></soapenv:Body>", "<soapenv:Body/>")
    assert Payload().content() is None


def test_the_text_of_a_text_element_is_the_text() -> None:
    payload = changed(lambda payload: payload.set_content(element(TEXT_XML)))
    assert payload.text() == "é<"
    assert payload.render("text") == "é<".encode()


# ---------------------------------------------------------------- changes


def test_set_content_moves_the_element_and_keeps_the_soap_version() -> None:
    payload = Payload(f'<s:Envelope xmlns:s="{ENVELOPE_12}"><s:Body/></s:Envelope>'.encode(), "application/soap+xml")
    moved = element("<r><a/></r>")[0]
    payload.set_content(moved)
    assert payload.kind == "xml"
    assert payload.content() is moved
    assert soap.version_of(payload.envelope()) == "soap12"


@pytest.mark.parametrize(
    ("text", "kind", "inside"),
    [(SOAP, "soap11", "a"), (SOAP.replace(ENVELOPE, ENVELOPE_12), "soap12", "a"), ("<a/>", "xml", "a")],
)
def test_set_envelope(text: str, kind: Kind, inside: str) -> None:
    payload = changed(lambda payload: payload.set_envelope(element(text)))
    content = payload.content()
    assert payload.kind == kind
    assert content is not None
    assert content.tag == inside


def test_every_change_forgets_the_other_views() -> None:
    payload = Payload(b'{"a":1}', "application/json", "client")
    assert (payload.json(), payload.text()) == ({"a": 1}, '{"a":1}')
    payload.set_text("x")
    assert (payload.kind, payload.text(), payload.raw(), payload.media) == ("text", "x", b"x", "")
    payload.set_json([1])
    assert (payload.kind, payload.text(), payload.raw(), payload.json()) == ("json", "[1]", None, [1])
    payload.set_content(element("<a>é</a>"))
    assert (payload.kind, payload.text(), payload.json()) == ("xml", "<a>é</a>", {"a": "é"})
    payload.clear()
    assert (payload.kind, payload.body(), payload.json(), payload.content()) == ("empty", b"", {}, None)


# ---------------------------------------------------------------- copies


@pytest.mark.parametrize("source", list(SOURCES))
def test_a_copy_says_the_same(source: str) -> None:
    payload = SOURCES[source]()
    twin = payload.copy()
    assert (twin.kind, twin.media, twin.charset, twin.origin) == (
        payload.kind,
        payload.media,
        payload.charset,
        payload.origin,
    )
    assert twin.body() == payload.body()


def test_a_copy_of_made_json_is_independent() -> None:
    payload = changed(lambda payload: payload.set_json({"a": [1]}))
    twin = payload.copy()
    twin.set_json({"a": [1, 2]})
    assert (payload.body(), twin.body()) == (b'{"a":[1]}', b'{"a":[1,2]}')


def test_a_copy_of_made_xml_is_independent() -> None:
    payload = changed(lambda payload: payload.set_envelope(element(SOAP)))
    twin = payload.copy()
    etree.SubElement(twin.editable_envelope()[1][0], "more")
    assert payload.body() == SOAP.encode()
    assert b"<more/>" in twin.render("soap11")


def test_a_copy_keeps_text_larger_than_parsers_take() -> None:
    large = etree.Element("a")
    large.text = "x" * 10_000_001
    payload = changed(lambda payload: payload.set_content(large))
    assert len(payload.copy().render("xml")) == len(large.text) + len("<a></a>")


async def test_a_body_of_10_mb_is_read_and_converted_in_time_that_grows_with_it() -> None:
    def seconds(items: int) -> float:
        raw = b"<r>" + b"<i><n>1</n><t>abc</t></i>" * items + b"</r>"
        start = time.perf_counter()
        payload = Payload(raw, "application/xml")
        assert len(payload.json()["r"]["i"]) == items
        payload.editable_envelope()
        payload.body()
        return time.perf_counter() - start

    small = min(seconds(40_000), seconds(40_000))
    large = seconds(400_000)
    # Ten times the work, with room for a busy machine; quadratic would be a hundred.
    assert large < 40 * small
