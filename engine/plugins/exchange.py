"""One call of an API: rate limit, token renewal, retries, and the answer that becomes the message."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.core.clock import Clock
from engine.core.env import Environment, env_of
from engine.core.http import HttpRequest, HttpResponse, load_body
from engine.core.wire import NOT_FORWARDED
from engine.errors import ErrorCode, TransportError
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload
from engine.plugins.connection import Connection, Static
from engine.plugins.error_map import MappedError, fault_of
from engine.plugins.policy import DEFAULT_RETRY, RateLimit, Retry, retry_delay
from engine.plugins.settings import Settings

log = logging.getLogger("myelin.connector")


@dataclass(slots=True)
class ApiRequest:
    """A request before it has its Authorization. ``path`` has the query; ``body`` is None for no body.

    An ``anonymous`` one goes without the credentials of its connection.
    """

    method: str
    path: str
    body: bytes | None = None
    accept: str = "application/json"
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    anonymous: bool = False


class Exchange:
    """The calls of one connector. Lives as long as the connector, since its rate limit must."""

    def __init__(
        self,
        connector: str,
        settings: Settings,
        clock: Clock,
        hidden_headers: Iterable[str] = (),
        retry: Retry = DEFAULT_RETRY,
        errors: Sequence[MappedError] = (),
    ) -> None:
        self._connector = connector
        self._settings = settings
        self._overridden: tuple[Mapping[str, Any], Settings] = ({}, settings)
        """The operator's part that was seen last, and the settings it gives."""
        self.clock = clock
        self._retry = retry
        self._errors = tuple(errors)
        self._dropped = NOT_FORWARDED | {name.lower().encode("ascii") for name in hidden_headers}
        self._limits: dict[int, RateLimit] = {}

    async def call(self, message: MessageContext, connection: Connection, request: ApiRequest) -> None:
        """Call; the answer becomes the message, whatever its status (Synapse trap 36).

        Statuses are retried as the connector's ``Retry`` says. Raises TransportError when there is no answer (504 after
        ``timeout``), Fault 502 when a 2xx answer is not the JSON it says it is, and the faults that ``errors`` names.
        """
        self.become(message, await self.fetch(env_of(message), connection, request))

    async def fetch(self, env: Environment, connection: Connection, request: ApiRequest) -> HttpResponse:
        """Call, and give the answer; the body of a 2xx answer has been read. Raises what ``call`` raises."""
        settings = self.settings(env)
        seconds = connection.timeout or settings.timeout
        if request.anonymous:
            connection = replace(connection, authorization=Static(), headers=(), query="")
        response = await self._answered(env, connection, request, settings, seconds)
        if response.status < 300 or self._errors:
            await _load(response, env, seconds)
        if (fault := fault_of(response, self._errors, self._connector)) is not None:
            raise fault
        return response

    def become(self, message: MessageContext, response: HttpResponse) -> None:
        """The answer becomes the message, without the headers that are not for clients.

        Raises Fault 502 when a 2xx answer is not the JSON it says it is.
        """
        dropped = self._dropped
        headers = Headers([pair for pair in response.headers if pair[0] not in dropped])
        payload = Payload.received(response.body, headers, "backend")
        payload.held = response.held
        if response.status < 300 and payload.kind == "json":
            # Raises the 502 here, where the flow's fault handler still can take it.
            payload.check_json()
        message.become_response(response.status, response.reason, headers, payload)

    async def _answered(
        self, env: Environment, connection: Connection, request: ApiRequest, settings: Settings, seconds: float
    ) -> HttpResponse:
        authorization = await connection.authorization.header(env)
        retries, may_renew = 0, True
        while True:
            if settings.calls_per_second:
                await self._wait_for_place(connection.account, settings.calls_per_second, seconds)
            response = await _send(env, connection, request, authorization, seconds)
            if may_renew and response.status in connection.authorization.refusals:
                may_renew = False
                await _load(response, env, seconds)
                renewed = await connection.authorization.renewed(env, response, authorization)
                if renewed is not None:
                    authorization = renewed
                    continue
            delay = self._delay_before_retry(request, response, retries)
            if delay is None:
                return response
            _discard(response)
            retries += 1
            log.info("%s answered %d; retry %d in %.2f s", self._connector, response.status, retries, delay)
            await self.clock.sleep(delay)

    def settings(self, env: Environment) -> Settings:
        """The connector's, with the operator's changes."""
        configured = env.connector_settings(self._connector)
        seen, settings = self._overridden
        if configured is not seen:
            settings = self._settings.overridden(self._connector, configured)
            self._overridden = configured, settings
        return settings

    async def _wait_for_place(self, account: str, calls: int, longest: float) -> None:
        limit = self._limits.get(calls)
        if limit is None:
            limit = self._limits[calls] = RateLimit(calls, self.clock)
        await limit.wait(account, longest)

    def _delay_before_retry(self, request: ApiRequest, response: HttpResponse, retries: int) -> float | None:
        retry = self._retry
        if response.status not in retry.statuses or retries >= retry.times or request.method not in retry.methods:
            return None
        return retry_delay(Headers(response.headers), retries, self.clock)


async def _send(
    env: Environment, connection: Connection, request: ApiRequest, authorization: str, seconds: float
) -> HttpResponse:
    headers = [(b"accept", request.accept.encode("latin-1"))]
    if authorization:
        headers.append((b"authorization", authorization.encode("utf-8")))
    if request.body is not None:
        headers.append((b"content-type", request.content_type.encode("latin-1")))
    for name, value in (*connection.headers, *request.headers):
        headers.append((name.lower().encode("latin-1"), value.encode("utf-8")))
    url = connection.base_url + request.path
    if connection.query:
        url += f"{'&' if '?' in request.path else '?'}{connection.query}"
    return await env.http.send(HttpRequest(request.method, url, headers, request.body or b"", seconds))


async def _load(response: HttpResponse, env: Environment, seconds: float) -> None:
    """Read the body into memory. Raises TransportError when it does not end in time, and what ``load_body`` raises."""
    if isinstance(response.body, bytes):
        await load_body(response, env.limits.buffered_body)
        return
    try:
        async with asyncio.timeout(seconds):
            await load_body(response, env.limits.buffered_body)
    except TimeoutError:
        _discard(response)
        raise TransportError("the answer's body did not end in time", code=ErrorCode.TIMEOUT) from None


def _discard(response: HttpResponse) -> None:
    if not isinstance(response.body, bytes):
        response.body.close()
