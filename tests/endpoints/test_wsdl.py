from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.declare.spec import SYNAPSE
from engine.deploy import loader
from engine.errors import Fault
from engine.runtime.catalog import language
from engine.testing.harness import Harness, LoadError

WSDL = """<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/"
  xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"><w:service name="Q"><w:port name="P" binding="b">
  <s:address location="{}/quotes"/></w:port></w:service></w:definitions>"""


def endpoint(attributes: str, inside: str = "") -> str:
    return f'<endpoint name="e"><wsdl {attributes} service="Q" port="P">{inside}</wsdl></endpoint>'


async def check(caller: Any, server: Any, xml: str) -> None:
    e = caller(xml)
    for _ in range(2):
        await e.call()
    posted = [head.split("\r\n")[0] for head in server.heads if head.startswith("POST")]
    assert posted == ["POST /quotes HTTP/1.1"] * 2
    assert b"Envelope" in server.bodies[-1]


async def test_document_inside(back_ends: Any, caller: Any) -> None:
    [server] = await back_ends(1)
    await check(caller, server, endpoint("", WSDL.format(server.url)))


async def test_file_in_the_folder_of_the_flows(back_ends: Any, caller: Any, tmp_path: Path) -> None:
    [server] = await back_ends(1)
    (tmp_path / "q.wsdl").write_text(WSDL.format(server.url))
    e = caller(endpoint('uri="file:q.wsdl"'))
    e.harness.snapshot.endpoint("e").type.found_in(tmp_path)
    await e.call()
    assert server.heads[0].startswith("POST /quotes HTTP/1.1")


@pytest.mark.parametrize(
    ("uri", "code", "text"),
    [
        ("file:none.wsdl", "unreadable", "no file 'none.wsdl' in the folder of the flows"),
        ("../q.wsdl", "bad-value", "outside of the folder"),
        ("bad.wsdl", "bad-value", "it is not a WSDL document"),
    ],
)
def test_files_are_looked_for_at_load(tmp_path: Path, uri: str, code: str, text: str) -> None:
    (tmp_path / "bad.wsdl").write_text("<a/>")
    flow = tmp_path / "e.xml"
    flow.write_text(endpoint(f'uri="{uri}"').replace("<endpoint ", f'<endpoint xmlns="{SYNAPSE}" ', 1))
    loaded = loader.load(flow, loader.find(flow)[flow], language(), folder=tmp_path)
    [problem] = loaded.problems
    assert (problem.code, problem.where.line) == (code, 1)
    assert text in problem.message


async def test_local_entry(back_ends: Any, caller: Any) -> None:
    [server] = await back_ends(1)
    xml = f'<localEntry key="q">{WSDL.format(server.url)}</localEntry>'
    await check(caller, server, endpoint('key="q"') + xml)


async def test_url_is_fetched_once(back_ends: Any, caller: Any) -> None:
    [server, documents] = await back_ends(2)
    documents.says(WSDL.format(server.url), "Content-Type: text/xml")
    await check(caller, server, endpoint(f'uri="{documents.url}/q?wsdl"'))
    assert [head.split("\r\n")[0] for head in documents.heads] == ["GET /q?wsdl HTTP/1.1"]


async def test_what_cannot_be_fetched_is_a_fault(back_ends: Any, caller: Any) -> None:
    [documents] = await back_ends(1)
    e = caller(endpoint(f'uri="{documents.url}/q?wsdl"'))
    with pytest.raises(Fault, match="the WSDL of endpoint e: it is not XML"):
        await e.call()
    documents.says("no", status=404)
    with pytest.raises(Fault, match="answers 404"):
        await e.call()
    with pytest.raises(Fault, match="no file, local entry or registry resource 'conf:/none'"):
        await caller(endpoint('uri="conf:/none"')).call()


async def test_303002_when_it_rests(back_ends: Any, caller: Any) -> None:
    [server] = await back_ends(1)
    await server.stop()
    e = caller(endpoint("", WSDL.format(server.url)))
    assert [await e.who(), await e.who()] == ["101503", "303002"]


@pytest.mark.parametrize(
    ("xml", "code", "text"),
    [
        (endpoint(""), "one-of", "needs a uri, a key or the document inside"),
        (endpoint("", WSDL.replace('"P"', '"R"')), "bad-value", "has no port 'P'"),
        (endpoint("", '<description xmlns="http://www.w3.org/ns/wsdl"/>'), "bad-value", "WSDL 2.0"),
        ('<endpoint name="e"><wsdl uri="x.wsdl" port="P"/></endpoint>', "missing-attribute", "service"),
    ],
)
def test_mistakes_are_found_at_load(xml: str, code: str, text: str) -> None:
    with pytest.raises(LoadError, match=text) as raised:
        Harness(xml)
    assert [problem.code for problem in raised.value.problems] == [code]
