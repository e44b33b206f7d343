"""The simulator as a raw ASGI application, with the controls that a test uses."""

from __future__ import annotations

import asyncio
import functools
import logging
import threading
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from zlib import crc32

import requests

from connectors.gotowebinar.simulator import seed
from connectors.gotowebinar.simulator.faults import BROKEN_JSON, Break, Breakage, Delay, Failure, FaultQueue, failure
from connectors.gotowebinar.simulator.messages import (
    Answer,
    ApiError,
    JsonValue,
    Request,
    edge_error,
    invalid_token,
    json_answer,
)
from connectors.gotowebinar.simulator.routing import Api, Call
from connectors.gotowebinar.simulator.store import Delivery, Store
from connectors.gotowebinar.simulator.times import Clock, sample_clock
from connectors.gotowebinar.simulator.tokens import TOKEN_PATHS, TokenPolicy, TokenServer
from connectors.gotowebinar.simulator.v1 import V1
from connectors.gotowebinar.simulator.v2 import V2

log = logging.getLogger("myelin.simulator")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# The first whose base fits answers: v2, with the longer base, goes before v1.
APIS: tuple[Api, ...] = (V2, V1)

# GoTo's identity API, on the same host.
IDENTITY_PATH = "/admin/rest/v1/me"

# What the server of ``Simulator`` offers to break a connection from inside an ASGI application.
CONNECTION = "myelin.connection"

# WSO2's connector removes these from every answer of the API.
API_HEADERS = (
    ("Content-Language", "en-US"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept"),
    ("Access-Control-Max-Age", "3600"),
    ("Vary", "Accept-Encoding"),
)


class SimulatorApp:
    """State, controls and the ASGI callable.

    ``now`` is the clock (UTC; the default starts on 2016-06-01), ``rate_limit`` the calls per second that one
    organizer may make before a 429 (None: any number), ``tokens`` how the token endpoints answer. The controls may be
    called from any thread.
    """

    def __init__(
        self, *, now: Clock | None = None, rate_limit: int | None = None, tokens: TokenPolicy | None = None
    ) -> None:
        self._now = now or sample_clock()
        self._rate_limit = rate_limit
        self._tokens = TokenServer(tokens or TokenPolicy())
        self._faults = FaultQueue()
        self._held: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Forget everything: back to the sample data, no requests seen, no faults ordered, all tokens good."""
        with self._lock:
            self.store = Store(seed.webinars(), seed.recordings())
            self.delivered: list[tuple[str, int]] = []
            """Where events were sent, and the status that came back; 0 when nothing did."""
            self._requests: list[Request] = []
            self._calls: defaultdict[int, deque[datetime]] = defaultdict(deque)
            self._tokens.clear()
            self._faults.clear()

    @property
    def requests(self) -> list[Request]:
        """What has been received since the start or the last reset, oldest first."""
        with self._lock:
            return list(self._requests)

    def expire(self, access_token: str) -> None:
        """Answer this access token with 403 InvalidToken from now on."""
        with self._lock:
            self._tokens.expire(access_token)

    def revoke(self, refresh_token: str) -> None:
        """Refuse this refresh token with 400 invalid_grant from now on."""
        with self._lock:
            self._tokens.revoke(refresh_token)

    def fail_next(
        self,
        status: int,
        body: JsonValue | str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        times: int = 1,
    ) -> None:
        """Answer the next ``times`` requests like this, without carrying them out.

        Text and bytes go out as they are, other values as JSON; without a body the usual error body is sent.
        """
        with self._lock:
            self._faults.add(failure(status, body, dict(headers or {})), times)

    def delay_next(self, seconds: float) -> None:
        """Carry the next request out, but answer ``seconds`` later, or never when the client has gone by then."""
        with self._lock:
            self._faults.add(Delay(seconds))

    def break_next(self, how: Breakage) -> None:
        """Carry the next request out and spoil the answer.

        ``json`` sends half a JSON object, ``truncate`` ends the connection in the middle of the body, ``reset`` resets
        it before the first byte. The last two need the server of ``Simulator``.
        """
        with self._lock:
            self._faults.add(Break(how))

    def release(self) -> None:
        """Send all answers that ``delay_next`` holds back."""
        with self._lock:
            for event, loop in self._held.items():
                loop.call_soon_threadsafe(event.set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(f"the simulator does not speak {scope['type']}")
        body = await _read(receive)
        with self._lock:
            request = _request(scope, body, self._now())
            self._requests.append(request)
            fault = self._faults.take()
            answer = fault.answer if isinstance(fault, Failure) else self._answer(request)
            due, self.store.deliveries = self.store.deliveries, []
            released = asyncio.Event()
            if isinstance(fault, Delay):
                self._held[released] = asyncio.get_running_loop()
        self._deliver(due)
        log.debug("%s %s -> %d%s", request.method, request.path, answer.status, f" {fault}" if fault else "")
        if isinstance(fault, Delay):
            await self._hold(released, fault.seconds, receive)
        if isinstance(fault, Break):
            await _send_broken(fault.how, answer, scope, receive, send)
        else:
            await _send(answer, send)

    def _answer(self, request: Request) -> Answer:
        try:
            if request.path in TOKEN_PATHS:
                return self._tokens.answer(request)
            if request.path == IDENTITY_PATH:
                return self._identity(request)
            return self._call_api(request)
        except ApiError as error:
            return error.answer

    def _call_api(self, request: Request) -> Answer:
        api = next((api for api in APIS if api.serves(request.path)), None)
        if api is None:
            raise edge_error(404, "NOT_FOUND", "The requested resource does not exist")
        authorization = request.headers.get("authorization", "")
        if (api.bearer and " " not in authorization) or not self._tokens.accepts(authorization, request.at):
            raise invalid_token()
        match = api.match(request.method, request.path)
        self._count(match.keys.get("organizerKey", seed.ORGANIZER_KEY), request.at)
        return match.handler(Call(request, self.store, match.keys, match.names))

    def _identity(self, request: Request) -> Answer:
        if not self._tokens.accepts(request.headers.get("authorization", ""), request.at):
            raise invalid_token()
        keys = {"key": seed.ORGANIZER_KEY, "accountKey": str(seed.ACCOUNT_KEY)}
        return json_answer(200, keys | {"email": "organizer@example.com"})

    def _deliver(self, due: list[Delivery]) -> None:
        """Send events beside the answer, as the vendor does."""
        for delivery in due:
            task = asyncio.create_task(self._send(delivery, self.delivered))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, delivery: Delivery, delivered: list[tuple[str, int]]) -> None:
        """``delivered`` is the list of the data that the event came from: a reset may begin another meanwhile."""
        headers = {"Content-Type": "application/json", "X-Webhook-Signature": delivery.signature}
        post = functools.partial(requests.post, delivery.url, data=delivery.body, headers=headers, timeout=10)
        try:
            status = (await asyncio.to_thread(post)).status_code
        except requests.RequestException as error:
            log.debug("event to %s: %s", delivery.url, type(error).__name__)
            status = 0
        with self._lock:
            delivered.append((delivery.url, status))

    def _count(self, organizer_key: int, now: datetime) -> None:
        """Raise the API's 429 when the organizer's last second is full; refused calls do not count."""
        if self._rate_limit is None:
            return
        calls = self._calls[organizer_key]
        while calls and calls[0] <= now - timedelta(seconds=1):
            calls.popleft()
        if len(calls) >= self._rate_limit:
            raise edge_error(429, "TOO_MANY_REQUESTS", "Rate limit exceeded")
        calls.append(now)

    async def _hold(self, released: asyncio.Event, seconds: float, receive: Receive) -> None:
        """Wait, but not longer than the client does."""
        waiting = {asyncio.ensure_future(_until_gone(receive)), asyncio.ensure_future(released.wait())}
        try:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            with self._lock:
                del self._held[released]


async def _read(receive: Receive) -> bytes:
    """The whole body; what has arrived of it when the client goes away."""
    chunks: list[bytes] = []
    more = True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


def _request(scope: Scope, body: bytes, at: datetime) -> Request:
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(scope["method"], scope["raw_path"].decode("ascii"), dict(query), headers, body, at)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(answer: Answer, send: Send) -> None:
    await _send_head(answer, send)
    await send({"type": "http.response.body", "body": answer.body})


async def _send_head(answer: Answer, send: Send) -> None:
    headers = [*API_HEADERS, ("ETag", f'"{crc32(answer.body):08x}"'), *answer.headers]
    if answer.status != 204:
        headers.append(("Content-Length", str(len(answer.body))))
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})


async def _send_broken(how: Breakage, answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    if how == "json":
        await _send(BROKEN_JSON, send)
        return
    connection = scope["extensions"][CONNECTION]
    if how == "reset":
        connection["reset"]()
    else:
        whole = answer if answer.body else BROKEN_JSON
        await _send_head(whole, send)
        await send({"type": "http.response.body", "body": whole.body[: len(whole.body) // 2], "more_body": True})
        connection["close"]()
    await _until_gone(receive)
