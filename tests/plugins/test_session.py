"""``call.session``: requests through the engine's client."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests

from engine.core.clock import Clock
from engine.core.http import HttpRequest, HttpResponse
from engine.core.oauth2 import OAuth2, TokenCache
from engine.errors import ErrorCode, Fault, TransportError
from engine.message.context import MessageContext
from engine.plugins.connection import Connection, Static
from engine.plugins.exchange import Exchange
from engine.plugins.python_ops import Call, Services, operation, shared_threads
from engine.plugins.settings import Settings
from engine.runtime.catalog import language
from engine.testing.harness import Harness, StubClient, response


def services(timeout: float = 5) -> Services:
    exchange = Exchange("acme", Settings(timeout=timeout), Clock())
    return Services("acme", exchange, TokenCache(Clock()), shared_threads)


async def run(
    function: Callable[..., Any],
    http: StubClient,
    connection: Connection | None = None,
    shared: Services | None = None,
) -> MessageContext:
    spec = operation("acme.op")(function).spec(shared or services())
    harness = Harness(catalog=language().with_specs([spec]), http=http)
    message = harness.message(b"{}")
    if connection is not None:
        message.connections["acme"] = connection
    await harness.run("<acme.op/>", message)
    return message


ACME = Connection(
    "http://api/v1", authorization=Static("Bearer t"), headers=(("X-Key", "k"),), query="token=q", account="a"
)


async def test_requests_to_the_connection_have_its_credentials() -> None:
    def op(call: Call) -> Any:
        """Op."""
        call.session.post("/things?a=1", json={"n": 1}, headers={"X-Own": "o"})
        return call.session.get("http://other/v1/things").json()

    http = StubClient(lambda request: response(200, b'{"ok": true}'))
    message = await run(op, http, ACME)
    assert message.payload.json() == {"ok": True}
    first, second = http.requests
    headers = dict(first.headers)
    assert (first.method, first.url, first.body) == ("POST", "http://api/v1/things?a=1&token=q", b'{"n": 1}')
    assert (headers[b"authorization"], headers[b"x-key"], headers[b"x-own"]) == (b"Bearer t", b"k", b"o")
    assert headers[b"content-type"] == b"application/json"
    assert second.url == "http://other/v1/things"
    assert not {b"authorization", b"x-key"} & dict(second.headers).keys()


@pytest.mark.parametrize("url", ["http://api/v1evil/x", "http://api.evil/v1/x", "http://api/v2"])
async def test_no_other_place_gets_them(url: str) -> None:
    def op(call: Call) -> None:
        """Op."""
        call.session.get(url)

    http = StubClient()
    await run(op, http, ACME)
    assert b"authorization" not in dict(http.requests[0].headers)


async def test_what_requests_offers_works() -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        if request.url.endswith("/moved"):
            return HttpResponse(302, "Found", [(b"location", b"/v1/there")], b"")
        zipped = gzip.compress(b"caf\xc3\xa9")
        headers = [(b"content-encoding", b"gzip"), (b"content-type", b"text/plain; charset=utf-8"), (b"x-a", b"1")]
        return HttpResponse(201, "Made", headers, zipped)

    def op(call: Call) -> Any:
        """Op."""
        found = call.session.request("POST", "/moved", data=iter([b"a", b"b"]))
        return {"text": found.text, "status": found.status_code, "url": found.url, "x": found.headers["X-A"]}

    http = StubClient(answer)
    message = await run(op, http, Connection("http://api/v1"))
    assert message.payload.json() == {"text": "café", "status": 201, "url": "http://api/v1/there", "x": "1"}
    assert [(request.method, request.body) for request in http.requests] == [("POST", b"ab"), ("GET", b"")]


async def test_a_refused_token_is_renewed_once() -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        if request.url == "http://auth":
            return response(200, b'{"access_token": "new"}')
        return response(401 if (b"authorization", b"Bearer old") in request.headers else 200, b"{}")

    def op(call: Call) -> Any:
        """Op."""
        return {"status": call.session.get("/x").status_code, "token": call.token(client)}

    client = OAuth2(owner="me", token_url="http://auth", client_id="i", access_token="old", grant="client_credentials")
    shared = services()
    http = StubClient(answer)
    message = await run(op, http, Connection("http://api", authorization=shared.tokens.authorization(client)), shared)
    assert message.payload.json() == {"status": 200, "token": "new"}
    assert [request.url for request in http.requests] == ["http://api/x", "http://auth", "http://api/x"]


@pytest.mark.parametrize(
    ("code", "raised", "status"),
    [
        (ErrorCode.CONNECTION_FAILED, requests.ConnectionError, 502),
        (ErrorCode.TIMEOUT, requests.ReadTimeout, 504),
        (ErrorCode.CONNECT_TIMEOUT, requests.ReadTimeout, 504),
    ],
)
async def test_failures_are_those_of_requests(code: int, raised: type[Exception], status: int) -> None:
    seen: list[type[Exception]] = []

    def fail(request: HttpRequest) -> HttpResponse:
        raise TransportError("no", code=code)

    def op(call: Call) -> None:
        """Op."""
        try:
            call.session.get("http://api/")
        except requests.RequestException as error:
            seen.append(type(error))
            raise

    with pytest.raises(TransportError) as caught:
        await run(op, StubClient(fail))
    assert (seen, caught.value.status) == ([raised], status)


async def test_nothing_is_sent_after_the_operation_is_over() -> None:
    over, done = threading.Event(), threading.Event()
    seen: list[Any] = []

    def op(call: Call) -> None:
        """Op."""
        over.wait(10)
        seen.append(call.cancelled)
        try:
            call.session.get("http://api/")
        except requests.Timeout as error:
            seen.append(str(error))
        done.set()

    http = StubClient()
    with pytest.raises(TransportError) as raised:
        await run(op, http, shared=services(timeout=0.05))
    assert raised.value.code == ErrorCode.TIMEOUT
    over.set()
    assert done.wait(10)
    assert seen == [True, "the operation's time is over"]
    assert http.requests == []


async def test_async_functions_have_no_session() -> None:
    async def op(call: Call) -> None:
        """Op."""
        with pytest.raises(RuntimeError, match=r"call.session is for plain functions"):
            call.session.get("http://api/")

    await run(op, StubClient())


async def test_log_registry_and_secrets(caplog: pytest.LogCaptureFixture) -> None:
    def op(call: Call) -> Any:
        """Op."""
        call.log.warning("took %d s", 3)
        call.registry.put("conf:/acme", b"kept")
        with pytest.raises(Fault, match=r"acme\.op: there is no secret 'none'"):
            call.secret("none")
        return {"kept": (call.registry.get("conf:/acme") or b"").decode()}

    message = await run(op, StubClient())
    assert message.payload.json() == {"kept": "kept"}
    assert [(each.name, each.getMessage()) for each in caplog.records] == [
        ("myelin.connector.acme", f"{message.correlation_id}: took 3 s")
    ]
