"""``errors`` of a ``connector.yaml``: statuses of the API that are faults of the flow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.core.http import HttpResponse
from engine.errors import Fault
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.plugins.answer_path import at

STATUS = re.compile(r"[1-5](?:[0-9][0-9]|xx)")
"""``404``, or ``4xx`` for all of them."""

_LONGEST = 500
"""Characters of the API's own words that a fault repeats."""


@dataclass(frozen=True, slots=True)
class MappedError:
    """Answers with this ``status`` are a fault with this ``code``.

    ``message`` is a path into a JSON answer where the API says what is wrong. ``body`` is a part of the answer's body
    without which the entry does not hold: an API that answers 200 for its errors is told by it.
    """

    status: str
    code: str
    message: str = ""
    body: bytes = b""


def fault_of(response: HttpResponse, errors: Sequence[MappedError], connector: str) -> Fault | None:
    """The fault that an answer is; None for one that goes on as the message. The first entry that holds counts."""
    body = response.body if isinstance(response.body, bytes) else b""
    for each in errors:
        if _matches(each.status, response.status) and each.body in body:
            text = _message(each, body) or f"status {response.status}"
            status = response.status if response.status >= 400 else 502
            return Fault(f"{connector}: {text}", code=each.code, status=status)
    return None


def _matches(wanted: str, status: int) -> bool:
    return wanted == str(status) or (wanted.endswith("xx") and status // 100 == int(wanted[0]))


def _message(error: MappedError, body: bytes) -> str:
    if not error.message:
        return ""
    try:
        found = at(json.decode(body), error.message)
    except DecodeError:
        return ""
    return json.text_of(found)[:_LONGEST] if found is not None else ""
