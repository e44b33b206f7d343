from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from engine.artifacts._wsdl import PublishWsdl, rewrite
from engine.core.http import HttpRequest, HttpResponse
from engine.declare.convert import Unacceptable
from engine.errors import Where
from engine.testing.harness import Harness, LoadError, StubClient, response

WSDL = (
    '<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/">'
    '<wsdl:import location="other.wsdl" namespace="urn:o"/><wsdl:types><x:schema xmlns:x="http://www.w3.org/2001/XMLSchema">'
    '<x:import schemaLocation="a b.xsd"/><x:include schemaLocation="http://far/away.xsd"/></x:schema></wsdl:types>'
    '<wsdl:service name="S"><wsdl:port><s:address location="http://back.end/s"/></wsdl:port></wsdl:service>'
    "</wsdl:definitions>"
)
RESPOND = "<target><inSequence><respond/></inSequence></target>"
RESOURCES = '<resource location="a b.xsd" key="schema"/><resource location="other.wsdl" key="other"/>'
ENTRIES = (
    f'<localEntry key="w">{WSDL}</localEntry><localEntry key="schema"><x:schema xmlns:x="http://www.w3.org/2001/XMLSchema"/>'
    '</localEntry><localEntry key="other"><![CDATA[<o/>]]></localEntry>'
)


def proxy(publish: str) -> str:
    return f'<proxy name="p">{RESPOND}{publish}</proxy>{ENTRIES}'


@pytest.mark.parametrize(
    "publish", [f'<publishWSDL key="w">{RESOURCES}</publishWSDL>', f"<publishWSDL>{WSDL}{RESOURCES}</publishWSDL>"]
)
async def test_the_wsdl_has_the_address_of_the_proxy(publish: str) -> None:
    harness = Harness(proxy(publish))
    answer = await harness.request("GET", "/services/p?wsdl")
    assert (answer.status, answer.headers.get("content-type")) == (200, "text/xml; charset=UTF-8")
    document = etree.fromstring(answer.body)
    found = [value for each in document.iter() for name, value in each.items() if "ocation" in name]
    assert found == [
        "http://test:8290/services/p?wsdl=other.wsdl",
        "http://test:8290/services/p?xsd=a%20b.xsd",
        "http://far/away.xsd",
        "http://test:8290/services/p",
    ]
    assert b"schema" in (await harness.request("GET", "/services/p?xsd=a%20b.xsd")).body
    assert (await harness.request("GET", "/services/p?wsdl=other.wsdl")).body.endswith(b"<o/>")


async def test_the_addresses_may_stay() -> None:
    keep = '<parameter name="modifyUserWSDLPortAddress">false</parameter>'
    answer = await Harness(proxy(f'<publishWSDL key="w"/>{keep}')).request("GET", "/services/p?wsdl")
    assert b"http://back.end/s" in answer.body


@pytest.mark.parametrize(
    ("method", "query", "status"),
    [("GET", "xsd", 404), ("GET", "xsd=none.xsd", 404), ("POST", "wsdl", 200), ("GET", "wsdlx", 200), ("GET", "", 200)],
)
async def test_other_requests(method: str, query: str, status: int) -> None:
    answer = await Harness(proxy('<publishWSDL key="w"/>')).request(method, f"/services/p?{query}", b"{}")
    assert answer.status == status
    assert b"wsdl" not in answer.body or status == 404


async def test_without_publishing_the_flow_gets_the_question() -> None:
    harness = Harness(f'<proxy name="p">{RESPOND}</proxy>')
    assert (await harness.request("GET", "/services/p?wsdl")).status == 200


async def test_from_a_url() -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        if request.url == "http://b/s?wsdl":
            return response(302, b"", headers=[(b"location", b"/t?wsdl")])
        assert request.url == "http://b/t?wsdl"
        return response(200, WSDL.encode(), "text/xml")

    harness = Harness(proxy('<publishWSDL uri="http://b/s?wsdl"/>'), http=StubClient(answer))
    assert b"http://test:8290/services/p" in (await harness.request("GET", "/services/p?wsdl")).body


@pytest.mark.parametrize(("status", "body", "answered"), [(500, b"", 502), (200, b"no", 500)])
async def test_from_a_url_that_has_none(status: int, body: bytes, answered: int) -> None:
    client = StubClient(lambda request: response(status, body, "text/plain"))
    harness = Harness(proxy('<publishWSDL uri="http://b/s?wsdl"/>'), http=client)
    assert (await harness.request("GET", "/services/p?wsdl")).status == answered


def test_from_a_file(tmp_path: Path) -> None:
    published = PublishWsdl.spec.construct(where=Where("a.xml"), uri="file:s.wsdl")
    assert isinstance(published, PublishWsdl)
    with pytest.raises(Unacceptable):
        published.found_in(tmp_path)
    (tmp_path / "s.wsdl").write_text(WSDL)
    published.found_in(tmp_path)


def test_wsdl_2() -> None:
    document = etree.fromstring('<description xmlns="http://www.w3.org/ns/wsdl"><endpoint address="x"/></description>')
    rewrite(document, "http://me/", set())
    assert document[0].get("address") == "http://me/"


@pytest.mark.parametrize(
    ("publish", "code"),
    [
        ("<publishWSDL/>", "one-of"),
        ('<publishWSDL endpoint="e"/>', "unsupported"),
        ('<publishWSDL key="none"/>', "unknown-local-entry"),
    ],
)
def test_mistakes(publish: str, code: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(proxy(publish))
    assert [problem.code for problem in raised.value.problems] == [code]
