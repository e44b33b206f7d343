"""The three things that go wrong: a problem in a file, a fault in a flow, a failure of a transport.

This module imports nothing of the engine; every room may use it.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place in a file. ``line`` and ``column`` count from 1; columns count characters, not bytes."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a user's file: what it is, where, and what to do about it."""

    code: str
    where: Where
    message: str
    hint: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        hint = f" {self.hint}" if self.hint else ""
        return f"{self.where}: {self.severity}[{self.code}]: {self.message}{hint}"


@dataclass(slots=True)
class Problems:
    """A collector: loading goes on after a mistake, so that one run shows them all."""

    items: list[Problem] = field(default_factory=list)

    def error(self, code: str, where: Where, message: str, hint: str = "") -> None:
        self.items.append(Problem(code, where, message, hint))

    def warning(self, code: str, where: Where, message: str, hint: str = "") -> None:
        self.items.append(Problem(code, where, message, hint, "warning"))

    def extend(self, problems: Iterable[Problem]) -> None:
        self.items.extend(problems)

    def mask(self, masked: Callable[[str], str]) -> None:
        """Rewrite every message and hint: what was read from elsewhere may not be shown."""
        self.items = [replace(each, message=masked(each.message), hint=masked(each.hint)) for each in self.items]

    @property
    def has_errors(self) -> bool:
        return any(problem.severity == "error" for problem in self.items)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def with_article(noun: str) -> str:
    """``a proxy``, ``an api``."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint with the nearest known name, whatever its case, or an empty string when nothing is near."""
    by_lower_case: dict[str, str] = {}
    for each in known:
        by_lower_case.setdefault(each.lower(), each)
    matches = difflib.get_close_matches(word.lower(), by_lower_case, n=1, cutoff=0.6)
    return f"Did you mean '{by_lower_case[matches[0]]}'?" if matches else ""


class ErrorCode:
    """The numbers that flows find in ``ERROR_CODE`` (Synapse's SynapseConstants and passthru ErrorCodes)."""

    DEFAULT = 0
    CLIENT_SENDING = 101000
    CLIENT_RECEIVING = 101001
    SENDING = 101500
    RECEIVING = 101501
    CONNECTION_FAILED = 101503
    TIMEOUT = 101504
    CONNECTION_CLOSED = 101505
    PROTOCOL_VIOLATION = 101506
    CONNECT_CANCELLED = 101507
    CONNECT_TIMEOUT = 101508
    BAD_RESPONSE = 101510
    NO_ENDPOINT_READY = 303000
    ENDPOINT_SUSPENDED = 303001
    WSDL_ENDPOINT_SUSPENDED = 303002
    OAUTH = 303003
    LOAD_BALANCE_FAILED_OVER = 303100
    FAILED_OVER = 304100
    INDIRECT_NOT_READY = 305100
    SESSION_NOT_READY = 309001
    SESSION_INVALID = 309002
    SESSION_FAILED = 309003
    CALLOUT = 401000
    BLOCKING_CALL = 401001
    BLOCKING_SENDER = 401002
    NON_BLOCKING_CALL = 401003
    SOAP_FAULT = 500000
    MISSING_PARAMETER = 500101
    BAD_PAYLOAD = 601000


class Fault(Exception):
    """A message cannot go on: the nearest fault handler of the flow runs and the flow ends.

    ``code``, ``message`` and ``detail`` become ERROR_CODE, ERROR_MESSAGE and ERROR_DETAIL. ``status`` is the HTTP
    status of the answer when no handler of the flow gives one, ``details`` are further members of its JSON body.
    ``path`` names the steps from the innermost outwards; the sequence loop fills it while the fault travels up.
    ``on_error`` names a sequence that takes the fault before any other handler does: that of the endpoint it came from.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int | str = ErrorCode.DEFAULT,
        detail: str = "",
        status: int = 500,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.detail = detail
        self.status = status
        self.details = dict(details or {})
        self.path: list[str] = []
        self.on_error: str | None = None

    def at(self) -> str:
        """The position as one line of text: ``flows/a.xml:12:5 <call> in inSequence of proxy 'a'``."""
        return " in ".join(self.path)

    def let_go(self) -> None:
        """Take the frames from a fault that travels no further, and from those that it came of.

        They have the message in them, and many a frame has the fault: together they would stay, with the body of the
        message, until the garbage collector comes by, which is calmed here.
        """
        self.__traceback__ = self.__context__ = self.__cause__ = None


class Overloaded(Fault):
    """There is no room for the message now, and the client may come again after ``retry_after`` seconds.

    503, or 429 where it is the client's own doing.
    """

    retry_after = 1

    def __init__(self, message: str, *, code: str | int = ErrorCode.DEFAULT, status: int = 503) -> None:
        super().__init__(message, code=code, status=status)


class TransportError(Fault):
    """A back end could not be reached or did not answer properly.

    Timeouts answer 504, everything else 502, also endpoints that rest after a failure: they cannot be reached.
    ``elsewhere`` says whether a failover or loadbalance endpoint may try another child, ``endpoint`` where it happened.
    """

    def __init__(self, message: str, *, code: int, detail: str = "") -> None:
        status = 504 if code in _TIMEOUTS else 502
        super().__init__(message, code=code, detail=detail, status=status)
        self.elsewhere = True
        self.endpoint = ""

    def at(self) -> str:
        """The position, and the endpoint where it has a name."""
        where = super().at()
        return f"{where}, endpoint '{self.endpoint}'" if self.endpoint else where


_TIMEOUTS = frozenset({ErrorCode.TIMEOUT, ErrorCode.CONNECT_TIMEOUT})


class ConfigurationError(Exception):
    """The engine cannot start as configured; the text is for the person who started it."""
