"""Message -> HTTP request, HTTP response -> message (Synapse traps 36-39)."""

from __future__ import annotations

from engine.core.http import AUTHENTICATE, HttpRequest, HttpResponse, Login
from engine.core.wire import body_of, headers_of, is_true
from engine.errors import TransportError
from engine.message.body import BodyStream
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload

NON_ERROR_STATUSES = "non.error.http.status.codes"
"""The axis2 property with the statuses, separated by commas, that a blocking call takes for answers."""

ERROR_STATUSES = "error.http.status.codes"
"""The axis2 property with those of 400, 409 and 500 that it does not."""

_ANSWERS = frozenset({400, 409, 500})
"""The statuses from 400 on that a blocking call takes for answers by itself."""

_WITHOUT_BODY = frozenset({"GET", "HEAD"})
_NO_BODY = ("NO_ENTITY_BODY", "FORCE_POST_PUT_NOBODY")
_PROPERTIES = frozenset(
    {
        *_NO_BODY,
        "REQUEST_HOST_HEADER",
        "POST_TO_URI",
        "FORCE_HTTP_1.0",
        "DISABLE_CHUNKING",
        "FORCE_HTTP_CONTENT_LENGTH",
        "NO_KEEPALIVE",
        AUTHENTICATE,
    }
)
"""What a flow may say about how its request is sent."""


def request_of(
    message: MessageContext, method: str, url: str, imposed_type: str | None, timeout: float | None
) -> HttpRequest:
    """The request that carries ``message`` to ``url``. GET never has a body, whatever the payload (trap 39)."""
    axis2 = message.axis2
    changes = not _PROPERTIES.isdisjoint(axis2)
    if method in _WITHOUT_BODY or (changes and any(is_true(axis2.get(name)) for name in _NO_BODY)):
        headers = headers_of(message, None)
        if message.headers.first(b"content-encoding"):
            headers = [pair for pair in headers if pair[0] != b"content-encoding"]  # it would tell of the body
        request = HttpRequest(method, url, headers, b"", timeout)
    else:
        body, content_type = body_of(message, imposed_type)
        request = HttpRequest(method, url, headers_of(message, content_type), body, timeout)
    if changes:
        _apply_properties(message, request)
    return request


def receive(message: MessageContext, response: HttpResponse, endpoint: str) -> None:
    """The answer of the named endpoint becomes the message. 4xx and 5xx are answers like any other (trap 36)."""
    headers = Headers(response.headers)
    body = response.body if isinstance(response.body, bytes) else _Arriving(response.body, endpoint)
    payload = Payload.received(body, headers, "backend")
    message.become_response(response.status, response.reason, headers, payload)


def refuse(message: MessageContext, response: HttpResponse) -> None:
    """For a blocking call most answers of 4xx and 5xx are failures; non.error.http.status.codes names exceptions.

    Source: Axis2's HTTPSender.handleResponse. Raises TransportError with the status for its code.
    """
    status = response.status
    if status < 400 or str(status) in _listed(message, NON_ERROR_STATUSES):
        return
    if status in _ANSWERS and str(status) not in _listed(message, ERROR_STATUSES):
        return
    if not isinstance(response.body, bytes):
        response.body.close()
    raise TransportError(f"Transport error: {status} Error: {response.reason}", code=status)


def take_for_answer(message: MessageContext, status: int) -> None:
    """A blocking call takes this status for an answer too."""
    message.axis2[NON_ERROR_STATUSES] = ",".join((*_listed(message, NON_ERROR_STATUSES), str(status)))


def _listed(message: MessageContext, name: str) -> list[str]:
    return [each.strip() for each in str(message.axis2.get(name) or "").split(",") if each.strip()]


class _Arriving:
    """The body of an answer that is still arriving: what ends it early names the endpoint, as any other fault does."""

    __slots__ = ("_body", "_endpoint", "length")

    def __init__(self, body: BodyStream, endpoint: str) -> None:
        self.length = body.length
        self._body = body
        self._endpoint = endpoint

    async def read(self) -> bytes:
        try:
            return await self._body.read()
        except TransportError as error:
            error.endpoint = self._endpoint
            raise

    def close(self) -> None:
        self._body.close()


def _apply_properties(message: MessageContext, request: HttpRequest) -> None:
    axis2 = message.axis2
    host = axis2.get("REQUEST_HOST_HEADER")
    if host:
        request.headers.append((b"host", str(host).encode("latin-1", "replace")))
    request.absolute_target = is_true(axis2.get("POST_TO_URI"))
    request.http10 = is_true(axis2.get("FORCE_HTTP_1.0"))
    request.chunked = not (is_true(axis2.get("DISABLE_CHUNKING")) or is_true(axis2.get("FORCE_HTTP_CONTENT_LENGTH")))
    request.keep_alive = not is_true(axis2.get("NO_KEEPALIVE"))
    login = axis2.get(AUTHENTICATE)
    request.login = login if isinstance(login, Login) else None
