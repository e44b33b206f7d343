"""What the simulator receives and answers, and the three forms of its errors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

JsonValue = Mapping[str, object] | Sequence[object]


@dataclass(frozen=True, slots=True)
class Request:
    """One received request.

    ``path`` is as sent, still percent-encoded. ``headers`` have lower-case names. ``query`` has the decoded values, the
    last one of a repeated name.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    at: datetime

    def json(self) -> Any:
        """The body as JSON; raises ValueError when it is not."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body and extra headers."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def json_answer(status: int, value: JsonValue) -> Answer:
    return Answer(status, json.dumps(value).encode(), (("Content-Type", "application/json"),))


class ApiError(Exception):
    """Ends the handling of a request; ``answer`` goes to the client."""

    def __init__(self, status: int, body: Mapping[str, object]) -> None:
        super().__init__(f"{status} {body}")
        self.answer = json_answer(status, body)


def business_error(status: int, code: str, description: str) -> ApiError:
    """The form of errors about webinars. The vendor documents no list of ``errorCode``; these are the simulator's."""
    incident = str(4_000_000_000_000_000_000 + crc32(f"{code} {description}".encode()))
    return ApiError(status, {"errorCode": code, "description": description, "incident": incident})


def invalid(description: str) -> ApiError:
    return business_error(400, "InvalidRequest", description)


def edge_error(status: int, code: str, message: str) -> ApiError:
    """The form of errors that the API's gateway answers before any webinar is looked up."""
    return ApiError(status, {"errorCode": code, "message": message})


def invalid_token() -> ApiError:
    """The vendor answers 403 and not 401 to expired and to missing tokens (n8n-io/n8n#14077)."""
    return ApiError(403, {"int_err_code": "InvalidToken", "msg": "Invalid token passed"})
