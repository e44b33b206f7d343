"""A proxy that only passes messages on: headers, framing, keep-alive, streams, statuses."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MEGABYTE = 1 << 20
BIG = 20 * MEGABYTE


def proxy(name: str, uri: str, inside: str = "") -> str:
    return (
        f'<proxy name="{name}"><target>{inside}<endpoint><address uri="{uri}"><suspendOnFailure><errorCodes>-1'
        "</errorCodes></suspendOnFailure></address></endpoint></target></proxy>"
    )


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def engine(request: pytest.FixtureRequest, start: Any, back_end: Any) -> Any:
    """A server on asyncio's own loop, and another on uvloop where it is installed."""
    pytest.importorskip(request.param)
    flows = [
        proxy("pass", f"{back_end.url}/base"),
        proxy("big", f"{back_end.url}/big"),
        '<proxy name="nothing"/>',
        '<proxy name="drop"><target><inSequence><drop/></inSequence></target></proxy>',
        '<proxy name="made"><target><inSequence><payloadFactory media-type="json"><format>{"n": 1}</format><args/>'
        "</payloadFactory><respond/></inSequence></target></proxy>",
        '<proxy name="again"><target><outSequence><respond/><send/></outSequence>'
        f'<endpoint><address uri="{back_end.url}/again"/></endpoint></target></proxy>',
        '<proxy name="mirror"><target><inSequence><respond/></inSequence></target></proxy>',
    ]
    files = {"a.xml": f'<definitions xmlns="http://ws.apache.org/ns/synapse">{"".join(flows)}</definitions>'}
    return start(files, uvloop=request.param == "uvloop")


@pytest.fixture(autouse=True)
def _fresh(back_end: Any) -> None:
    back_end.scripts.clear()
    back_end.requests.clear()


def test_both_loops_are_tested(engine: Any, request: pytest.FixtureRequest) -> None:
    loaded = Path(f"/proc/{engine.process.pid}/maps").read_text()
    assert ("/uvloop/" in loaded) == (request.node.callspec.params["engine"] == "uvloop")


def test_a_client_that_reads_nothing_before_it_has_sent_all_gets_its_echo(engine: Any) -> None:
    body = b"x" * 25_000_000  # more than all buffers between the two
    answer = engine.call("POST", "/services/mirror", data=body, headers={"Content-Type": "application/octet-stream"})
    assert (answer.status_code, answer.content == body) == (200, True)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_method_path_and_query_pass(engine: Any, back_end: Any, method: str) -> None:
    answer = engine.call(method, "/services/pass/sub/path?a=1&b=%20x")
    assert answer.status_code == 200
    assert back_end.last().start == f"{method} /base/sub/path?a=1&b=%20x HTTP/1.1"


@pytest.mark.parametrize("path", ["/a%20b", "/a%2Fb", "/%C3%A9", "/a%3Fb", "/a;b=c,d", "/a%25b", "/"])
def test_path_passes_as_it_was_written(engine: Any, back_end: Any, path: str) -> None:
    client = engine.connect().send(f"GET /services/pass{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert client.answer().status == 200
    client.close()
    assert back_end.last().target == f"/base{path}"


def test_trap_38_headers_pass_both_ways_but_those_of_the_hop(engine: Any, back_end: Any) -> None:
    hop = "Keep-Alive: timeout=5\r\nTE: trailers\r\nProxy-Authorization: secret\r\nUser-Agent: test\r\n"
    back_end.on(
        "/base",
        lambda message, connection: connection.answer(
            200, b"{}", "X-Twice: 1", "X-Twice: 2", "Server: nginx", "Keep-Alive: timeout=9", "ETag: \"e\"",
            "Date: Thu, 01 Jan 1970 00:00:00 GMT", "Set-Cookie: a=1", "Set-Cookie: b=2",
        ),
    )  # fmt: skip
    client = engine.connect().send(
        f"POST /services/pass HTTP/1.1\r\nHost: front\r\n{hop}Authorization: Bearer t\r\nAccept: text/csv\r\n"
        "X-A: 1\r\nX-A: 2\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}".encode()
    )
    answer = client.answer()
    client.close()
    request = back_end.last()
    assert {name: request.header(name) for name in ("authorization", "accept", "x-a", "content-type")} == {
        "authorization": "Bearer t",
        "accept": "text/csv",
        "x-a": "1, 2",
        "content-type": "application/json",
    }
    assert request.header("host") == back_end.url.removeprefix("http://")
    assert not request.names() & {"keep-alive", "te", "proxy-authorization"}
    assert request.header("user-agent") != "test"
    assert answer.header("x-twice") == "1, 2"
    assert [value for name, value in answer.headers if name.lower() == "set-cookie"] == ["a=1", "b=2"]
    assert answer.header("etag") == '"e"'
    assert not answer.names() & {"server", "keep-alive"}
    assert "1970" not in (answer.header("date") or "")


@pytest.mark.parametrize(
    ("status", "body"),
    [(201, b'{"id": 1}'), (204, b""), (301, b"{}"), (400, b"no"), (404, b"{}"), (500, b"x"), (503, b"")],
)
def test_trap_36_any_status_is_an_answer(engine: Any, back_end: Any, status: int, body: bytes) -> None:
    back_end.on("/base", lambda message, connection: connection.answer(status, body))
    answer = engine.call("GET", "/services/pass", allow_redirects=False)
    assert (answer.status_code, answer.content) == (status, body)
    assert engine.call("GET", "/services/pass", allow_redirects=False).status_code == status


def test_bytes_pass_unchanged(engine: Any, back_end: Any) -> None:
    """Also what is not what its type says; nobody looks."""
    odd = b'{"a": 1.10,  "a": 18446744073709551616,}\xff'
    answer = engine.call("POST", "/services/pass", data=odd, headers={"Content-Type": "application/json"})
    assert (back_end.last().body, answer.content) == (odd, odd)


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_request_body_framing(engine: Any, back_end: Any, framing: str) -> None:
    head = b"POST /services/pass HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
    client = engine.connect()
    if framing == "length":
        client.send(head + b"Content-Length: 6\r\n\r\nabc", b"def")
    else:
        client.send(head + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b"3;x=y\r\ndef\r\n0\r\nT: v\r\n\r\n")
    assert client.answer().body == b"abcdef"
    client.close()
    assert back_end.last().body == b"abcdef"


@pytest.mark.parametrize(
    "wire",
    [
        b"Content-Length: 6\r\n\r\nabcdef",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n4\r\ncdef\r\n0\r\n\r\n",
    ],
    ids=["length", "chunked"],
)
def test_answer_framing_and_keep_alive_both_ways(engine: Any, back_end: Any, wire: bytes) -> None:
    back_end.on(
        "/base", lambda message, connection: connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + wire)
    )
    client = engine.connect()
    for _ in range(3):
        answer = client.send(b"GET /services/pass HTTP/1.1\r\nHost: x\r\n\r\n").answer()
        assert (answer.status, answer.body) == (200, b"abcdef")
    client.close()
    assert len({request.header("connection-number") for request in back_end.requests}) == 1


def test_answer_until_the_end_of_the_connection(engine: Any, back_end: Any) -> None:
    def script(message: Any, connection: Any) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nabc")
        connection.request.shutdown(socket.SHUT_RDWR)

    back_end.on("/base", script)
    assert engine.call("GET", "/services/pass").content == b"abc"


@pytest.mark.parametrize(
    ("framing", "length"),
    [("Content-Length: 7", "7"), ("Content-Length: 0", "0"), ("Transfer-Encoding: chunked", None)],
)
def test_head_has_the_length_and_no_body(engine: Any, back_end: Any, framing: str, length: str | None) -> None:
    answered = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{framing}\r\n\r\n".encode()
    back_end.on("/base", lambda message, connection: connection.send(answered))
    client = engine.connect()
    for connection in ("keep-alive", "close"):
        client.send(f"HEAD /services/pass HTTP/1.1\r\nHost: x\r\nConnection: {connection}\r\n\r\n".encode())
        answer = client.answer("HEAD")
        assert (answer.status, answer.header("content-length")) == (200, length)
    assert client.rest() == b""
    client.close()
    assert back_end.last().method == "HEAD"
    assert len({request.header("connection-number") for request in back_end.requests}) == 1


def test_head_of_an_answer_made_here(engine: Any) -> None:
    answer = engine.call("HEAD", "/services/made")
    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, "8", b"")


def test_304_keeps_what_validates_and_has_no_body(engine: Any, back_end: Any) -> None:
    validators = ('ETag: "e"', "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT", "Cache-Control: no-cache", "Vary: A")
    answered = "\r\n".join(["HTTP/1.1 304 Not Modified", *validators, "Content-Length: 7", "", ""]).encode()
    back_end.on("/base", lambda message, connection: connection.send(answered))
    client = engine.connect()
    for connection in ("keep-alive", "close"):
        client.send(
            b'GET /services/pass HTTP/1.1\r\nHost: x\r\nIf-None-Match: "e"\r\n'
            b"Connection: %s\r\n\r\n" % connection.encode()
        )
        answer = client.answer()
        assert answer.status == 304
        assert [f"{name}: {value}".lower() for name, value in answer.headers if name.lower() != "date"][:4] == [
            line.lower() for line in validators
        ]
    assert client.rest() == b""
    client.close()
    assert back_end.last().header("if-none-match") == '"e"'


def test_http_10_client(engine: Any) -> None:
    client = engine.connect().send(b"GET /services/mirror HTTP/1.0\r\n\r\n")
    assert client.rest().startswith(b"HTTP/1.1 200 OK\r\n")
    client.close()


def test_expect_100_continue(engine: Any) -> None:
    head = b"POST /services/pass HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    client = engine.connect().send(head)
    assert client.stream.readline() == b"HTTP/1.1 100 Continue\r\n"
    assert client.stream.readline() == b"\r\n"
    assert client.send(b"abc").answer().body == b"abc"
    client.close()


# -------------------------------------------------------------------- streams


def blocks(count: int) -> Any:
    """``count`` different blocks of 64 KiB, and the digest of all."""
    digest = hashlib.sha256()
    pieces = [bytes([number % 251]) * 65536 for number in range(count)]
    for piece in pieces:
        digest.update(piece)
    return pieces, digest.hexdigest()


def read_body(message: Any, connection: Any) -> Iterator[bytes]:
    """The pieces of a request of ``BIG`` bytes at the back end."""
    left = BIG
    chunked = message.header("transfer-encoding") == "chunked"
    while left:
        size = int(connection.rfile.readline(), 16) if chunked else min(left, 65536)
        piece = connection.rfile.read(size)
        if chunked:
            connection.rfile.readline()
        left -= len(piece)
        yield piece
    if chunked:
        connection.rfile.readline()
        connection.rfile.readline()


def test_big_request_streams(engine: Any, back_end: Any) -> None:
    """The back end has the first piece before the client sends the last; memory does not grow with the body."""
    pieces, digest = blocks(BIG // 65536)
    first_arrived = threading.Event()

    def script(message: Any, connection: Any) -> None:
        seen = hashlib.sha256()
        for piece in read_body(message, connection):
            seen.update(piece)
            first_arrived.set()
        connection.answer(200, seen.hexdigest().encode(), "Content-Type: text/plain")

    back_end.on("/big", script, reads=True)
    before = engine.memory()
    client = engine.connect()
    client.send(b"POST /services/big HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % BIG, pieces[0])
    assert first_arrived.wait(10)
    client.send(*pieces[1:])
    assert client.answer().body.decode() == digest
    client.close()
    assert engine.memory() - before < 8 * MEGABYTE


@pytest.mark.parametrize("status", [200, 404])
def test_back_end_that_answers_while_it_still_reads(engine: Any, back_end: Any, status: int) -> None:
    """It gets all of the request, and its answer arrives whole."""
    pieces, digest = blocks(BIG // 65536)

    def script(message: Any, connection: Any) -> None:
        seen = hashlib.sha256()
        for number, piece in enumerate(read_body(message, connection)):
            if number == 0:
                head = f"HTTP/1.1 {status} X\r\nContent-Type: text/plain\r\nContent-Length: 66\r\n\r\n> "
                connection.send(head.encode())
            seen.update(piece)
        connection.send(seen.hexdigest().encode())

    back_end.on("/big", script, reads=True)
    client = engine.connect()
    client.send(b"POST /services/big HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % BIG, pieces[0])
    assert client.stream.readline().startswith(b"HTTP/1.1 %d " % status)
    while client.stream.readline() != b"\r\n":
        pass
    client.send(*pieces[1:])
    assert client.stream.read(66).decode() == f"> {digest}"
    client.close()


def test_refusal_of_a_big_request_arrives_at_once(engine: Any, back_end: Any) -> None:
    """The client has it although it has not sent the rest, and the back end takes no more."""

    def script(message: Any, connection: Any) -> None:
        connection.rfile.read(65536)
        connection.answer(413, b"too large", "Connection: close", "Content-Type: text/plain")
        connection.request.shutdown(socket.SHUT_RDWR)

    back_end.on("/big", script, reads=True)
    client = engine.connect()
    client.send(b"POST /services/big HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % BIG, b"x" * 65536)
    answer = client.answer()
    assert (answer.status, answer.body, answer.header("connection")) == (413, b"too large", "close")
    client.close()


def test_answer_that_begins_before_the_request_has_ended(engine: Any) -> None:
    """Both bodies are on their way at once; no piece gets lost."""
    pieces, digest = blocks(BIG // 65536)
    client = engine.connect()
    head = b"POST /services/mirror HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % BIG
    sender = threading.Thread(target=client.send, args=(head, *pieces))
    sender.start()
    assert hashlib.sha256(client.answer().body).hexdigest() == digest
    sender.join()
    client.close()


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_big_answer_streams(engine: Any, back_end: Any, framing: str) -> None:
    """The client has the first piece before the back end sends the last; a client that waits holds the back end."""
    pieces, digest = blocks(BIG // 65536)
    first_read = threading.Event()

    def script(message: Any, connection: Any) -> None:
        length = f"Content-Length: {BIG}" if framing == "length" else "Transfer-Encoding: chunked"
        connection.send(f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{length}\r\n\r\n".encode())
        for number, piece in enumerate(pieces):
            connection.send(piece if framing == "length" else b"10000\r\n%s\r\n" % piece)
            if number == 0:
                assert first_read.wait(10)
        if framing == "chunked":
            connection.send(b"0\r\n\r\n")

    back_end.on("/big", script)
    before = engine.memory()
    answer = engine.call("GET", "/services/big", stream=True)
    seen = hashlib.sha256()
    for piece in answer.iter_content(65536):
        first_read.set()
        seen.update(piece)
    assert seen.hexdigest() == digest
    assert engine.memory() - before < 8 * MEGABYTE


def test_back_end_that_breaks_off_breaks_off_the_answer(engine: Any, back_end: Any) -> None:
    """What was sent cannot be taken back; the client sees that it is not complete."""

    def script(message: Any, connection: Any) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nabc")
        connection.request.shutdown(socket.SHUT_RDWR)

    back_end.on("/base", script)
    client = engine.connect().send(b"GET /services/pass HTTP/1.1\r\nHost: x\r\n\r\n")
    received = client.rest()
    client.close()
    assert received.startswith((b"HTTP/1.1 200", b"HTTP/1.1 502"))
    assert received.startswith(b"HTTP/1.1 502") or received.endswith(b"abc")
    assert engine.call("GET", "/services/mirror").status_code == 200


def test_client_that_leaves_frees_the_back_end(engine: Any, back_end: Any) -> None:
    left = threading.Event()

    def script(message: Any, connection: Any) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % (1 << 40))
        try:
            while True:
                connection.send(b"x" * 65536)
        except ConnectionError:
            left.set()

    back_end.on("/big", script)
    client = engine.connect().send(b"GET /services/big HTTP/1.1\r\nHost: x\r\n\r\n")
    assert client.stream.read(100_000)
    client.close()
    assert left.wait(10)


@pytest.mark.parametrize("leaves", [True, False])
def test_client_that_leaves_before_the_answer_leaves_nothing_behind(engine: Any, back_end: Any, leaves: bool) -> None:
    """The back end's connection serves the next request; a client that only sends no more gets its answer."""
    asked, go, sent = threading.Event(), threading.Event(), threading.Event()

    def script(message: Any, connection: Any) -> None:
        asked.set()
        assert go.wait(10)
        connection.answer(200, b"late", "Content-Type: text/plain")
        sent.set()

    back_end.on("/base", script)
    client = engine.connect().send(b"GET /services/pass HTTP/1.1\r\nHost: x\r\n\r\n")
    assert asked.wait(10)
    if leaves:
        client.close()
        go.set()
    else:
        client.socket.shutdown(socket.SHUT_WR)
        go.set()
        assert client.rest().endswith(b"\r\n\r\nlate")
        client.close()
    assert sent.wait(10)
    assert engine.call("GET", "/services/pass").content == b"late"
    assert len({request.header("connection-number") for request in back_end.requests}) == 1
    assert "Traceback" not in engine.log()


# -------------------------------------------------------------------- always one answer


@pytest.mark.parametrize("name", ["nothing", "drop"])
def test_trap_41_flow_without_an_answer_gives_an_empty_202(engine: Any, name: str) -> None:
    answer = engine.post(f"/services/{name}", {"a": 1})
    assert (answer.status_code, answer.content) == (202, b"")


def test_trap_44_second_answer_is_not_sent(engine: Any, back_end: Any, until: Any) -> None:
    client = engine.connect().send(b"GET /services/again HTTP/1.1\r\nHost: x\r\n\r\n")
    assert client.answer().status == 200
    client.send(b"GET /services/mirror HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert client.answer().status == 200
    assert client.rest() == b""
    client.close()


def test_what_the_client_said_about_itself_does_not_come_back(engine: Any) -> None:
    headers = {"Authorization": "Bearer secret", "Cookie": "a=1", "X-Mine": "kept"}
    for path in ("/services/mirror", "/services/made"):
        answer = engine.call("POST", path, json={"a": 1}, headers=headers)
        assert answer.headers.get("X-Mine") == "kept"
        assert not {"Authorization", "Cookie", "Accept", "Accept-Encoding"} & set(answer.headers)


@pytest.mark.parametrize(
    "path", ["/", "/services", "/services/", "/services/none", "/services/passx", "/x/services/pass"]
)
def test_path_that_nothing_serves(engine: Any, path: str) -> None:
    answer = engine.call("GET", path)
    assert answer.status_code == 404
    assert answer.json() == {"error": {"code": "not-found", "message": f"there is no service at {path}"}}
