"""The back ends of a unit test: its mock services answer, and nothing leaves the machine."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from engine.core.http import HttpRequest, HttpResponse
from engine.errors import ErrorCode, TransportError
from engine.message.headers import Headers
from engine.message.payload import Payload
from engine.testing.unit_compare import same
from engine.testing.unit_suite import Mock

_MOST = 1 << 26
"""Bytes of a request's body."""


class MockServices:
    """An HTTP client. A mock answers requests for its path whatever their host: of several, the one with their port."""

    def __init__(self, mocks: Sequence[Mock]) -> None:
        self._mocks = mocks
        self.unanswered: list[str] = []
        """Requests that no mock took, for the report of a case."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        payload = Payload(request.body)
        await payload.load(_MOST)
        body = (payload.raw() or b"").decode("utf-8", "replace")
        url = urlsplit(request.url)
        fitting = [mock for mock in self._mocks if _fits(mock, request, url.path, url.query, body)]
        fitting.sort(key=lambda mock: mock.port != str(url.port))
        if not fitting:
            told = f"{request.method} {request.url}"
            self.unanswered.append(told)
            raise TransportError(f"no mock service answers {told}", code=ErrorCode.CONNECTION_FAILED)
        return _answer(fitting[0])


def _fits(mock: Mock, request: HttpRequest, path: str, query: str, body: str) -> bool:
    wanted, _, parameters = mock.path.partition("?")
    if mock.method != request.method or (wanted.rstrip("/") or "/") != (path.rstrip("/") or "/"):
        return False
    if parameters and sorted(parameters.split("&")) != sorted(query.split("&")):
        return False
    sent = Headers(request.headers)
    if any((sent.get(name) or "") != value for name, value in mock.headers):
        return False
    return not mock.payload or same(mock.payload, body)


def _answer(mock: Mock) -> HttpResponse:
    headers = Headers((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in mock.answer_headers)
    if mock.answer and headers.get("content-type") is None:
        headers.set("content-type", type_of(mock.answer))
    return HttpResponse(mock.status, "", headers.raw, mock.answer.encode())


def type_of(text: str) -> str:
    """The content type of a payload that has none of its own."""
    begin = text.lstrip()[:1]
    return "application/json" if begin in ("{", "[") else "application/xml" if begin == "<" else "text/plain"
