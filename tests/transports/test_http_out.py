"""The client against scripted back ends on real sockets, on asyncio's loop and on uvloop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from engine.core.http import HttpRequest
from engine.errors import ErrorCode, TransportError
from engine.testing.scripted import Script, back_end, client
from engine.transports.http_out import HttpOut
from tests.malformed_answers import MALFORMED

Run = Callable[[Coroutine[Any, Any, None]], None]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HEAD = b"HTTP/1.1 200 OK\r\n"


async def whole(body: Any) -> bytes:
    """All of an answer's body."""
    if isinstance(body, bytes):
        return body
    pieces = []
    while piece := await body.read():
        pieces.append(piece)
    return b"".join(pieces)


async def request_head(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


def answering(*pieces: bytes) -> Script:
    """Answers one request piece by piece, then closes."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_head(reader)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    return script


def keeping(*answers: bytes, log: list[bytes] | None = None) -> Script:
    """Gives the answers in turn to the requests of one connection; the last one again and again."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        turn = 0
        while True:
            head = await request_head(reader)
            if log is not None:
                log.append(head)
            writer.write(answers[min(turn, len(answers) - 1)])
            turn += 1

    return script


GOOD = {
    "length": ([OK], 200, b"ok"),
    "head and body apart": ([HEAD + b"Content-Length: 2\r\n\r\n", b"o", b"k"], 200, b"ok"),
    "head in pieces": ([b"H", b"TTP/1.1 2", b"00 O", b"K\r\nConte", b"nt-Length: 2\r", b"\n\r\nok"], 200, b"ok"),
    "chunked": ([HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\nT: v\r\n\r\n"], 200, b"ok"),
    "chunked in pieces": ([HEAD + b"Transfer-Encoding: Chunked\r\n\r\n2\r", b"\nok\r\n0\r\n", b"\r\n"], 200, b"ok"),
    "until the end": ([HEAD + b"\r\no", b"k"], 200, b"ok"),
    "HTTP/1.0": ([b"HTTP/1.0 200 OK\r\n\r\nok"], 200, b"ok"),
    "empty": ([HEAD + b"Content-Length: 0\r\n\r\n"], 200, b""),
    "nothing until the end": ([HEAD + b"\r\n"], 200, b""),
    "no reason": ([b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"], 200, b"ok"),
    "204": ([b"HTTP/1.1 204 No Content\r\n\r\n"], 204, b""),
    "304 with a length": ([b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"], 304, b""),
    "100 first": ([b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n", OK], 200, b"ok"),
    "many 1xx at once": ([b"HTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + OK], 200, b"ok"),
    "an error is an answer": ([b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno"], 503, b"no"),
    "200 headers": ([HEAD + b"X: y\r\n" * 200 + b"Content-Length: 2\r\n\r\nok"], 200, b"ok"),
    "60 kB of head": ([HEAD + b"X: " + b"y" * 60_000 + b"\r\nContent-Length: 2\r\n\r\nok"], 200, b"ok"),
    "a second answer": ([OK + OK], 200, b"ok"),
    "surplus": ([OK + b"HT"], 200, b"ok"),
    "surplus after close": ([HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\nokxx"], 200, b"ok"),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_answers(run: Run, name: str) -> None:
    pieces, status, body = GOOD[name]

    async def scenario() -> None:
        async with back_end(answering(*pieces)) as url, client() as out:
            response = await out.send(HttpRequest("GET", url))
            assert (response.status, await whole(response.body)) == (status, body)

    run(scenario())


@pytest.mark.parametrize("name", MALFORMED)
def test_answers_that_are_not_http(run: Run, name: str) -> None:
    pieces, reason = MALFORMED[name]
    closed = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answering(*pieces)(reader, writer)
            await reader.read()
        finally:
            closed.set()

    async def scenario() -> None:
        async with back_end(script) as url, client() as out:
            with pytest.raises(TransportError) as caught:
                await whole((await out.send(HttpRequest("GET", url + "/p?token=secret"))).body)
            assert caught.value.code == ErrorCode.PROTOCOL_VIOLATION
            assert caught.value.status == 502
            assert caught.value.message.startswith(f"{url}/p answered something that is not HTTP/1.1: ")
            assert reason in caught.value.message
            await closed.wait()

    run(scenario())


CUT = {
    "nothing": ([], "{}/p closed the connection without an answer"),
    "half a head": ([b"HTTP/1.1 200 OK\r\nX: "], "{}/p closed the connection within the head of its answer"),
    "only 100": ([b"HTTP/1.1 100 Continue\r\n\r\n"], "{}/p closed the connection within the head of its answer"),
    "half a body": ([HEAD + b"Content-Length: 5\r\n\r\nok"],
                    "{}/p closed the connection within the body of its answer"),
    "half the chunks": ([HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nok"],
                        "{}/p closed the connection within the body of its answer"),
    "no last chunk": ([HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"],
                      "{}/p closed the connection within the body of its answer"),
}  # fmt: skip


@pytest.mark.parametrize("name", CUT)
def test_answers_that_end_early(run: Run, name: str) -> None:
    pieces, message = CUT[name]

    async def scenario() -> None:
        async with back_end(answering(*pieces)) as url, client() as out:
            with pytest.raises(TransportError) as caught:
                await whole((await out.send(HttpRequest("POST", url + "/p?token=secret"))).body)
            assert caught.value.code == ErrorCode.CONNECTION_CLOSED
            assert caught.value.message == message.format(url)

    run(scenario())


def test_answer_headers_are_lower_case_and_trimmed_without_trailers(run: Run) -> None:
    answer = HEAD + b"X-A:  1 \t\r\nSet-Cookie: a\r\nset-cookie: b\r\n"
    answer += b"Transfer-Encoding: chunked\r\n\r\n0\r\nT: v\r\n\r\n"

    async def scenario() -> None:
        async with back_end(answering(answer)) as url, client() as out:
            response = await out.send(HttpRequest("GET", url))
            assert response.reason == "OK"
            assert response.body == b""
            assert response.headers == [
                (b"x-a", b"1"), (b"set-cookie", b"a"), (b"set-cookie", b"b"), (b"transfer-encoding", b"chunked"),
            ]  # fmt: skip

    run(scenario())


def test_what_goes_over_the_wire(run: Run) -> None:
    received: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await request_head(reader) + await reader.readexactly(4))
        writer.write(OK)

    async def scenario() -> None:
        async with back_end(script) as url, client() as out:
            response = await out.send(HttpRequest("POST", url + "/a?b=c", [(b"X", b"y")], b"body"))
            assert response.body == b"ok"
            host = url.removeprefix("http://").encode()
            assert received == [b"POST /a?b=c HTTP/1.1\r\nHost: " + host + b"\r\nX: y\r\nContent-Length: 4\r\n\r\nbody"]

    run(scenario())


REUSE = {
    "length": ("GET", OK, 1),
    "chunked": ("GET", HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 1),
    "204": ("DELETE", b"HTTP/1.1 204 No Content\r\n\r\n", 1),
    "304 with a length": ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 1),
    "HEAD with a length": ("HEAD", HEAD + b"Content-Length: 500\r\n\r\n", 1),
    "HEAD chunked": ("HEAD", HEAD + b"Transfer-Encoding: chunked\r\n\r\n", 1),
    "HEAD with length 0": ("HEAD", HEAD + b"Content-Length: 0\r\n\r\n", 1),
    "100 first": ("GET", b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 1),
    "HTTP/1.0 keep-alive": ("GET", b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", 1),
    "HTTP/1.0": ("GET", b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 3),
    "HTTP/1.0 with chunks": (
        "GET",
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        3,  # RFC 9112 section 6.1
    ),
    "close": ("GET", HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\nok", 3),
    "surplus": ("GET", OK + b"HT", 3),
    "a second answer": ("GET", OK + OK, 3),
    "HEAD with a body": ("HEAD", OK, 3),
    "204 with a body": ("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok", 3),
}


@pytest.mark.parametrize("name", REUSE)
def test_connections_for_three_requests(run: Run, name: str) -> None:
    method, answer, expected = REUSE[name]
    opened: list[asyncio.StreamWriter] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)
        await keeping(answer)(reader, writer)

    async def scenario() -> None:
        async with back_end(script) as url, client() as out:
            for _ in range(3):
                response = await out.send(HttpRequest(method, url))
                assert response.status in (200, 204, 304)
            assert len(opened) == expected

    run(scenario())


@pytest.mark.parametrize(
    ("more", "line"), [({"http10": True}, b"GET / HTTP/1.0"), ({"keep_alive": False}, b"GET / HTTP/1.1")]
)
def test_some_requests_use_a_connection_once(run: Run, more: dict[str, bool], line: bytes) -> None:
    log: list[bytes] = []
    opened: list[asyncio.StreamWriter] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)
        await keeping(OK, log=log)(reader, writer)

    async def scenario() -> None:
        async with back_end(script) as url, client() as out:
            for _ in range(2):
                await out.send(HttpRequest("GET", url, **more))  # type: ignore[arg-type]
            assert [head.partition(b"\r\n")[0] for head in log] == [line] * 2
            assert len(opened) == 2

    run(scenario())


def test_unasked_bytes_close_an_idle_connection(run: Run) -> None:
    opened: list[asyncio.StreamWriter] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)
        await request_head(reader)
        writer.write(OK)
        if len(opened) == 1:
            await go.wait()
            writer.write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                await reader.read()
            left.set()

    async def scenario() -> None:
        async with back_end(script) as url, client() as out:
            await out.send(HttpRequest("GET", url))
            go.set()
            await left.wait()
            assert (await out.send(HttpRequest("POST", url))).status == 200
            assert len(opened) == 2

    go, left = asyncio.Event(), asyncio.Event()
    run(scenario())


@pytest.mark.parametrize(
    ("method", "repeated"),
    [
        ("GET", True), ("HEAD", True), ("PUT", True), ("DELETE", True), ("OPTIONS", True), ("TRACE", True),
        ("POST", False), ("PATCH", False),
    ],
)  # fmt: skip
def test_a_stale_connection_is_retried_for_idempotent_methods(run: Run, method: str, repeated: bool) -> None:
    opened: list[asyncio.StreamWriter] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)
        await request_head(reader)
        writer.write(OK)
        await request_head(reader)  # and close without an answer

    async def scenario() -> None:
        async with back_end(script) as url, client() as out:
            await out.send(HttpRequest("GET", url))
            if repeated:
                assert (await out.send(HttpRequest(method, url))).status == 200
                assert len(opened) == 2
            else:
                with pytest.raises(TransportError) as caught:
                    await out.send(HttpRequest(method, url))
                assert caught.value.code == ErrorCode.CONNECTION_CLOSED
                assert len(opened) == 1

    run(scenario())


def test_a_fresh_connection_is_not_retried(run: Run) -> None:
    opened: list[asyncio.StreamWriter] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)
        await request_head(reader)

    async def scenario() -> None:
        async with back_end(script) as url, client() as out:
            with pytest.raises(TransportError, match="without an answer"):
                await out.send(HttpRequest("GET", url))
            assert len(opened) == 1

    run(scenario())


def test_nobody_listens(run: Run) -> None:
    async def scenario() -> None:
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        async with client() as out:
            with pytest.raises(TransportError) as caught:
                await out.send(HttpRequest("GET", f"http://user:secret@127.0.0.1:{port}/p?token=secret"))
        assert caught.value.code == ErrorCode.CONNECTION_FAILED
        assert caught.value.message == f"cannot connect to http://127.0.0.1:{port}: connection refused"

    run(scenario())


@pytest.mark.parametrize("own_time", [True, False])
def test_no_answer_in_time(run: Run, own_time: bool) -> None:
    settings: dict[str, float] = {} if own_time else {"response_timeout": 0.05}

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def scenario() -> None:
        async with back_end(script) as url, client(**settings) as out:
            with pytest.raises(TransportError) as caught:
                await out.send(HttpRequest("GET", url + "/p?token=secret", timeout=0.05 if own_time else None))
            assert (caught.value.code, caught.value.status) == (ErrorCode.TIMEOUT, 504)
            assert caught.value.message.startswith(f"no answer from {url}/p within 0.0")

    run(scenario())


def test_no_answer_before_the_exchange_must_end(run: Run) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def scenario() -> None:
        async with back_end(script) as url, client(total_timeout=0.05) as out:
            with pytest.raises(TransportError) as caught:
                await out.send(HttpRequest("GET", url + "/p?token=secret", timeout=5))
            assert (caught.value.code, caught.value.status) == (ErrorCode.TIMEOUT, 504)
            assert caught.value.message == f"the exchange with {url}/p did not end within 0.05 s"

    run(scenario())


def test_the_end_of_one_exchange_is_not_that_of_the_next(run: Run) -> None:
    """A kept-alive connection: each request has its own time, and none runs while the connection rests."""
    opened: list[bytes] = []

    async def scenario() -> None:
        async with back_end(keeping(OK, log=opened)) as url, client(total_timeout=0.2) as out:
            for _ in range(4):
                assert (await out.send(HttpRequest("GET", url))).status == 200
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.07):
                        await asyncio.Event().wait()
            assert len(opened) == 4

    run(scenario())


def test_a_trickling_head_does_not_extend_the_time(run: Run) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_head(reader)
        writer.write(HEAD)
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.01):
                    await reader.readexactly(1)
            writer.write(b"X: y\r\n")

    async def scenario() -> None:
        async with back_end(script) as url, client(response_timeout=0.05) as out:
            with pytest.raises(TransportError) as caught:
                await out.send(HttpRequest("GET", url))
            assert caught.value.code == ErrorCode.TIMEOUT

    run(scenario())


def test_a_sender_who_leaves_closes_the_connection(run: Run) -> None:
    asked, left = asyncio.Event(), asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_head(reader)
        asked.set()
        with contextlib.suppress(ConnectionError):
            await reader.read()
        left.set()

    async def scenario() -> None:
        async with back_end(script) as url, client() as out:
            sending = asyncio.ensure_future(out.send(HttpRequest("GET", url)))
            await asked.wait()
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            await left.wait()

    run(scenario())


def test_closing_the_client_fails_what_is_in_progress(run: Run) -> None:
    asked = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_head(reader)
        asked.set()
        await reader.read()

    async def scenario() -> None:
        async with back_end(script) as url:
            out = HttpOut()
            sending = asyncio.ensure_future(out.send(HttpRequest("GET", url)))
            await asked.wait()
            await out.close()
            with pytest.raises(TransportError, match="client was closed"):
                await sending
            with pytest.raises(TransportError, match="client is closed"):
                await out.send(HttpRequest("GET", url))

    run(scenario())
