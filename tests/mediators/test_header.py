from __future__ import annotations

import copy

import pytest

from engine.errors import Fault
from engine.message.codecs import xml
from engine.message.context import MessageContext
from engine.testing.harness import Harness

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ENVELOPE = (
    f'<s:Envelope xmlns:s="{SOAP}"><s:Header><w:a xmlns:w="urn:w">1</w:a><w:b xmlns:w="urn:w"/></s:Header>'
    "<s:Body><q/></s:Body></s:Envelope>"
).encode()
NAMESPACES = 'xmlns:w="urn:w"'


def _soap(body: bytes = ENVELOPE, content_type: str = "text/xml") -> tuple[Harness, MessageContext]:
    harness = Harness(namespaces=NAMESPACES)
    return harness, harness.message(body, content_type)


def _blocks(message: MessageContext) -> list[str]:
    return [xml.text_of(copy.deepcopy(block)) for block in message.payload.envelope().iterfind("{*}Header/*")]


# ------------------------------------------------------------------ HTTP headers


@pytest.mark.parametrize(
    ("attributes", "headers"),
    [
        ('value="v"', [("a", "1"), ("x-h", "v")]),
        ('value=""', [("a", "1"), ("x-h", "")]),
        ('expression="$ctx:v"', [("a", "1"), ("x-h", "computed")]),
        ('expression="$ctx:missing"', [("a", "1"), ("x-h", "")]),
        ("expression=\"fn:concat('Bearer ', $ctx:v)\"", [("a", "1"), ("x-h", "Bearer computed")]),
    ],
)
async def test_an_http_header_is_set(attributes: str, headers: list[tuple[str, str]]) -> None:
    harness = Harness()
    message = harness.message(headers={"A": "1", "x-h": "before"})
    message.properties["v"] = "computed"
    assert await harness.run(f'<header name="X-H" {attributes} scope="transport"/>', message) is True
    assert list(message.headers) == headers


async def test_trap_18_remove_takes_that_one_name_only() -> None:
    harness = Harness()
    message = harness.message(headers={"Cookie": "1", "Cookie2": "2"})
    message.headers.add("cookie", "3")
    steps = '<header name="COOKIE" action="remove" scope="transport"/>'
    assert await harness.run(steps + steps, message) is True
    assert list(message.headers) == [("cookie2", "2")]


# ------------------------------------------------------------------ special names


async def test_trap_18_to_is_the_address() -> None:
    harness = Harness()
    message = harness.message()
    await harness.run('<header name="To" value="http://a.example/b"/>', message)
    assert message.to == "http://a.example/b"
    await harness.run('<header name="To" expression="$ctx:missing"/>', message)
    assert message.to == ""
    await harness.run('<header name="To" action="remove"/>', message)
    assert message.to is None


async def test_action_is_the_soap_action() -> None:
    harness = Harness()
    message = harness.message()
    await harness.run(
        '<header name="Action" value="urn:buy"/><property name="p" expression="get-property(\'Action\')"/>', message
    )
    assert message.headers.get("SOAPAction") == '"urn:buy"'
    assert message.properties["p"] == "urn:buy"
    await harness.run('<header name="Action" action="remove"/>', message)
    assert "SOAPAction" not in message.headers


@pytest.mark.parametrize("name", ["From", "FaultTo", "ReplyTo", "RelatesTo"])
async def test_addressing_headers_of_a_soap_message(name: str) -> None:
    harness, message = _soap()
    set_, get = f'<header name="{name}" value="urn:x"/>', f'<property name="p" expression="get-property(\'{name}\')"/>'
    await harness.run(set_ + set_ + get, message)
    assert message.properties["p"] == "urn:x"
    assert len(_blocks(message)) == 3
    await harness.run(f'<header name="{name}" action="remove"/>' + get, message)
    assert message.properties["p"] == ""
    assert len(_blocks(message)) == 2


@pytest.mark.parametrize(("body", "content_type"), [(b"{}", "application/json"), (b"<a/>", "text/xml")])
async def test_addressing_headers_mean_nothing_elsewhere(body: bytes, content_type: str) -> None:
    harness, message = _soap(body, content_type)
    await harness.run('<header name="ReplyTo" value="urn:x"/>', message)
    assert message.payload.body() == body


# ------------------------------------------------------------------ SOAP header blocks


@pytest.mark.parametrize(
    ("attributes", "block"),
    [
        ('value="v"', '<w:c xmlns:w="urn:w">v</w:c>'),
        ('value="v" scope="default"', '<w:c xmlns:w="urn:w">v</w:c>'),
        ('value="v" scope="soap"', '<w:c xmlns:w="urn:w">v</w:c>'),
        ('expression="$ctx:v"', '<w:c xmlns:w="urn:w">computed &lt;</w:c>'),
        ('expression="$ctx:missing"', '<w:c xmlns:w="urn:w"></w:c>'),
        ('value="&lt;in&gt;1&lt;/in&gt;" type="OM"', '<w:c xmlns:w="urn:w"><in>1</in></w:c>'),
    ],
)
async def test_a_block_is_added(attributes: str, block: str) -> None:
    harness, message = _soap()
    message.properties["v"] = "computed <"
    assert await harness.run(f'<header name="w:c" {attributes}/>', message) is True
    assert _blocks(message) == ['<w:a xmlns:w="urn:w">1</w:a>', '<w:b xmlns:w="urn:w"/>', block]
    assert message.payload.kind == "soap11"


async def test_elements_inside_are_added_as_they_stand() -> None:
    steps = Harness(namespaces=NAMESPACES).steps('<header><w:c>1</w:c><w:d k="v">2</w:d></header>')
    for _ in range(2):  # the elements belong to the flow, not to the first message
        _, message = _soap()
        await steps[0].mediate(message)
        added = message.payload.envelope().findall("{*}Header/*")[2:]
        assert [(each.tag, dict(each.attrib), each.text) for each in added] == [
            ("{urn:w}c", {}, "1"),
            ("{urn:w}d", {"k": "v"}, "2"),
        ]


async def test_a_block_is_removed_by_its_full_name() -> None:
    harness, message = _soap()
    await harness.run('<header name="w:a" action="remove"/>', message)
    assert _blocks(message) == ['<w:b xmlns:w="urn:w"/>']


async def test_removing_what_is_not_there_leaves_the_bytes_alone() -> None:
    harness, message = _soap()
    await harness.run('<header name="w:z" action="remove"/>', message)
    assert message.payload.raw() == ENVELOPE


async def test_plain_xml_stays_plain_on_the_wire() -> None:
    harness, message = _soap(b"<a>1</a>", "application/xml")
    await harness.run('<header name="w:c" value="v"/>', message)
    assert len(_blocks(message)) == 1
    assert message.payload.render("xml").endswith(b">1</a>")


async def test_a_value_that_is_no_xml_is_a_fault() -> None:
    harness, message = _soap()
    with pytest.raises(Fault, match="the value of the header 'c' is not XML"):
        await harness.run('<header name="w:c" value="&lt;" type="OM"/>', message)


# ------------------------------------------------------------------ at load


@pytest.mark.parametrize(
    ("xml_text", "reads"),
    [
        ('<header name="A" value="v" scope="transport"/>', False),
        ('<header name="A" expression="json-eval($.a)" scope="transport"/>', True),
        ('<header name="To" value="v"/>', False),
        ('<header name="Action" value="v"/>', False),
        ('<header name="ReplyTo" value="v"/>', True),
        ('<header name="w:c" value="v"/>', True),
        ('<header name="w:c" action="remove"/>', True),
    ],
)
def test_only_what_looks_into_the_body_reads_it(xml_text: str, reads: bool) -> None:
    assert Harness(namespaces=NAMESPACES).steps(xml_text)[0].reads_body is reads


@pytest.mark.parametrize(
    ("xml_text", "problem"),
    [
        (
            '<header name="Accept" value="v"/>',
            "2:1: error[bad-name]: <header>: 'Accept' is not a header of the SOAP message. "
            'Add scope="transport" for an HTTP header, or a prefix for a SOAP header block.',
        ),
        (
            '<header name="u:a" value="v"/>',
            "2:15: error[bad-value]: The prefix 'u' is not declared here. Add xmlns:u=\"…\".",
        ),
        (
            '<header name="To"/>',
            "2:1: error[missing-attribute]: <header>: there is no value to set. Add value= or expression=.",
        ),
        (
            '<header name="A" scope="transport"/>',
            "2:1: error[missing-attribute]: <header>: there is no value to set. Add value= or expression=.",
        ),
        ('<header value="v"/>', '2:1: error[missing-attribute]: <header>: there is no name. Add name="…".'),
        (
            '<header scope="transport"><a/></header>',
            '2:1: error[missing-attribute]: <header>: there is no name. Add name="…".',
        ),
        (
            '<header name="A" value="v" scope="axis2"/>',
            "2:35: error[bad-choice]: 'axis2' is not one of default, soap, transport.",
        ),
    ],
)
def test_mistakes_are_problems_at_load(xml_text: str, problem: str) -> None:
    assert Harness().problems(f"\n{xml_text}") == [problem]


def test_value_and_expression_exclude_each_other() -> None:
    [problem] = Harness().problems('\n<header name="To" value="v" expression="1"/>')
    assert problem.startswith("2:1: error[one-of]: <header> needs at most one of ")
