"""Each content type in and out: a proxy that streams it, one that looks into it, and one that makes XML of it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from engine.message.codecs import related, soap, xml

PAYLOAD = "http://ws.apache.org/commons/ns/payload"
ENVELOPE_11 = f'<s:Envelope xmlns:s="{soap.NAMESPACES["soap11"]}"><s:Body> <a  b="1"/></s:Body></s:Envelope>'
ENVELOPE_12 = ENVELOPE_11.replace(soap.NAMESPACES["soap11"], soap.NAMESPACES["soap12"])
FORM_DATA = (
    b'--x y\r\nContent-Disposition: form-data; name="t"\r\n\r\n\xc3\xa9\r\n'
    b'--x y\r\nContent-Disposition: form-data; name="f"; filename="p.bin"\r\nContent-Type: a/b\r\n\r\n\x00'
    b"\r\n--x y--\r\n"
)
BYTES = bytes(range(256))
BINARY = f'<binary xmlns="{PAYLOAD}">{base64.b64encode(BYTES).decode()}</binary>'
JSON_AS_XML = "<jsonObject><n>12345678901234567890</n><d>1.50</d><a>1</a><a>2</a></jsonObject>"
JSON = b'{"n": 12345678901234567890, "d": 1.50, "a": [1, 2]}'


def packaged(packaging: related.Packaging) -> tuple[str, bytes]:
    text = base64.b64encode(BYTES * 8).decode()
    envelope = ENVELOPE_11.replace('<a  b="1"/>', f"<a>{text}</a>").encode()
    encoded = related.encode(envelope, packaging, [related.Attachment("p@x", "image/png", BYTES)])
    assert encoded is not None
    return encoded[1], encoded[0]


PICTURE = f"<a>{base64.b64encode(BYTES * 8).decode()}</a>"

TYPES: dict[str, tuple[str, bytes, str]] = {
    "json": ("application/json", JSON, JSON_AS_XML),
    "json with BOM": ("application/json; charset=utf-8", b"\xef\xbb\xbf" + JSON, JSON_AS_XML),
    "vendor json": ("application/vnd.x+json", b'{"a":  null}', "<jsonObject><a/></jsonObject>"),
    "javascript": (
        "text/javascript",
        b"[1,  2]",
        "<jsonArray><jsonElement>1</jsonElement><jsonElement>2</jsonElement></jsonArray>",
    ),
    "badgerfish": ("application/json/badgerfish", b'{"a": {"@b": "1",  "$": "x"}}', '<a b="1">x</a>'),
    "xml": ("application/xml", b"<?xml version='1.0'?>\n<a  b='1'><!-- c --></a >\n", '<a b="1"><!-- c --></a>'),
    "latin-1 xml": ("application/xml;charset=ISO-8859-1", b"<a>\xe9</a>", "<a>é</a>"),
    "soap 1.1": ("text/xml; charset=UTF-8", ENVELOPE_11.encode(), '<a b="1"/>'),
    "soap 1.2": ('application/soap+xml; action="urn:go"', ENVELOPE_12.encode(), '<a b="1"/>'),
    "text": ("text/plain; charset=utf-8", "a <é>\n".encode(), f'<text xmlns="{PAYLOAD}">a &lt;é&gt;\n</text>'),
    "csv": ("text/csv", b"a,b\r\n", f'<text xmlns="{PAYLOAD}">a,b&#13;\n</text>'),
    "form": ("application/x-www-form-urlencoded", b"b=2&a=%C3%A9+", "<xformValues><b>2</b><a>é </a></xformValues>"),
    "form data": (
        'multipart/form-data; boundary="x y"',
        FORM_DATA,
        '<mediate><t>é</t><f filename="p.bin" content-type="a/b">AA==</f></mediate>',
    ),
    "mtom": (*packaged("mtom"), PICTURE),
    "swa": (*packaged("swa"), PICTURE),
    "bytes": ("application/octet-stream", BYTES, BINARY),
    "pdf": ("application/pdf", BYTES, BINARY),
    "office": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", BYTES, BINARY),
    "image": ("image/png", BYTES, BINARY),
}


@pytest.fixture(scope="module")
def engine(start: Any, back_end: Any) -> Any:
    def proxy(name: str, before: str, after: str = "", path: str = "/echo", call: str = "<call>") -> str:
        call += f'<endpoint><address uri="{back_end.url}{path}"/></endpoint></call>'
        return f'<proxy name="{name}"><target><inSequence>{before}{call}{after}<respond/></inSequence></target></proxy>'

    look = '<log level="full"/><property name="it" expression="//*[1]"/>'
    as_xml = '<property name="messageType" value="application/xml" scope="axis2"/>'
    made = {"json": ("json", '{"a":"é"}'), "pox": ("xml", '<a xmlns="">é</a>'), "text": ("text", "é")}
    make = {
        name: f'<payloadFactory media-type="{media}"><format>{text}</format><args/></payloadFactory>'
        for name, (media, text) in made.items()
    }
    named = '<property name="ContentType" value="text/csv" scope="axis2"/>'
    plain = '<property name="setCharacterEncoding" value="false" scope="axis2"/>'
    flows = [
        proxy("streams", ""),
        proxy("named", named, named),
        proxy("blocking", "", path="/xml", call='<call blocking="true">'),
        proxy("broken", '<payloadFactory media-type="json"><format>{"a": "b" "c"}</format><args/></payloadFactory>'),
        proxy("packs", "", '<property name="enableMTOM" value="true" scope="axis2"/>', path="/xml"),
        '<proxy name="marks"><target><inSequence><header name="h:x" value="1" xmlns:h="urn:h"/><respond/></inSequence>'
        "</target></proxy>",
        proxy("looks", look, look),
        proxy("xml", as_xml),
        *(proxy(name, each, each) for name, each in make.items()),
        proxy("json-plain", make["json"] + plain, make["json"] + plain),
    ]
    return start({"a.xml": f'<definitions xmlns="http://ws.apache.org/ns/synapse">{"".join(flows)}</definitions>'})


@pytest.mark.parametrize("proxy", ["streams", "looks"])
@pytest.mark.parametrize(("content_type", "body", "as_xml"), TYPES.values(), ids=TYPES)
def test_what_is_not_changed_passes_byte_for_byte(
    engine: Any, back_end: Any, proxy: str, content_type: str, body: bytes, as_xml: str
) -> None:
    headers = {"Content-Type": content_type, "SOAPAction": '"urn:go"'}
    answer = engine.call("POST", f"/services/{proxy}", data=body, headers=headers)
    sent = back_end.last()
    assert (sent.header("content-type"), sent.body) == (content_type, body)
    assert answer.status_code == 200
    assert (answer.headers["Content-Type"], answer.content) == (content_type, body)


OTHERS = {name: case for name, case in TYPES.items() if not case[0].startswith("application/xml")}


@pytest.mark.parametrize(("content_type", "body", "as_xml"), OTHERS.values(), ids=OTHERS)
def test_the_same_as_xml(engine: Any, back_end: Any, content_type: str, body: bytes, as_xml: str) -> None:
    headers = {"Content-Type": content_type}
    assert engine.call("POST", "/services/xml", data=body, headers=headers).status_code == 200
    sent = back_end.last()
    assert (sent.header("content-type"), sent.body.decode()) == ("application/xml", as_xml)


@pytest.mark.parametrize(
    ("flow", "answer_type"),
    [
        ("json", "application/json; charset=UTF-8"),
        ("json-plain", "application/json"),
        ("pox", "application/xml; charset=UTF-8"),
        ("text", "text/plain; charset=UTF-8"),
    ],
)
def test_answers_made_here_name_their_charset_and_requests_do_not(
    engine: Any, back_end: Any, flow: str, answer_type: str
) -> None:
    answer = engine.call("POST", f"/services/{flow}", data=b"[]", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, answer_type)
    assert back_end.last().header("content-type") == answer_type.partition(";")[0]
    assert back_end.last().body == answer.content


@pytest.mark.parametrize("size", [3, 500_000])
def test_a_flow_names_the_type_of_what_passes(engine: Any, back_end: Any, size: int) -> None:
    answer = engine.call("POST", "/services/named", data=b"a" * size, headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (200, "text/csv", b"a" * size)
    assert (back_end.last().header("content-type"), len(back_end.last().body)) == ("text/csv", size)


@pytest.mark.parametrize("size", [1, 300_000])
def test_what_a_blocking_call_brings_leaves_in_the_format_of_the_request(engine: Any, back_end: Any, size: int) -> None:
    content = f"<a>{'x' * size}</a>".encode()
    back_end.on("/xml", lambda _, connection: connection.answer(200, content, "Content-Type: application/xml"))
    answer = engine.call("POST", "/services/blocking", data=b"{}", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json; charset=UTF-8")
    assert answer.json() == {"a": "x" * size}


def test_json_that_a_flow_has_broken_is_sent_all_the_same(engine: Any, back_end: Any) -> None:
    answer = engine.call("POST", "/services/broken", data=b"{}", headers={"Content-Type": "application/json"})
    assert back_end.last().body == answer.content == b'{"a": "b" "c"}'


def test_plain_xml_leaves_in_mtom_where_the_flow_asks_for_it(engine: Any, back_end: Any) -> None:
    back_end.on("/xml", lambda _, connection: connection.answer(200, b"<a>1</a>", "Content-Type: application/xml"))
    answer = engine.call("POST", "/services/packs", data=b"{}", headers={"Content-Type": "application/json"})
    assert answer.headers["Content-Type"].startswith('multipart/related; boundary="')
    assert related.decode(answer.content).findtext("{*}Body/a") == "1"


def test_a_changed_message_keeps_the_charset_of_its_type(engine: Any) -> None:
    body = ENVELOPE_11.replace('b="1"', 'b="é"').encode("latin-1")
    headers = {"Content-Type": "text/xml; charset=ISO-8859-1", "SOAPAction": '"urn:go"'}
    answer = engine.call("POST", "/services/marks", data=body, headers=headers)
    assert answer.headers["Content-Type"] == "text/xml; charset=ISO-8859-1"
    assert 'b="é"' in answer.content.decode("latin-1")


def test_a_client_with_addressing_learns_which_request_was_answered(engine: Any) -> None:
    block = '<w:MessageID xmlns:w="http://www.w3.org/2005/08/addressing">urn:1</w:MessageID>'
    body = ENVELOPE_11.replace("<s:Body>", f"<s:Header>{block}</s:Header><s:Body>")
    headers = {"Content-Type": "text/xml", "SOAPAction": '"urn:go"'}
    answer = engine.call("POST", "/services/marks", data=body.encode(), headers=headers)
    header = xml.decode(answer.content).find("{*}Header")
    assert header is not None
    assert header.findtext("{http://www.w3.org/2005/08/addressing}RelatesTo") == "urn:1"
    assert [each.text for each in header.iterfind("{urn:h}x")] == ["1"]


@pytest.mark.parametrize(
    ("content_type", "body"), [("application/xml; charset=ISO-8859-1", b"<a>\xe9</a>"), ("application/xml", b"<a  />")]
)
def test_xml_as_xml_is_not_touched(engine: Any, back_end: Any, content_type: str, body: bytes) -> None:
    headers = {"Content-Type": content_type}
    assert engine.call("POST", "/services/xml", data=body, headers=headers).status_code == 200
    sent = back_end.last()
    assert (sent.header("content-type"), sent.body) == (content_type, body)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{"),
        ("application/json/badgerfish", b"[]"),
        ("application/xml", b"<a"),
        ("text/xml", b"<a/><b/>"),
        ("text/plain", b"\xff"),
        ("application/x-www-form-urlencoded", b"a=%FF"),
        ("multipart/form-data; boundary=x", b"--y"),
        ('multipart/related; boundary=x; type="text/xml"', b"--x\r\n\r\n<a/>\r\n--x--"),
    ],
)
def test_what_is_not_as_announced_is_the_client_s_mistake(engine: Any, content_type: str, body: bytes) -> None:
    answer = engine.call("POST", "/services/looks", data=body, headers={"Content-Type": content_type})
    assert answer.status_code == 400


@pytest.mark.parametrize(("client", "back"), [("soap11", "soap12"), ("soap12", "soap11")])
def test_the_client_gets_its_soap_version(engine: Any, back_end: Any, client: Any, back: Any) -> None:
    types = {"soap11": "text/xml", "soap12": "application/soap+xml"}
    envelopes = {"soap11": ENVELOPE_11, "soap12": ENVELOPE_12}
    back_end.on(
        "/echo",
        lambda message, connection: connection.answer(
            200, envelopes[back].encode(), f"Content-Type: {types[back]}; charset=utf-8"
        ),
    )
    headers = {"Content-Type": types[client], "SOAPAction": '"urn:go"'}
    answer = engine.call("POST", "/services/streams", data=envelopes[client].encode(), headers=headers)
    back_end.scripts.clear()
    assert answer.headers["Content-Type"] == f"{types[client]}; charset=UTF-8"
    found = xml.decode(answer.content)
    assert soap.version_of(found) == client
    assert [child.tag for child in soap.body_of(found)] == ["a"]
