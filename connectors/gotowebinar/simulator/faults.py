"""Failures that a test orders in advance: wrong answers, late answers, broken connections."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from connectors.gotowebinar.simulator.messages import Answer, JsonValue, business_error

Breakage = Literal["json", "reset", "truncate"]

BROKEN_JSON = Answer(200, b'{"webinarKey": 54524400', (("Content-Type", "application/json"),))


@dataclass(frozen=True, slots=True)
class Failure:
    """Answer this; the request is not carried out."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Delay:
    """Carry the request out and answer ``seconds`` later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Break:
    """Carry the request out and spoil the answer."""

    how: Breakage


OrderedFault = Failure | Delay | Break


class FaultQueue:
    """Ordered faults; each request takes one, first in, first out."""

    def __init__(self) -> None:
        self._queue: deque[OrderedFault] = deque()

    def add(self, fault: OrderedFault, times: int = 1) -> None:
        self._queue.extend([fault] * times)

    def take(self) -> OrderedFault | None:
        return self._queue.popleft() if self._queue else None

    def clear(self) -> None:
        self._queue.clear()


def failure(status: int, body: JsonValue | str | bytes | None, headers: dict[str, str]) -> Failure:
    """``body`` as bytes or text goes out as it is; as a value it becomes JSON; None gives the usual error body."""
    if body is None:
        answer = business_error(status, HTTPStatus(status).phrase.replace(" ", ""), HTTPStatus(status).phrase).answer
        content = answer.body
    elif isinstance(body, bytes):
        content = body
    elif isinstance(body, str):
        content = body.encode()
    else:
        content = json.dumps(body).encode()
    named = {name.lower() for name in headers}
    default_type = () if "content-type" in named else (("Content-Type", "application/json"),)
    return Failure(Answer(status, content, (*default_type, *headers.items())))
