"""Corners of HTTP/1.1 through a whole engine, client and back end both being the test: RFC 9110 and RFC 9112."""

from __future__ import annotations

import socket
import struct
import threading
from typing import Any

import pytest

from tests.e2e.conftest import BackEnd, Client, Engine

PASS = b" /services/pass HTTP/1.1\r\nHost: h\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
WHOLE = OK + b"Content-Length: 2\r\n\r\nok"


NEVER_RESTS = (
    "<suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure>"
    "<markForSuspension><errorCodes>-1</errorCodes></markForSuspension>"
)


@pytest.fixture(scope="module")
def engine(start: Any, back_end: Any) -> Engine:
    def endpoint(path: str) -> str:
        return f'<endpoint><address uri="{back_end.url}{path}">{NEVER_RESTS}</address></endpoint>'

    calls = f"<call>{endpoint('/b')}</call><call>{endpoint('/notify')}</call>"
    return start(
        {
            "a.xml": f"""<definitions xmlns="http://ws.apache.org/ns/synapse">
            <proxy name="pass"><target>{endpoint("/b")}</target></proxy>
            <proxy name="notifies"><target><inSequence>{calls}<respond/></inSequence></target></proxy>
            </definitions>"""
        }
    )


@pytest.fixture(autouse=True)
def _fresh(back_end: Any) -> None:
    back_end.scripts.clear()
    back_end.requests.clear()


@pytest.fixture
def client(engine: Engine) -> Any:
    made = engine.connect()
    yield made
    made.close()


def plays(back_end: BackEnd, *answers: bytes) -> None:
    """Each request gets the next of the answers as it is; those after the last get that one again."""
    left = list(answers)
    back_end.on("/b", lambda _, connection: connection.send(left.pop(0) if len(left) > 1 else left[0]))


def connections(back_end: BackEnd) -> int:
    """How many of the engine's connections the requests came on."""
    return len({request.header("connection-number") for request in back_end.requests})


# ---------------------------------------------------------------- answers of a back end


@pytest.mark.parametrize("interim", [b"100 Continue", b"102 Processing", b"103 Early Hints\r\nLink: </a>", b"199 X"])
def test_interim_answers_are_for_the_engine(client: Client, back_end: Any, interim: bytes) -> None:
    plays(back_end, b"HTTP/1.1 " + interim + b"\r\n\r\n" + b"HTTP/1.1 102 Processing\r\n\r\n" + WHOLE)
    for _ in range(2):
        answer = client.send(b"GET" + PASS + b"\r\n").answer()
        assert (answer.status, answer.body, answer.header("link")) == (200, b"ok", None)
    assert connections(back_end) == 1


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
@pytest.mark.parametrize(
    "wire", [b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"]
)
def test_a_body_where_none_may_be(client: Client, back_end: Any, status: bytes, wire: bytes) -> None:
    """It is no answer to the next request."""
    plays(back_end, b"HTTP/1.1 " + status + b"\r\n" + wire, WHOLE)
    answer = client.send(b"GET" + PASS + b"\r\n").answer()
    assert answer.start.encode().startswith(b"HTTP/1.1 " + status[:3])
    assert not {"content-length", "transfer-encoding"} & answer.names()
    assert client.send(b"GET" + PASS + b"\r\n").answer().body == b"ok"
    assert connections(back_end) == 2


def test_a_body_in_an_answer_to_head(client: Client, back_end: Any) -> None:
    plays(back_end, OK + b"Content-Length: 5\r\n\r\nhello", WHOLE)
    answer = client.send(b"HEAD" + PASS + b"\r\n").answer("HEAD")
    assert (answer.status, answer.header("content-length")) == (200, "5")
    assert client.send(b"GET" + PASS + b"\r\n").answer().body == b"ok"
    assert connections(back_end) == 2


@pytest.mark.parametrize("trailer", [b"", b"X-Sum: 1\r\n", b"Content-Type: text/html\r\nSet-Cookie: a=1\r\n"])
def test_trailers_of_an_answer_end_at_the_engine(client: Client, back_end: Any, trailer: bytes) -> None:
    plays(back_end, OK + b"Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\n" + trailer + b"\r\n")
    for _ in range(2):
        answer = client.send(b"GET" + PASS + b"\r\n").answer()
        assert (answer.body, answer.header("content-type")) == (b"ok", "text/plain")
        assert not {"x-sum", "trailer", "set-cookie"} & answer.names()
    assert connections(back_end) == 1


def test_what_connection_names_is_for_the_engine_alone(client: Client, back_end: Any) -> None:
    """RFC 9110 section 7.6.1, both ways."""
    plays(back_end, OK + b"Connection: X-Hop\r\nX-Hop: 1\r\nX-Other: 2\r\nContent-Length: 2\r\n\r\nok")
    answer = client.send(
        b"GET" + PASS + b"Connection: keep-alive, X-Mine , Host\r\nX-Mine: 3\r\nX-Kept: 4\r\n\r\n"
    ).answer()
    assert (answer.status, answer.header("x-hop"), answer.header("x-other")) == (200, None, "2")
    request = back_end.last()
    assert (request.header("x-mine"), request.header("x-kept")) == (None, "4")


@pytest.mark.parametrize(("challenge", "count"), [("NTLM", 2), ("Negotiate", 2), ('Basic realm="NTLM"', 1)])
def test_a_login_that_would_hold_for_the_connection(client: Client, back_end: Any, challenge: str, count: int) -> None:
    """The next request, perhaps of another client, must not be sent in the name of who logged in (RFC 4559)."""
    back_end.on("/b", lambda _, connection: connection.answer(401, b"{}", f"WWW-Authenticate: {challenge}"))
    for _ in range(2):
        assert client.send(b"GET" + PASS + b"Authorization: NTLM TlRMTVNTUAAB\r\n\r\n").answer().status == 401
    assert connections(back_end) == count


# ---------------------------------------------------------------- requests


@pytest.mark.parametrize("trailer", [b"X-Sum: 1\r\n", b"Host: other\r\n", b"activityid: other\r\n"])
def test_trailers_of_a_request_end_at_the_engine(client: Client, back_end: Any, trailer: bytes) -> None:
    head = b"POST" + PASS + b"Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
    for _ in range(2):
        assert client.send(head + b"2\r\nhi\r\n0\r\n" + trailer + b"\r\n").answer().body == b"hi"
    assert [request.header("host") for request in back_end.requests] == [back_end.url.removeprefix("http://")] * 2
    assert [request.header("x-sum") or request.header("trailer") for request in back_end.requests] == [None, None]


def test_trailers_without_end(client: Client, back_end: Any) -> None:
    back_end.on("/b", lambda _, connection: connection.rfile.read(), reads=True)
    client.send(b"POST" + PASS + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n", b"X-A: 1\r\n" * 100_000)
    answer = client.answer()
    assert (answer.status, answer.header("connection")) == (400, "close")
    assert b"trailers of the request body are too long" in answer.body


@pytest.mark.parametrize("protocol", [b"websocket", b"h2c", b"TLS/1.0, HTTP/1.1"])
def test_a_request_for_another_protocol_is_answered_in_this_one(client: Client, back_end: Any, protocol: bytes) -> None:
    asking = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: " + protocol + b"\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
    plays(back_end, WHOLE)
    for _ in range(2):
        answer = client.send(b"GET" + PASS + asking).answer()
        assert (answer.status, answer.body, answer.header("upgrade")) == (200, b"ok", None)
    assert all(not {"upgrade", "http2-settings"} & request.names() for request in back_end.requests)


def test_a_client_that_closes_among_pipelined_requests(client: Client, back_end: Any) -> None:
    plays(back_end, WHOLE)
    request = b"GET /services/pass/%d HTTP/1.1\r\nHost: h\r\n%b\r\n"
    client.send(request % (1, b"") + request % (2, b"Connection: close\r\n") + request % (3, b""))
    assert client.answer().header("connection") is None
    assert client.answer().header("connection") == "close"
    assert client.rest() == b""
    assert [each.target for each in back_end.requests] == ["/b/1", "/b/2"]


def test_a_back_end_that_closes_among_pipelined_requests(client: Client, back_end: Any) -> None:
    """The client does not see it."""

    def script(_: Any, connection: Any) -> None:
        connection.answer(200, b"ok", "Connection: close", "Content-Type: text/plain")
        connection.request.shutdown(socket.SHUT_RDWR)

    back_end.on("/b", script)
    client.send((b"POST" + PASS + b"Content-Length: 2\r\n\r\nhi") * 3)
    for _ in range(3):
        answer = client.answer()
        assert (answer.body, answer.header("connection")) == (b"ok", None)
    assert connections(back_end) == 3


@pytest.mark.parametrize("closes", [True, False])
def test_a_back_end_that_refuses_what_the_client_waits_to_send(client: Client, back_end: Any, closes: bool) -> None:
    """417, before any of the body: the client has the answer, and nothing that it did not send is waited for."""

    def script(_: Any, connection: Any) -> None:
        connection.answer(417, b"no", "Content-Type: text/plain", *(["Connection: close"] if closes else []))
        if closes:
            connection.request.shutdown(socket.SHUT_RDWR)

    back_end.on("/b", script, reads=True)
    client.send(b"POST" + PASS + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    answer = client.answer()
    if answer.status == 100:  # the engine had begun to read for the back end
        answer = client.answer()
    assert (answer.status, answer.body, answer.header("connection")) == (417, b"no", "close")
    assert client.rest() == b""
    assert back_end.last().header("expect") is None


@pytest.mark.parametrize("framing", [b"Content-Length: 1000000", b"Transfer-Encoding: chunked"])
def test_a_back_end_that_refuses_what_is_still_sent(client: Client, back_end: Any, framing: bytes) -> None:
    def script(_: Any, connection: Any) -> None:
        connection.rfile.read(1024)
        connection.answer(413, b"too large", "Connection: close", "Content-Type: text/plain")
        connection.request.shutdown(socket.SHUT_RDWR)
        connection.rfile.read()

    back_end.on("/b", script, reads=True)
    client.send(b"POST" + PASS + framing + b"\r\n\r\n400\r\n" + b"x" * 1024)
    answer = client.answer()
    assert (answer.status, answer.body, answer.header("connection")) == (413, b"too large", "close")
    assert client.rest() == b""


# ---------------------------------------------------------------- clients that leave


@pytest.mark.parametrize("rudely", [True, False])
def test_a_flow_runs_to_its_end_when_its_client_has_left(
    engine: Engine, back_end: Any, until: Any, rudely: bool
) -> None:
    """What comes after the call is done all the same; the answer is dropped."""
    asked, go = threading.Event(), threading.Event()

    def script(_: Any, connection: Any) -> None:
        asked.set()
        assert go.wait(10)
        connection.answer()

    back_end.on("/b", script)
    name = f"left-{'rudely' if rudely else 'politely'}"
    client = engine.connect()
    client.send(b"POST /services/notifies HTTP/1.1\r\nHost: h\r\nactivityid: %b\r\n" % name.encode())
    client.send(b"Content-Length: 2\r\n\r\n{}")
    assert asked.wait(10)
    if rudely:
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    go.set()
    until(lambda: [each.target for each in back_end.requests] == ["/b", "/notify"])
    if rudely:
        told = f"{name}: the client at 127.0.0.1 left before its answer was complete"
        until(lambda: engine.log().count(told) == 1)
    assert engine.call("POST", "/services/notifies", json={}).status_code == 200
    assert connections(back_end) == 1
    lines = [line for line in engine.log().splitlines() if name in line]
    assert len(lines) == int(rudely)
