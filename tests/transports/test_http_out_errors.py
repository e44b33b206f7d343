from __future__ import annotations

import pytest

from engine.errors import ErrorCode, TransportError
from engine.transports import http_out_errors as errors

URL = "http://b/p"


@pytest.mark.parametrize(
    ("error", "code", "status", "message"),
    [
        (
            errors.closed_unanswered(URL),
            ErrorCode.CONNECTION_CLOSED,
            502,
            "http://b/p closed the connection without an answer",
        ),
        (
            errors.unasked(URL),
            ErrorCode.PROTOCOL_VIOLATION,
            502,
            "http://b/p answered something that is not HTTP/1.1: it came before the request",
        ),
        (
            errors.closed_within(URL, "head"),
            ErrorCode.CONNECTION_CLOSED,
            502,
            "http://b/p closed the connection within the head of its answer",
        ),
        (errors.client_closed(), ErrorCode.CONNECTION_CLOSED, 502, "the HTTP client was closed"),
        (errors.broken(URL, OSError("x"), sending=True), ErrorCode.SENDING, 502, "sending to http://b/p failed: x"),
        (
            errors.broken(URL, OSError("x"), sending=False),
            ErrorCode.RECEIVING,
            502,
            "receiving from http://b/p failed: x",
        ),
        (
            errors.not_http(URL, "why"),
            ErrorCode.PROTOCOL_VIOLATION,
            502,
            "http://b/p answered something that is not HTTP/1.1: why",
        ),
        (errors.late(URL, 0.5, begun=False), ErrorCode.TIMEOUT, 504, "no answer from http://b/p within 0.5 s"),
        (
            errors.late(URL, 60.0, begun=True),
            ErrorCode.TIMEOUT,
            504,
            "no more of the answer from http://b/p within 60 s",
        ),
        (errors.never_ended(URL, 90.0), ErrorCode.TIMEOUT, 504, "the exchange with http://b/p did not end within 90 s"),
    ],
)
def test_code_status_and_words(error: TransportError, code: int, status: int, message: str) -> None:
    assert (error.code, error.status, error.message) == (code, status, message)


def test_only_what_never_left_is_unsent() -> None:
    assert not errors.closed_unanswered(URL).unsent
    assert errors.closed_unanswered(URL, unsent=True).unsent
    assert errors.unasked(URL).unsent


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.05, "0.05 s"), (0.9993, "1 s"), (1.5, "1.5 s"), (9.9996, "10 s"), (59.97, "60 s"), (599.8, "600 s")],
)
def test_a_limit_is_told_as_it_was_set(seconds: float, expected: str) -> None:
    """A wait begins some microseconds or milliseconds after its limit began to run."""
    assert errors.in_seconds(seconds) == expected
