"""What can go wrong in an exchange with a back end, in words. ``shown`` is the URL for messages."""

from __future__ import annotations

from typing import Literal

from engine.errors import ErrorCode, TransportError


class NoAnswer(TransportError):
    """The connection was of no use before the first byte of an answer: the request may be worth repeating.

    ``unsent`` says that nothing of the request had left: repeating it repeats nothing.
    """

    unsent = False


def closed_unanswered(shown: str, *, unsent: bool = False) -> NoAnswer:
    error = NoAnswer(f"{shown} closed the connection without an answer", code=ErrorCode.CONNECTION_CLOSED)
    error.unsent = unsent
    return error


def unasked(shown: str) -> NoAnswer:
    """Bytes that came before the request had left: they answer something else."""
    text = f"{shown} answered something that is not HTTP/1.1: it came before the request"
    error = NoAnswer(text, code=ErrorCode.PROTOCOL_VIOLATION)
    error.unsent = True
    return error


def closed_within(shown: str, part: Literal["head", "body"]) -> TransportError:
    text = f"{shown} closed the connection within the {part} of its answer"
    return TransportError(text, code=ErrorCode.CONNECTION_CLOSED)


def cut_off(shown: str) -> TransportError:
    """For an answer that only the end of its connection ends."""
    text = f"{shown} closed the connection without TLS's close_notify: its answer may have been cut off"
    return TransportError(text, code=ErrorCode.CONNECTION_CLOSED)


def client_closed() -> TransportError:
    return TransportError("the HTTP client was closed", code=ErrorCode.CONNECTION_CLOSED)


def broken(shown: str, error: Exception | None, *, sending: bool) -> TransportError:
    """The connection failed for another reason than that somebody closed it."""
    text = f"{'sending to' if sending else 'receiving from'} {shown} failed: {error}"
    return TransportError(text, code=ErrorCode.SENDING if sending else ErrorCode.RECEIVING)


def not_http(shown: str, reason: str) -> TransportError:
    text = f"{shown} answered something that is not HTTP/1.1: {reason}"
    return TransportError(text, code=ErrorCode.PROTOCOL_VIOLATION)


def late(shown: str, seconds: float, *, begun: bool) -> TransportError:
    """No head of an answer, or, once that has ``begun``, no more of its body."""
    what = "no more of the answer from" if begun else "no answer from"
    return TransportError(f"{what} {shown} within {in_seconds(seconds)}", code=ErrorCode.TIMEOUT)


def never_ended(shown: str, seconds: float) -> TransportError:
    """The answer made progress all the time, but not enough."""
    return TransportError(f"the exchange with {shown} did not end within {in_seconds(seconds)}", code=ErrorCode.TIMEOUT)


def in_seconds(seconds: float) -> str:
    """A limit as it was set: what is left of it when a wait begins is some microseconds short.

    >>> in_seconds(9.9996), in_seconds(0.25), in_seconds(599.9)
    ('10 s', '0.25 s', '600 s')
    """
    return f"{seconds:.0f} s" if seconds >= 9.95 else f"{seconds:.2g} s"
