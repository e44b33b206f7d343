"""The id of a request through a whole engine: to the back end, in the log, and back to the client."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.e2e.conftest import BackEnd, Engine

OWN = re.compile(r"[0-9a-f]{12}-[0-9a-f]+")


def flows(back_end: BackEnd) -> dict[str, str]:
    def proxy(name: str, steps: str) -> str:
        return f'<proxy name="{name}"><target><inSequence>{steps}</inSequence></target></proxy>'

    call = f'<call><endpoint><address uri="{back_end.url}/b"/></endpoint></call>'
    renames = '<property name="activityid" scope="transport" value="of-the-flow"/><log level="custom"/>'
    return {
        "a.xml": f"""<definitions xmlns="http://ws.apache.org/ns/synapse">
        <proxy name="passed"><target><endpoint><address uri="{back_end.url}/b"/></endpoint></target></proxy>
        {proxy("answers", "<respond/>")}
        {proxy("calls", call + "<respond/>")}
        {proxy("renames", renames + call + "<respond/>")}
        {proxy("accepts", '<property name="FORCE_SC_ACCEPTED" scope="axis2" value="true"/>' + call)}
        {proxy("throws", '<throwError type="X" errorMessage="m"/>')}
        <api name="api" context="/api"><resource methods="GET">
        <inSequence>{call}<respond/></inSequence></resource></api>
        </definitions>"""
    }


@pytest.fixture(scope="module")
def engine(start: Any, back_end: Any) -> Engine:
    return start(flows(back_end))


PATHS = ["/services/passed", "/services/answers", "/services/calls", "/services/renames", "/services/accepts", "/api"]
ASKING = {"/services/passed", "/services/calls", "/services/accepts", "/api"}


@pytest.mark.parametrize("path", [*PATHS, "/services/throws", "/nothing"])
def test_every_answer_has_an_id_that_the_back_end_got_too(engine: Engine, back_end: Any, until: Any, path: str) -> None:
    back_end.requests.clear()
    answers = [engine.call("GET", path) for _ in range(2)]
    ids = [answer.headers["activityid"] for answer in answers]
    assert all(OWN.fullmatch(each) for each in ids), ids
    assert ids[0] != ids[1]
    if path in ASKING:
        until(lambda: len(back_end.requests) == 2)
        assert sorted(request.header("activityid") for request in back_end.requests) == sorted(ids)


@pytest.mark.parametrize("name", ["activityid", "X-Correlation-ID"])
@pytest.mark.parametrize("path", PATHS)
def test_the_clients_own_goes_on_and_comes_back_under_its_name(
    engine: Engine, back_end: Any, until: Any, path: str, name: str
) -> None:
    back_end.requests.clear()
    answer = engine.call("GET", path, headers={name: "order-4711"})
    assert answer.headers[name] == "order-4711"
    if path in ASKING:
        until(lambda: back_end.requests)
        assert [request.header(name.lower()) for request in back_end.requests] == ["order-4711"]
    other = {"activityid", "x-correlation-id"} - {name.lower()}
    if path != "/api":  # an API's answer always has an activityid
        assert not other & {key.lower() for key in answer.headers}


@pytest.mark.parametrize("given", ["a b", "<script>", "x" * 129, "é".encode()])
def test_one_that_could_do_harm_goes_nowhere(engine: Engine, back_end: Any, given: str | bytes) -> None:
    back_end.requests.clear()
    answer = engine.call("GET", "/services/passed", headers={"X-Correlation-ID": given})
    assert OWN.fullmatch(answer.headers["activityid"])
    assert "X-Correlation-ID" not in answer.headers
    [request] = back_end.requests
    assert (request.header("x-correlation-id"), request.header("activityid")) == (None, answer.headers["activityid"])


def test_a_back_ends_own_ids(engine: Engine, back_end: Any) -> None:
    """What it says under the name of ours gives way; the rest passes through."""
    back_end.on("/b", lambda _, connection: connection.answer(200, b"{}", "Activityid: b-1", "X-Correlation-ID: b-2"))
    try:
        answer = engine.call("GET", "/services/passed", headers={"activityid": "mine"})
    finally:
        del back_end.scripts["/b"]
    assert (answer.headers["activityid"], answer.headers["x-correlation-id"]) == ("mine", "b-2")


def test_a_flow_that_renames_it_for_the_back_end_changes_neither_log_nor_answer(engine: Engine, back_end: Any) -> None:
    back_end.requests.clear()
    answer = engine.call("GET", "/services/renames", headers={"activityid": "renamed-1"})
    assert [request.header("activityid") for request in back_end.requests] == ["of-the-flow"]
    assert answer.headers["activityid"] == "renamed-1"
    assert "renamed-1: " in engine.log()


def test_pipelined_requests_keep_theirs_apart(engine: Engine) -> None:
    client = engine.connect()
    request = b"GET /services/answers HTTP/1.1\r\nHost: h\r\nactivityid: p-%d\r\n\r\n"
    client.send(b"".join(request % number for number in range(5)))
    assert [client.answer().header("activityid") for _ in range(5)] == [f"p-{number}" for number in range(5)]
    client.close()


def test_without_the_setting_only_those_that_clients_bring(start: Any, back_end: Any) -> None:
    engine = start(flows(back_end), "server: {correlation: false}")
    back_end.requests.clear()
    assert "activityid" not in engine.call("GET", "/services/passed").headers
    assert engine.call("GET", "/services/passed", headers={"activityid": "c-1"}).headers["activityid"] == "c-1"
    assert [request.header("activityid") for request in back_end.requests] == [None, "c-1"]
