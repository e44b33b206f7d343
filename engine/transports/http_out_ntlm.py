"""NTLM over HTTP: a back end that answers 401 is told, in two further requests, who sends.

The protocol proves who uses a connection, so that all requests of a login go over one connection that serves no other
message. Version 2 is spoken; every server since Windows NT 4 takes it. The handshake itself is pyspnego's (the extra
``ntlm``). Source of the form: [MS-NTHT], as commons-httpclient speaks it for the reference.
"""

from __future__ import annotations

import base64
import dataclasses

from engine.core.http import HttpClient, HttpRequest, HttpResponse, Login
from engine.errors import ErrorCode, TransportError

_SCHEME = "NTLM"


async def send(client: HttpClient, request: HttpRequest, login: Login, limit: int) -> HttpResponse:
    """The answer to the request, whole; ``limit`` is its largest size in bytes.

    ``client`` keeps one connection. An answer that asks for nothing, or refuses the login, is the answer. Raises
    TransportError as the client does, and 101506 for a challenge that is none.
    """
    import spnego

    answer = await _whole(client, request, limit)
    if _challenge(answer) is None:
        return answer
    account = rf"{login.domain}\{login.username}" if login.domain else login.username
    handshake = spnego.client(account, login.password, protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
    answer = await _whole(client, _with(request, handshake.step()), limit)
    challenge = _challenge(answer)
    if not challenge:
        return answer
    try:
        token = handshake.step(base64.b64decode(challenge, validate=True))
    except Exception as error:  # bytes of a stranger: pyspnego has no one error for all that can be wrong with them
        text = f"the NTLM challenge of {request.url} is malformed: {error}"
        raise TransportError(text, code=ErrorCode.PROTOCOL_VIOLATION) from error
    return await _whole(client, _with(request, token), limit)


def _challenge(answer: HttpResponse) -> str | None:
    """What follows the scheme in the answer's WWW-Authenticate: empty at first; None when it asks for no NTLM."""
    if answer.status != 401:
        return None
    for name, value in answer.headers:
        if name == b"www-authenticate":
            for challenge in value.decode("latin-1").split(","):
                scheme, _, token = challenge.strip().partition(" ")
                if scheme.upper() == _SCHEME:
                    return token.strip()
    return None


def _with(request: HttpRequest, token: bytes | None) -> HttpRequest:
    headers = [(name, value) for name, value in request.headers if name.lower() != b"authorization"]
    headers.append((b"authorization", f"{_SCHEME} ".encode() + base64.b64encode(token or b"")))
    return dataclasses.replace(request, headers=headers)


async def _whole(client: HttpClient, request: HttpRequest, limit: int) -> HttpResponse:
    """Send, and read the answer to its end: only then is the connection free for the next request."""
    answer = await client.send(request)
    if not isinstance(answer.body, bytes):
        pieces, size = [], 0
        while piece := await answer.body.read():
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                answer.body.close()
                text = f"the answer of {request.url} is larger than {limit} bytes"
                raise TransportError(text, code=ErrorCode.RECEIVING)
        answer.body = b"".join(pieces)
    return answer
