"""What one call does at the edges; the table of statuses is in tests/connectors/gotowebinar/test_errors.py."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterable
from dataclasses import replace

import pytest

from engine.core.clock import Clock
from engine.core.http import HttpRequest, HttpResponse
from engine.errors import Fault, TransportError
from engine.plugins.connection import Connection, Static
from engine.plugins.exchange import ApiRequest, Exchange
from engine.plugins.settings import Settings
from engine.testing.harness import Harness, StubClient, response

CONNECTION = Connection("https://acme.example/v1", authorization=Static("Bearer t"), timeout=0.05)


class Stream:
    """A body in pieces; None is a piece that never comes."""

    length = None

    def __init__(self, pieces: Iterable[bytes | None]) -> None:
        self._pieces = iter(pieces)
        self.closed = False

    async def read(self) -> bytes:
        piece = next(self._pieces, b"")
        return await asyncio.Future() if piece is None else piece

    def close(self) -> None:
        self.closed = True


def streamed(status: int, *pieces: bytes | None) -> HttpResponse:
    answer = response(status)
    answer.body = Stream(pieces)
    return answer


async def call(answer: HttpResponse, request: ApiRequest | None = None) -> tuple[Harness, StubClient, object]:
    http = StubClient(lambda request: answer)
    harness = Harness(http=http)
    message = harness.message(b'{"from": "client"}', headers={"Cookie": "c"})
    exchange = Exchange("acme", Settings(), Clock(sleep=lambda seconds: asyncio.sleep(0)), ["X-Hidden"])
    await exchange.call(message, CONNECTION, request or ApiRequest("GET", "/things"))
    return harness, http, message.payload.json() if message.payload.kind == "json" else message.payload.raw()


@pytest.mark.parametrize(
    ("request_", "sent"),
    [
        (
            ApiRequest("GET", "/things?x=1"),
            HttpRequest(
                "GET",
                "https://acme.example/v1/things?x=1",
                [(b"accept", b"application/json"), (b"authorization", b"Bearer t")],
                b"",
                0.05,
            ),
        ),
        (
            ApiRequest("POST", "/things", b"{}", "text/csv"),
            HttpRequest(
                "POST",
                "https://acme.example/v1/things",
                [
                    (b"accept", b"text/csv"),
                    (b"authorization", b"Bearer t"),
                    (b"content-type", b"application/json"),
                ],
                b"{}",
                0.05,
            ),
        ),
    ],
)
async def test_request(request_: ApiRequest, sent: HttpRequest) -> None:
    _, http, _ = await call(response(), request_)
    assert http.requests == [sent]


async def test_streamed_answer_is_read() -> None:
    assert (await call(streamed(200, b'{"a"', b": 1}")))[2] == {"a": 1}


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("is_streamed", [True, False])
async def test_coded_answers(status: int, is_streamed: bool) -> None:
    zipped = gzip.compress(b'{"a": 1}')
    answer = streamed(status, zipped[:5], zipped[5:]) if is_streamed else response(status, zipped)
    answer.headers.append((b"content-encoding", b"gzip"))
    message = Harness(http=StubClient(lambda request: answer)).message()
    await Exchange("acme", Settings(), Clock()).call(message, CONNECTION, ApiRequest("GET", "/"))
    await message.payload.load(100)
    assert message.payload.json() == {"a": 1}


async def test_answer_that_never_ends_is_a_timeout() -> None:
    answer = streamed(200, b'{"a"', None)
    with pytest.raises(TransportError, match="did not end in time") as caught:
        await call(answer)
    assert caught.value.status == 504
    assert isinstance(answer.body, Stream)
    assert answer.body.closed


async def test_discarded_answers_are_closed() -> None:
    first, second = streamed(503, b"busy"), response(200, b"[]")
    answers = iter([first, second])
    http = StubClient(lambda request: next(answers))
    message = Harness(http=http).message()
    exchange = Exchange("acme", Settings(), Clock(sleep=lambda seconds: asyncio.sleep(0)))
    await exchange.call(message, CONNECTION, ApiRequest("GET", "/"))
    assert isinstance(first.body, Stream)
    assert first.body.closed
    assert message.payload.json() == []


async def test_broken_json_names_the_back_end() -> None:
    with pytest.raises(Fault, match="back end's answer is not JSON") as caught:
        await call(response(200, b'{"a"'))
    assert caught.value.status == 502


async def test_headers_of_the_answer() -> None:
    extra = [(b"x-hidden", b"1"), (b"x-shown", b"2"), (b"connection", b"close"), (b"content-length", b"2")]
    http = StubClient(lambda request: response(headers=extra))
    message = Harness(http=http).message()
    exchange = Exchange("acme", Settings(), Clock(), ["X-Hidden"])
    await exchange.call(message, CONNECTION, ApiRequest("GET", "/"))
    assert list(message.headers) == [("content-type", "application/json"), ("x-shown", "2")]


async def test_no_authorization_no_header() -> None:
    http = StubClient()
    exchange = Exchange("acme", Settings(), Clock())
    await exchange.call(Harness(http=http).message(), Connection("http://a"), ApiRequest("GET", "/"))
    assert http.requests[0].headers == [(b"accept", b"application/json")]
    assert http.requests[0].timeout == 10.0


async def test_an_anonymous_request_has_no_credentials() -> None:
    http = StubClient()
    harness = Harness(http=http)
    keys = replace(CONNECTION, headers=(("X-Key", "k"),), query="key=k")
    exchange = Exchange("acme", Settings(), Clock())
    await exchange.call(harness.message(), keys, ApiRequest("POST", "/login", b"{}", anonymous=True))
    await exchange.call(harness.message(), keys, ApiRequest("GET", "/things"))
    anonymous, other = http.requests
    assert anonymous.url == "https://acme.example/v1/login"
    assert dict(anonymous.headers).keys() == {b"accept", b"content-type"}
    assert other.url == "https://acme.example/v1/things?key=k"
    assert dict(other.headers).keys() == {b"accept", b"authorization", b"x-key"}
