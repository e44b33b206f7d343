"""``limits.background`` on real sockets: what would go over it is answered 503, and the rest goes on."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

import pytest

from tests.e2e.conftest import DEFINITIONS, Engine, eventually

LIMIT, CONNECTIONS = 3, 5
FLOWS = LIMIT + CONNECTIONS
CONFIG = f"limits: {{background: {LIMIT}, connections: {CONNECTIONS}}}"
TOPICS = (
    '<subscriptionManager class="x"><property name="topicHeaderName" value="Topic"/>'
    '<property name="topicHeaderNS" value="urn:t"/></subscriptionManager>'
)
EVENT = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><t:Topic xmlns:t="urn:t">news</t:Topic>'
    "</s:Header><s:Body><x/></s:Body></s:Envelope>"
)


def proxy(name: str, inside: str) -> str:
    return f'<proxy name="{name}"><target><inSequence>{inside}</inSequence></target></proxy>'


def flows(url: str) -> str:
    held = f'<endpoint><address uri="{url}/held"/></endpoint>'
    call, target = f"<call>{held}</call>", f"<target><sequence><call>{held}</call></sequence></target>"
    on, accepted = 'continueParent="true"', '<property name="FORCE_SC_ACCEPTED" value="true" scope="axis2"/>'
    early = f"<clone {on}><target><sequence><respond/></sequence></target></clone>"
    rests = "<suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure>"
    rests += "<markForSuspension><errorCodes>-1</errorCodes></markForSuspension>"
    inner = f'<address uri="local://services/inner"><timeout><duration>50</duration></timeout>{rests}</address>'
    proxies = {
        "echo": "<respond/>",
        "out-only": f'<property name="OUT_ONLY" value="true"/><send>{held}</send>',
        "clone": f"<clone {on}>{target}</clone><respond/>",
        "iterate": f'<iterate {on} expression="json-eval($.parts)">{target}</iterate><respond/>',
        "all-parts": f'<iterate id="i" expression="json-eval($.parts)">{target}</iterate>'
        '<aggregate id="i"><onComplete expression="json-eval($)"><respond/></onComplete></aggregate>',
        "accepted": accepted + call,
        "early": early + call,
        "inner": call + "<respond/>",
        "local": f"<call><endpoint>{inner}</endpoint></call><respond/>",
        "unheard": call + "<respond/>",
    }
    subscriber = f'<subscription id="s"><filter source="news" dialect="d"/>{held}</subscription>'
    return (
        DEFINITIONS
        + "".join(proxy(name, inside) for name, inside in proxies.items())
        + f'<eventSource name="events">{TOPICS}{subscriber}</eventSource></definitions>'
    )


@pytest.fixture
def engine(start: Any, back_end: Any) -> Engine:
    started: Engine = start({"a.xml": flows(back_end.url)}, CONFIG)
    assert started.health().status_code == 200, started.health().text
    return started


def request(name: str) -> bytes:
    return f"POST /services/{name} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode()


def post(engine: Engine, name: str, body: Any = None) -> Any:
    if name == "events":
        return engine.call("POST", "/services/events", data=EVENT, headers={"Content-Type": "text/xml"})
    return engine.post(f"/services/{name}", {"parts": [1]} if body is None else body)


CASES = {
    "out-only": 202,
    "clone": 200,
    "iterate": 200,
    "events": 202,
    "local": 504,
}
"""What leaves one piece of work behind, and its answer while there is room."""


@pytest.mark.parametrize(("name", "status"), CASES.items())
def test_the_message_that_would_go_over_it_is_refused(engine: Engine, back_end: Any, name: str, status: int) -> None:
    goes_on, before = back_end.hold("/held"), len(back_end.requests)
    for _ in range(LIMIT):
        assert post(engine, name).status_code == status
    refused = post(engine, name)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert "3 pieces of background work are under way, which is the limit (limits.background)" in refused.text
    assert post(engine, "echo").status_code == 200
    eventually(lambda: len(back_end.requests) == before + LIMIT)

    goes_on.set()
    eventually(lambda: post(engine, name).status_code != 503)
    assert engine.stop() == 0
    assert "never awaited" not in engine.log()
    assert "Traceback" not in engine.log()


def test_a_flow_that_goes_on_after_its_202_counts(engine: Engine, back_end: Any) -> None:
    """Its client is free to ask again at once, on the same connection."""
    goes_on, client = back_end.hold("/held"), engine.connect()
    assert [client.send(request("accepted")).answer("POST").status for _ in range(LIMIT)] == [202] * LIMIT
    refused = client.send(request("accepted")).answer("POST")
    assert (refused.status, refused.header("retry-after")) == (503, "1")
    assert "limits.background" in json.loads(refused.body)["error"]["message"]
    assert client.send(request("echo")).answer("POST").status == 200

    goes_on.set()
    eventually(lambda: client.send(request("accepted")).answer("POST").status == 202)
    client.close()


def test_flows_that_a_branch_has_answered_for_are_bounded_too(engine: Engine, back_end: Any) -> None:
    goes_on, client = back_end.hold("/held"), engine.connect()
    statuses = [client.send(request("early")).answer("POST").status for _ in range(FLOWS + 1)]
    assert statuses == [200] * FLOWS + [503]
    goes_on.set()
    eventually(lambda: client.send(request("early")).answer("POST").status == 200)
    client.close()


def test_flows_without_their_clients_are_bounded_too(engine: Engine, back_end: Any) -> None:
    goes_on, before = back_end.hold("/held"), len(back_end.requests)
    for number in range(1, FLOWS + 1):
        client = engine.connect().send(request("unheard"))
        eventually(lambda number=number: len(back_end.requests) == before + number)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()  # by a reset: an orderly end leaves the connection open until the answer comes
    refused = post(engine, "echo")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    message = "too many flows are under way (limits.connections and limits.background)"
    assert refused.json() == {"error": {"code": 0, "message": message}}
    goes_on.set()
    eventually(lambda: post(engine, "echo").status_code == 200)


def test_all_parts_are_done_by_those_for_whom_there_is_room(engine: Engine, back_end: Any) -> None:
    back_end.on("/held", lambda message, connection: connection.answer(200, message.body))
    answer = post(engine, "all-parts", {"parts": [{"n": number} for number in range(50)]})
    assert sorted(each["n"] for each in answer.json()) == list(range(50))


def test_stopping_waits_for_what_runs(engine: Engine, back_end: Any) -> None:
    goes_on, before = back_end.hold("/held"), len(back_end.requests)
    assert post(engine, "clone").status_code == 200
    eventually(lambda: len(back_end.requests) == before + 1)
    engine.process.terminate()
    eventually(lambda: not _answers(engine))
    assert engine.process.poll() is None
    goes_on.set()
    assert engine.process.wait(10) == 0
    assert "Traceback" not in engine.log()


def _answers(engine: Engine) -> bool:
    try:
        engine.connect().close()
    except ConnectionError:
        return False
    return True
