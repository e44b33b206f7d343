from __future__ import annotations

import gc
import tempfile
from pathlib import Path
from typing import Any

import pytest

from engine.core.http import HttpRequest, HttpResponse
from engine.errors import Fault
from engine.message.payload import Payload
from engine.runtime.catalog import installed
from engine.testing.harness import Harness, LoadError, StubClient, StubExchange, response

RESPOND = "<inSequence><respond/></inSequence>"
CALL = '<call><endpoint><http method="get" uri-template="http://b/x"/></endpoint></call>'


class Stream:
    """A body that is still arriving."""

    length: int | None = None

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = [*pieces, b""]

    async def read(self) -> bytes:
        return self.pieces.pop(0)

    def close(self) -> None:
        self.pieces = [b""]


# -------------------------------------------------------------------- messages


def test_message_is_a_request_from_a_client() -> None:
    exchange = StubExchange(path="/x")
    message = Harness().message(b"<a/>", "application/xml", headers={"X-A": "1"}, exchange=exchange)
    assert sorted(message.headers) == [("content-type", "application/xml"), ("x-a", "1")]
    assert (message.payload.kind, message.payload.origin, message.exchange) == ("xml", "client", exchange)


def test_message_without_body_has_no_type() -> None:
    message = Harness().message()
    assert (message.payload.kind, list(message.headers)) == ("empty", [])


# -------------------------------------------------------------------- running


async def test_run_tells_whether_all_mediators_ran() -> None:
    harness = Harness()
    message = harness.message(b'{"a": 1}')
    assert await harness.run('<property name="x" expression="json-eval($.a)"/>', message) is True
    assert await harness.run('<drop/><property name="x" value="2"/>', message) is False
    assert message.properties["x"] == "1"


async def test_run_raises_faults() -> None:
    harness = Harness()
    with pytest.raises(Fault, match="there is no sequence 's'"):
        await harness.run("<sequence key=\"{string('s')}\"/>", harness.message())


async def test_prefixes_of_the_test() -> None:
    harness = Harness(namespaces='xmlns:p="urn:p"')
    message = harness.message(b'<a xmlns="urn:p">1</a>', "application/xml")
    await harness.run('<property name="x" expression="//p:a"/>', message)
    assert message.properties["x"] == "1"


@pytest.mark.parametrize(
    ("xml", "problems"),
    [
        ("<log/>", []),
        ("<lgo/>", ["1:{}: error[unknown-mediator]: <lgo> is not a mediator. Did you mean 'log'?"]),
        (
            '\n  <log levle="full"/>',
            ["2:15: warning[unknown-attribute]: <log> has no attribute 'levle'; it is ignored. Did you mean 'level'?"],
        ),
    ],
)
def test_problems_have_the_places_of_the_text(xml: str, problems: list[str]) -> None:
    start = len('<sequence xmlns="http://ws.apache.org/ns/synapse" >') + 1
    assert Harness().problems(xml) == [problem.format(start) for problem in problems]


@pytest.mark.parametrize("xml", ["<lgo/>", '<log levle="full"/>'])
def test_steps_refuses_errors_and_warnings(xml: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness().steps(xml)
    assert str(raised.value) == str(raised.value.problems[0])


# -------------------------------------------------------------------- artifacts


async def test_serve_gives_the_answer() -> None:
    harness = Harness(f'<proxy name="p"><target>{RESPOND}</target></proxy>')
    message = harness.message(b'{"a": 1}', headers={"X-A": "1", "Connection": "close"})
    message.axis2["HTTP_SC"] = "201"
    answer = await harness.serve("/services/p", message)
    assert answer is not None
    assert (answer.status, answer.body) == (201, b'{"a": 1}')
    assert sorted(answer.headers) == [("content-type", "application/json"), ("x-a", "1")]


async def test_serve_gives_none_for_an_empty_202() -> None:
    harness = Harness('<proxy name="p"><target><inSequence><drop/></inSequence></target></proxy>')
    exchange = StubExchange()
    assert await harness.serve("/services/p", harness.message(exchange=exchange)) is None
    assert (exchange.accepted, exchange.answered, exchange.answers) == (True, True, [])


async def test_serve_needs_something_that_serves() -> None:
    harness = Harness()
    with pytest.raises(AssertionError, match="nothing is served at /services/p"):
        await harness.serve("/services/p", harness.message())


async def test_answer_is_read_to_its_end() -> None:
    harness = Harness(f'<proxy name="p"><target>{RESPOND}</target></proxy>')
    message = harness.message(b"?")
    message.payload = Payload(Stream(b"a", b"b"), "text/plain", origin="client")
    answer = await harness.serve("/services/p", message)
    assert answer is not None
    assert answer.body == b"ab"


@pytest.mark.parametrize(
    ("artifacts", "code"),
    [
        ('<sequence name="s"><lgo/></sequence>', "unknown-mediator"),
        ('<proxy name="p"><target inSequence="s"/></proxy>', "unknown-sequence"),
        ('<sequence name="s"/><sequence name="s"/>', "duplicate-name"),
    ],
)
def test_artifacts_with_errors_are_refused(artifacts: str, code: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(artifacts)
    assert [problem.code for problem in raised.value.problems] == [code]


def test_catalogue_and_settings_of_connectors() -> None:
    harness = Harness(catalog=installed()[0], connectors={"gotowebinar": {"timeout": 1}})
    assert harness.problems("<gotowebinar.listUpcomingWebinars/>") == []
    assert harness.snapshot.connector_settings("gotowebinar") == {"timeout": 1}


def test_registry(tmp_path: Path) -> None:
    Harness(registry=tmp_path).services.registry.put("conf:/a", b"1")
    assert Harness(registry=tmp_path).snapshot.entry("conf:/a") == "1"
    assert Harness().snapshot.entry("conf:/a") is None


def test_folder_of_its_own_goes_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    harness = Harness()
    harness.services.registry.put("conf:/a", b"1")
    assert len(list(tmp_path.iterdir())) == 1
    del harness
    gc.collect()
    assert list(tmp_path.iterdir()) == []


# -------------------------------------------------------------------- the back end


async def test_stub_client_records_and_answers() -> None:
    async def later(request: HttpRequest) -> HttpResponse:
        return response(201, request.url.encode(), "text/plain", [(b"x-a", b"1")])

    client = StubClient(later)
    harness = Harness(http=client)
    message = harness.message()
    await harness.run(CALL, message)
    assert [(request.method, request.url) for request in client.requests] == [("GET", "http://b/x")]
    assert (message.axis2["HTTP_SC"], message.payload.text()) == (201, "http://b/x")
    assert sorted(message.headers) == [("content-type", "text/plain"), ("x-a", "1")]


async def test_stub_client_answers_an_empty_object_by_default() -> None:
    harness = Harness()
    message: Any = harness.message()
    await harness.run(CALL, message)
    assert (message.axis2["HTTP_SC"], message.payload.raw()) == (200, b"{}")


async def test_a_request_goes_through_routing_and_the_edge() -> None:
    harness = Harness('<proxy name="echo"><target><inSequence><respond/></inSequence></target></proxy>')
    answer = await harness.request("POST", "/services/echo/x?y=1", b'{"a": 1}', headers={"X-A": "b"})
    assert (answer.status, answer.body) == (200, b'{"a": 1}')
    assert answer.headers.get("x-a") == "b"
    assert (await harness.request("GET", "/services/none")).status == 404
