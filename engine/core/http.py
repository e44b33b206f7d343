"""The HTTP client contract that endpoints and connectors use; ``transports/http_out.py`` fulfils it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from engine.message.body import BodyStream
from engine.message.buffered import Held
from engine.message.headers import Headers
from engine.message.payload import Payload

RawHeaders = list[tuple[bytes, bytes]]

WITHOUT_BODY = frozenset({204, 304})
"""Statuses whose answers have no body, and so no Content-Length (RFC 9110 section 8.6)."""
_OF_ALL_HOPS = frozenset(
    b"host content-length transfer-encoding content-type content-encoding expect "
    b"x-forwarded-for x-forwarded-host x-forwarded-proto".split()
)
"""What a Connection header cannot take from a message: its framing, and whom it is from and for."""


def end_to_end(headers: RawHeaders) -> RawHeaders:
    """The headers without those that Connection names, which are for one hop alone (RFC 9110 section 7.6.1)."""
    named = {word.strip() for name, value in headers if name == b"connection" for word in value.lower().split(b",")}
    named -= _OF_ALL_HOPS
    return [pair for pair in headers if pair[0] not in named]


@dataclass(frozen=True, slots=True)
class Login:
    """Who sends, for back ends that ask for NTLM. An empty domain leaves it to the server."""

    username: str
    password: str = field(repr=False)
    domain: str = ""


AUTHENTICATE = "_NTLM_DIGEST_BASIC_AUTHENTICATION_"
"""The axis2 property with the Login of a request (Axis2's HTTPConstants.AUTHENTICATE)."""

BLOCKING = "BLOCKING_MSG_SENDER"
"""The axis2 property of a message while a blocking call sends it (Synapse's SynapseConstants.BLOCKING_MSG_SENDER)."""


@dataclass(slots=True)
class HttpRequest:
    """One request to a back end.

    ``headers`` go out as they are, without Host, Content-Length, Transfer-Encoding and Connection, which the client
    writes itself (a Host given here wins). ``timeout`` is the total time in seconds until the answer's head has
    arrived; None means the client's default. ``absolute_target`` puts the whole URL into the request line
    (POST_TO_URI). ``chunked=False`` makes the client collect a stream and send Content-Length; ``http10`` speaks 1.0.
    ``keep_alive=False`` asks the back end to close the connection, which serves this request only.
    ``login`` is for a back end that answers 401 and asks for NTLM; the body must then be bytes.
    """

    method: str
    url: str
    headers: RawHeaders = field(default_factory=list)
    body: bytes | BodyStream = b""
    timeout: float | None = None
    absolute_target: bool = False
    chunked: bool = True
    http10: bool = False
    keep_alive: bool = True
    login: Login | None = None


@dataclass(slots=True)
class HttpResponse:
    """The answer of a back end. Header names are lower case; ``body`` is bytes when it was already complete.

    ``held`` counts the bytes that ``load_body`` has read; whoever keeps them keeps it too.
    """

    status: int
    reason: str
    headers: RawHeaders
    body: bytes | BodyStream
    held: Held | None = None


async def load_body(response: HttpResponse, limit: int) -> None:
    """Read the answer's body into memory and undo its Content-Encoding; the header goes.

    Raises Fault 502 for a body over ``limit`` bytes, coded or not, and for one that cannot be decoded, Overloaded when
    there is no room for it, TransportError when it does not come to its end. Whoever gives up earlier has to close the
    body.
    """
    headers = Headers(response.headers)
    if isinstance(response.body, bytes) and not headers.first(b"content-encoding"):
        return
    payload = Payload.received(response.body, headers, "backend")
    was_coded = payload.codings is not None
    await payload.load(limit)
    response.body, response.held = payload.raw() or b"", payload.held
    if was_coded:
        headers.remove("content-encoding")
        response.headers = headers.raw


class HttpClient(Protocol):
    """Sends requests over pooled connections."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send and wait for the head of the answer.

        Raises TransportError: 101503 cannot connect, 101508 connect timeout, 101504 no answer in time,
        101505 connection closed, 101506 not HTTP, 101500 sending failed, 101501 receiving failed.
        """
