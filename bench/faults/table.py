"""Each fault, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.faults.plays import HEAD, Step, begun, closes, half_closes, repeats, resets, sends, waits

OK = HEAD + b"Content-Length: 2\r\n\r\nok"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
LENGTH = HEAD + b"Content-Length: 20\r\n\r\n"
STREAMED = b"0123456789"
CHUNK = b"a\r\n" + STREAMED + b"\r\n"

Where = Literal["plays", "nobody", "unknown", "silent over TLS", "not TLS", "expired"]
"""The back end: the one that plays the steps; a port or a name where there is none; one that TLS does not reach."""


@dataclass(frozen=True, slots=True)
class Row:
    """A fault, and what must come of it: what the client gets, the error code, and words of the one line in the log.

    ``status`` None: the client leaves before it gets anything. ``broken``: the head had left already, so the answer
    breaks off. ``reads``: the flow looks into the answer before it gives it to the client. ``reused``: the connection
    is still good for the next request. Without a ``code`` it is no fault for the flow, and nothing is in the log.
    """

    steps: tuple[Step, ...]
    status: int | None
    code: int | None
    says: str = ""
    broken: bool = False
    where: Where = "plays"
    reads: bool = False
    reused: bool = False


_NO_ANSWER = "closed the connection without an answer"

TABLE: dict[str, Row] = {
    "refused": Row((), 502, 101503, "connection refused", where="nobody"),
    "unknown-host": Row((), 502, 101503, "cannot connect", where="unknown"),
    "reset-before-head": Row((resets,), 502, 101505, _NO_ANSWER),
    "closed-before-head": Row((closes,), 502, 101505, _NO_ANSWER),
    "half-closed": Row((half_closes, waits), 502, 101505, _NO_ANSWER),
    "reset-in-head": Row((sends(HEAD), resets), 502, 101505, "within the head"),
    "closed-in-head": Row((sends(HEAD), closes), 502, 101505, "within the head"),
    "reset-after-head": Row((sends(LENGTH + STREAMED), begun, resets), 200, 101505, "within the body", broken=True),
    "length-too-large": Row((sends(LENGTH + STREAMED), begun, closes), 200, 101505, "within the body", broken=True),
    "length-too-small": Row((sends(OK + b"surplus"), waits), 200, None),
    "chunks-cut-off": Row((sends(CHUNKED + CHUNK), begun, closes), 200, 101505, "within the body", broken=True),
    "bad-first-chunk": Row((sends(CHUNKED + b"zz\r\n"), waits), 502, 101506, "not HTTP/1.1"),
    "bad-later-chunk": Row(
        (sends(CHUNKED + CHUNK), begun, sends(b"zz\r\n"), waits), 200, 101506, "not HTTP/1.1", broken=True
    ),
    "garbage": Row((sends(b"this is not HTTP\r\n\r\n"), waits), 502, 101506, "not HTTP/1.1"),
    "garbage-status": Row((sends(b"HTTP/1.1 abc OK\r\n\r\n"), waits), 502, 101506, "not HTTP/1.1"),
    "64k-header": Row((sends(HEAD + b"X: " + b"y" * 65536 + b"\r\n\r\n"), waits), 502, 101506, "65536 bytes"),
    "100-headers": Row((sends(HEAD + b"X: y\r\n" * 100 + b"Content-Length: 2\r\n\r\nok"),), 200, None, reused=True),
    "slow-loris": Row((sends(HEAD), repeats(b"X: y\r\n")), 504, 101504, "no answer"),
    "first-byte-timeout": Row((waits,), 504, 101504, "no answer"),
    "idle-timeout": Row((sends(LENGTH + STREAMED), waits), 200, 101504, "no more of the answer", broken=True),
    "total-timeout": Row((sends(CHUNKED), repeats(b"1\r\nx\r\n")), 200, 101504, "did not end within 2 s", broken=True),
    "total-timeout-read": Row(
        (sends(CHUNKED), repeats(b"1\r\nx\r\n")), 504, 101504, "did not end within 2 s", reads=True
    ),
    "connect-timeout": Row((), 504, 101508, "cannot connect", where="silent over TLS"),
    "tls-failure": Row((), 502, 101503, "TLS failed", where="not TLS"),
    "tls-expired": Row((), 502, 101503, "certificate has expired", where="expired"),
    "client-leaves": Row((waits,), None, 101504, "no answer"),
}
