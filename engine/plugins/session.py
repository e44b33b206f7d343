"""The ``requests`` session of a Python operation: it goes out through the engine's own client.

So it shares pools, TLS settings and proxies with everything else, the connection's credentials are on requests to its
base URL and on no others, a refused token is renewed, nothing outlives the operation's time, and tests that bring a
client of their own see these requests too.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.models import PreparedRequest, Response
from urllib3 import HTTPHeaderDict, HTTPResponse

from engine.core.env import Environment
from engine.core.http import HttpRequest, load_body
from engine.core.http import HttpResponse as Answer
from engine.core.wire import NOT_FORWARDED
from engine.errors import ErrorCode, TransportError
from engine.plugins.work import Work

if TYPE_CHECKING:
    from engine.plugins.connection import Connection

_TIMEOUTS = (ErrorCode.TIMEOUT, ErrorCode.CONNECT_TIMEOUT)


class Session(requests.Session):
    """A session for one call of an operation. A URL that begins with a slash is one of the connection's."""

    def __init__(self, env: Environment, work: Work, connection: Connection | None) -> None:
        super().__init__()
        self.trust_env = False
        self._base_url = connection.base_url if connection is not None else ""
        adapter = _Adapter(env, work, connection)
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> Response:
        address = url.decode() if isinstance(url, bytes) else url
        return super().request(
            method, self._base_url + address if address.startswith("/") else address, *args, **kwargs
        )


class _Adapter(BaseAdapter):
    """Sends prepared requests through the engine's client."""

    def __init__(self, env: Environment, work: Work, connection: Connection | None) -> None:
        super().__init__()
        self._env = env
        self._work = work
        self._connection = connection
        self._builder = HTTPAdapter()

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        del stream, verify, cert, proxies  # the engine's client has settings of its own
        seconds = timeout[-1] if isinstance(timeout, tuple) else timeout
        try:
            answer = self._work.wait(self._answered(request, self._work.left), seconds)
        except TimeoutError as error:
            raise requests.ReadTimeout(str(error), request=request) from error
        except TransportError as error:
            kind = requests.ReadTimeout if error.code in _TIMEOUTS else requests.ConnectionError
            raise kind(error.message, request=request) from error
        raw = HTTPResponse(
            body=io.BytesIO(answer.body if isinstance(answer.body, bytes) else b""),
            headers=HTTPHeaderDict((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers),
            status=answer.status,
            reason=answer.reason,
            preload_content=False,
            request_method=request.method,
        )
        return self._builder.build_response(request, raw)

    def close(self) -> None:
        self._builder.close()

    async def _answered(self, request: PreparedRequest, seconds: float) -> Answer:
        connection = self._own(request.url or "")
        authorization = await connection.authorization.header(self._env) if connection is not None else ""
        answer = await self._sent(request, connection, authorization, seconds)
        if connection is not None and answer.status in connection.authorization.refusals:
            renewed = await connection.authorization.renewed(self._env, answer, authorization)
            if renewed is not None:
                return await self._sent(request, connection, renewed, seconds)
        return answer

    async def _sent(
        self, request: PreparedRequest, connection: Connection | None, authorization: str, seconds: float
    ) -> Answer:
        url, headers = request.url or "", [(name.lower(), value) for name, value in request.headers.items()]
        if connection is not None:
            headers += [(name.lower(), value) for name, value in connection.headers]
            if connection.query:
                url += f"{'&' if urlsplit(url).query else '?'}{connection.query}"
        if authorization and "authorization" not in dict(headers):
            headers.append(("authorization", authorization))
        pairs = [(_bytes(name), _bytes(value)) for name, value in headers]
        kept = [pair for pair in pairs if pair[0] not in NOT_FORWARDED or pair[0] == b"user-agent"]
        answer = await self._env.http.send(HttpRequest(request.method or "GET", url, kept, _body(request), seconds))
        await load_body(answer, self._env.limits.buffered_body)
        return answer

    def _own(self, url: str) -> Connection | None:
        """The connection, for requests to its base URL: no other host gets its credentials."""
        connection = self._connection
        if connection is None:
            return None
        base = connection.base_url
        return connection if url == base or url.startswith((f"{base}/", f"{base}?")) else None


def _body(request: PreparedRequest) -> bytes:
    body: Any = request.body
    if body is None or isinstance(body, (bytes, str)):
        return _bytes(body or b"")
    pieces = body.read() if hasattr(body, "read") else b"".join(map(_bytes, body))
    return _bytes(pieces)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8")
