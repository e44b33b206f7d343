"""Branches over real sockets: several back ends at once, and always one answer."""

from __future__ import annotations

import json
import socket
import threading
from typing import Any

import pytest
import requests

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


def call(url: str, path: str, more: str = "", timeout: int = 5000) -> str:
    return (
        f'<call {more}><endpoint><address uri="{url}{path}"><timeout><duration>{timeout}</duration></timeout>'
        "<suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure></address></endpoint></call>"
    )


def proxy(name: str, inside: str, rest: str = "") -> str:
    return f'<proxy name="{name}"><target><inSequence>{inside}</inSequence>{rest}</target></proxy>'


def aggregate(id_: str, expression: str = "json-eval($)", condition: str = "", inside: str = "<respond/>") -> str:
    on_complete = f'<onComplete expression="{expression}">{inside}</onComplete>'
    return f'<aggregate id="{id_}"><completeCondition {condition}/>{on_complete}</aggregate>'


def clone(*targets: str, more: str = "") -> str:
    inner = "".join(f"<target><sequence>{each}</sequence></target>" for each in targets)
    return f'<clone id="c" {more}>{inner}</clone>'


def flows(url: str) -> str:
    send = call(url, "/first").replace("call>", "send>").replace("<call ", '<send receive="{$ctx:next}" ')
    wrapped = '<property name="all"><all xmlns=""/></property>'
    parts = [
        proxy("clone", clone(call(url, "/first"), call(url, "/second")) + aggregate("c")),
        proxy(
            "iterate",
            '<iterate id="i" expression="json-eval($.orders)"><target><sequence>'
            f"{call(url, '/echo')}</sequence></target></iterate>{aggregate('i')}",
        ),
        proxy(
            "soap",
            f'{wrapped}<iterate id="s" expression="//order"><target><sequence>'
            f"{call(url, '/echo')}</sequence></target></iterate>"
            + aggregate("s", "//order").replace("<onComplete", '<onComplete enclosingElementProperty="all"'),
        ),
        proxy("receive", f'<property name="next" value="taker"/>{send}<property name="after" value="x"/>'),
        '<sequence name="taker"><property name="X-By" value="taker" scope="transport"/><respond/></sequence>',
        proxy(
            "blocking",
            '<property name="non.error.http.status.codes" value="503" scope="axis2"/>'
            + call(url, "/status", 'blocking="true"')
            + '<property name="X-SC" expression="$axis2:HTTP_SC" '
            'scope="transport"/><respond/>',
        ),
        proxy("hangs", clone(call(url, "/hangs", timeout=700), call(url, "/first") + "<respond/>")),
        proxy(
            "hangs-joined",
            clone(call(url, "/hangs", timeout=60000), call(url, "/first")) + aggregate("c", condition='timeout="1"'),
        ),
        proxy("all-hang", clone(call(url, "/hangs", timeout=200), call(url, "/hangs", timeout=200)) + aggregate("c")),
        proxy("nobody", clone("<log/>", call(url, "/first"))),
        proxy("both", clone(call(url, "/first") + "<respond/>", call(url, "/second") + "<respond/>")),
    ]
    return f"<definitions xmlns='http://ws.apache.org/ns/synapse'>{''.join(parts)}</definitions>"


@pytest.fixture(scope="module")
def engine(start: Any, back_end: Any) -> Any:
    released = threading.Event()
    back_end.on("/first", lambda message, connection: connection.answer(200, b'{"by": "first"}'))
    back_end.on("/second", lambda message, connection: connection.answer(200, b'{"by": "second"}'))
    back_end.on("/status", lambda message, connection: connection.answer(503, b'{"busy": true}'))

    def hang(message: Any, connection: Any) -> None:
        released.wait(20)
        connection.request.shutdown(socket.SHUT_RDWR)

    back_end.on("/hangs", hang)
    yield start({"a.xml": flows(back_end.url)})
    released.set()


def test_clone_to_two_back_ends_and_join_their_answers(engine: Any) -> None:
    answer = engine.post("/services/clone", {"a": 1})
    assert answer.status_code == 200
    assert sorted(each["by"] for each in answer.json()) == ["first", "second"]


@pytest.mark.parametrize("count", [1, 7, 250])
def test_iterate_with_a_call_inside(engine: Any, count: int) -> None:
    answer = engine.post("/services/iterate", {"orders": [{"n": number} for number in range(count)]})
    assert sorted(each["n"] for each in answer.json()) == list(range(count))


def test_iterate_over_a_soap_body(engine: Any) -> None:
    orders = "".join(f"<order>{number}</order>" for number in range(5))
    envelope = f'<e:Envelope xmlns:e="{SOAP}"><e:Body><orders>{orders}</orders></e:Body></e:Envelope>'
    answer = engine.call("POST", "/services/soap", data=envelope, headers={"Content-Type": "text/xml"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/xml")
    assert sorted(part[0] for part in answer.text.split("<order>")[1:]) == list("01234")


def test_send_with_a_receiving_sequence_that_the_message_names(engine: Any) -> None:
    answer = engine.post("/services/receive", {})
    assert (answer.json(), answer.headers["X-By"]) == ({"by": "first"}, "taker")


def test_trap_40_a_blocking_call(engine: Any) -> None:
    answer = engine.post("/services/blocking", {})
    assert (answer.status_code, answer.json(), answer.headers["X-SC"]) == (503, {"busy": True}, "503")


def test_a_back_end_that_hangs_in_one_branch_delays_nobody(engine: Any) -> None:
    with requests.Session() as session:
        for _ in range(2):  # on one connection: the branch that still hangs does not hold it up
            answer = session.post(f"{engine.url}/services/hangs", json={}, timeout=5)
            assert answer.json() == {"by": "first"}


def test_a_back_end_that_hangs_is_left_out_by_the_aggregate_s_timeout(engine: Any) -> None:
    assert engine.post("/services/hangs-joined", {}).json() == [{"by": "first"}]


def test_when_every_branch_fails_the_client_is_told(engine: Any) -> None:
    answer = engine.post("/services/all-hang", {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, 101504)


def test_when_no_branch_answers_the_client_gets_its_202(engine: Any) -> None:
    answer = engine.post("/services/nobody", {})
    assert (answer.status_code, answer.content) == (202, b"")


def test_two_branches_that_answer_give_one_answer(engine: Any, until: Any) -> None:
    with requests.Session() as session:
        answers = [session.post(f"{engine.url}/services/both", json={}, timeout=5).json()["by"] for _ in range(5)]
    assert set(answers) <= {"first", "second"}
    until(lambda: engine.log().count("a second answer was not sent") == 5)


def test_many_clients_at_once_get_their_own_parts(engine: Any) -> None:
    results: dict[int, list[int]] = {}

    def one(client: int) -> None:
        orders = [{"n": client * 1000 + number} for number in range(20)]
        results[client] = sorted(each["n"] for each in engine.post("/services/iterate", {"orders": orders}).json())

    threads = [threading.Thread(target=one, args=(client,)) for client in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {client: [client * 1000 + number for number in range(20)] for client in range(20)}


def test_the_server_stops_while_a_branch_hangs(start: Any, back_end: Any) -> None:
    engine = start({"a.xml": flows(back_end.url)}, "server: {drain: 1}")
    assert engine.post("/services/hangs", json.loads("{}")).status_code == 200
    assert engine.stop() == 0
