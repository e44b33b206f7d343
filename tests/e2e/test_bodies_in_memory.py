"""``limits.buffered_total`` on real sockets: what has no room is refused, and every message gives its room back.

The limit is that of one body here, so that one body which is forgotten anywhere would close the engine for all others.
"""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import DEFINITIONS, Client, Engine, eventually

CONFIG = "limits: {buffered_body: 1000000, buffered_total: 1000000}"
ORDER = {"big": "x" * 900_000, "parts": [1, 2, 3]}
BODY = json.dumps(ORDER).encode()
LOOK = '<property name="parts" expression="json-eval($.parts)"/>'
THROW = '<throwError type="X" errorMessage="thrown"/>'
NEVER_RESTS = "<suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure>"


def address(uri: str, duration: int = 10_000) -> str:
    timeout = f"<timeout><duration>{duration}</duration></timeout>"
    return f'<address uri="{uri}">{timeout}{NEVER_RESTS}</address>'


def call(uri: str, duration: int = 10_000) -> str:
    return f"<call><endpoint>{address(uri, duration)}</endpoint></call>"


def proxy(name: str, inside: str, rest: str = "") -> str:
    return f'<proxy name="{name}"><target><inSequence>{LOOK}{inside}</inSequence>{rest}</target></proxy>'


def flows(url: str) -> str:
    parts = "<iterate id='i' expression='json-eval($.parts)'><target><sequence>"
    parts += f"{call(url + '/small')}</sequence></target></iterate>"
    aggregate = '<aggregate id="{}"><onComplete expression="json-eval($)"><respond/></onComplete></aggregate>'
    children = f"<endpoint>{address('http://127.0.0.1:9/')}</endpoint><endpoint>{address(url + '/small')}</endpoint>"
    proxies = {
        "echo": "<respond/>",
        "changed": '<enrich><source type="inline">{"b":1}</source><target action="child" type="body"/></enrich>'
        "<respond/>",
        "thrown": THROW,
        "called": f"{call(url + '/echo')}{LOOK}<respond/>",
        "late": f"{call(url + '/late', 100)}<respond/>",
        "refused": f"{call('http://127.0.0.1:9/')}<respond/>",
        "held": f"{call(url + '/held')}<respond/>",
        "failover": f"<call><endpoint><failover>{children}</failover></endpoint></call><respond/>",
        "cloned": '<clone id="c"><target sequence="joins"/><target sequence="joins"/></clone>',
        "iterated": parts + aggregate.format("i"),
        "lost": '<clone id="l"><target><sequence><drop/></sequence></target></clone>',
        "dropped": "<drop/>",
        "out-only": f'<property name="OUT_ONLY" value="true"/>{call(url + "/small")}<drop/>',
        "stored": '<store messageStore="memory"/><drop/>',
        "script": "<script language='js'>mc.setPayloadJSON({a: 1});</script><respond/>",
        "on-error": '<sequence key="thrower"/>',
        "templated": f'<call-template target="looking"/>{THROW}',
        "scattered": "<scatter-gather target='Body' result-content-type='JSON'>"
        "<aggregation expression='json-eval($)'/><sequence/><sequence/></scatter-gather>"
        "<respond/>",
    }
    handler = "<faultSequence>{}</faultSequence>"
    processor = "org.apache.synapse.message.processor.impl.sampler.SamplingProcessor"
    return (
        DEFINITIONS
        + "".join(proxy(name, inside) for name, inside in proxies.items())
        + proxy("handled", THROW, handler.format(f"{LOOK}<respond/>"))
        + proxy("twice", THROW, handler.format(THROW))
        + f'<sequence name="thrower" onError="taker">{THROW}</sequence><sequence name="taker"><respond/></sequence>'
        f'<sequence name="joins">{aggregate.format("c")}</sequence>'
        f'<template name="looking"><sequence>{LOOK}</sequence></template>'
        '<messageStore name="memory"/><sequence name="ends"><drop/></sequence>'
        f'<messageProcessor name="taker" class="{processor}" messageStore="memory">'
        '<parameter name="sequence">ends</parameter><parameter name="interval">10</parameter></messageProcessor>'
        "</definitions>"
    )


@pytest.fixture(scope="module")
def engine(start: Any, back_end: Any) -> Engine:
    back_end.on("/small", lambda message, connection: connection.answer(200, b'{"n": 1}'))
    started: Engine = start({"a.xml": flows(back_end.url)}, CONFIG)
    assert started.health().status_code == 200, started.health().text
    return started


def post(engine: Engine, name: str, body: bytes = BODY, **headers: str) -> Any:
    return engine.call("POST", f"/services/{name}", data=body, headers={"Content-Type": "application/json"} | headers)


def head(name: str, length: int = len(BODY)) -> bytes:
    lines = f"POST /services/{name} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}"
    return lines.encode() + b"\r\n\r\n"


def has_room(engine: Engine) -> bool:
    status = post(engine, "echo").status_code
    assert status in (200, 503)
    return bool(status == 200)


def answered(name: str, status: int, body: bytes = BODY, **headers: str) -> Callable[[Engine], None]:
    def run(engine: Engine) -> None:
        answer = post(engine, name, body, **headers)
        assert answer.status_code == status, answer.text[:500]

    return run


def client_gone_within_its_request(engine: Engine) -> None:
    client = engine.connect().send(head("echo"), BODY[:500_000])
    client.close()


def client_gone_before_its_answer(engine: Engine) -> None:
    engine.connect().send(head("late"), BODY).close()


def client_that_reads_no_answer(engine: Engine) -> None:
    client = Client(engine.port)
    client.send(head("echo"), BODY)
    assert client.stream.readline().startswith(b"HTTP/1.1 200")
    client.close()


CHUNKED = head("echo").replace(b"Content-Length: %d" % len(BODY), b"Transfer-Encoding: chunked")


def body_in_chunks(engine: Engine) -> None:
    client = engine.connect().send(CHUNKED, b"%x\r\n" % len(BODY), BODY, b"\r\n0\r\n\r\n")
    assert client.answer("POST").body == BODY
    client.close()


def chunks_over_the_limit(engine: Engine) -> None:
    client = engine.connect().send(CHUNKED, b"%x\r\n" % 1_100_000, b" " * 1_100_000)
    assert client.answer("POST").status == 413
    client.close()


WAYS: dict[str, Callable[[Engine], None]] = {
    "answer": answered("echo", 200),
    "changed, then answered": answered("changed", 200),
    "a back end's answer": answered("called", 200),
    "body in chunks": body_in_chunks,
    "more than the limit": chunks_over_the_limit,
    "fault": answered("thrown", 500),
    "fault, handled": answered("handled", 200),
    "fault, its handler fails": answered("twice", 500),
    "fault, onError": answered("on-error", 200),
    "fault behind a template": answered("templated", 500),
    "not JSON": answered("echo", 400, BODY[:-1]),
    "timeout": answered("late", 504),
    "no back end": answered("refused", 502),
    "failover": answered("failover", 200),
    "clone and aggregate": answered("cloned", 200),
    "iterate and aggregate": answered("iterated", 200),
    "a branch that drops": answered("lost", 202),
    "drop": answered("dropped", 202),
    "out-only": answered("out-only", 202),
    "message store": answered("stored", 202),
    "script": answered("script", 200),
    "scatter-gather": answered("scattered", 200),
    "gzip": answered("echo", 200, gzip.compress(BODY), **{"Content-Encoding": "gzip"}),
    "damaged gzip": answered("echo", 400, gzip.compress(BODY)[:-10], **{"Content-Encoding": "gzip"}),
    "gzip of too much": answered("echo", 413, gzip.compress(b" " * 9_000_000), **{"Content-Encoding": "gzip"}),
    "client gone within its request": client_gone_within_its_request,
    "client gone before its answer": client_gone_before_its_answer,
    "client that reads no answer": client_that_reads_no_answer,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_message_that_has_ended_leaves_its_room_to_others(engine: Engine, back_end: Any, way: Any) -> None:
    goes_on = back_end.hold("/late")
    way(engine)
    goes_on.set()
    eventually(lambda: has_room(engine), within=3)


GZIP = {"Content-Encoding": "gzip"}


@pytest.mark.parametrize(
    ("body", "headers"), [(BODY, {}), (gzip.compress(BODY), GZIP)], ids=["plain", "a few bytes of gzip"]
)
def test_a_body_without_room_is_refused_and_nothing_else_is_disturbed(
    engine: Engine, back_end: Any, body: bytes, headers: dict[str, str]
) -> None:
    goes_on, first = back_end.hold("/held"), []
    holder = threading.Thread(target=lambda: first.append(post(engine, "held")))
    before = len(back_end.requests)
    holder.start()
    eventually(lambda: len(back_end.requests) > before)

    refused = post(engine, "echo", body, **headers)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    error = refused.json()["error"]
    assert error["code"] == 0
    assert error["message"] == (
        "there is no room for another body now: those in memory may have 1,000,000 bytes together "
        "(limits.buffered_total)"
    )
    assert post(engine, "echo", b'{"a": 1}').json() == {"a": 1}
    goes_on.set()
    holder.join()
    assert first[0].status_code == 200
    assert post(engine, "echo", body, **headers).json() == ORDER


def test_a_soap_client_is_refused_in_soap(engine: Engine, back_end: Any) -> None:
    goes_on = back_end.hold("/held")
    before = len(back_end.requests)
    holder = threading.Thread(target=post, args=(engine, "held"))
    holder.start()
    eventually(lambda: len(back_end.requests) > before)
    refused = post(engine, "echo", BODY, **{"Content-Type": "text/xml"})
    goes_on.set()
    holder.join()
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert "<faultcode>soapenv:Server</faultcode>" in refused.text


def test_an_answer_that_its_client_does_not_read_takes_room(start: Any) -> None:
    """It is more than the buffers of two sockets hold, and waits in the engine."""
    config = "limits: {buffered_body: 32000000, buffered_total: 32000000}"
    engine = start({"a.xml": f"{DEFINITIONS}{proxy('echo', '<respond/>')}</definitions>"}, config)
    body = json.dumps({"big": "x" * 31_000_000}).encode()
    slow = engine.connect().send(head("echo", len(body)), body)
    assert slow.socket.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 200"
    assert post(engine, "echo", body).status_code == 503
    assert slow.answer("POST").body == body
    slow.close()
    eventually(lambda: post(engine, "echo", body).status_code == 200)


def test_the_engine_has_no_complaint(engine: Engine) -> None:
    assert "Traceback" not in engine.log()
    assert "never awaited" not in engine.log()
