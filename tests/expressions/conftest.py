"""Messages for the tests of expressions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload


@dataclass
class FakeRegistry:
    contents: dict[str, bytes] = field(default_factory=dict)

    def get(self, path: str) -> bytes | None:
        return self.contents.get(path)

    def put(self, path: str, content: bytes) -> None:
        self.contents[path] = content

    def delete(self, path: str) -> None:
        self.contents.pop(path, None)


@dataclass
class FakeEnvironment:
    registry: FakeRegistry = field(default_factory=FakeRegistry)
    entries: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)

    def entry(self, key: str) -> Any:
        return self.entries.get(key)

    def secret(self, alias: str) -> str | None:
        return self.secrets.get(alias)


@dataclass
class FakeExchange:
    query: str = ""
    method: str = "POST"
    path: str = "/services/test"
    client: str = "127.0.0.1"
    scheme: str = "http"
    answered: bool = False

    async def answer(self, message: MessageContext) -> None:
        raise AssertionError("expressions do not answer")

    async def accept(self) -> None:
        raise AssertionError("expressions do not answer")


MakeMessage = Callable[..., MessageContext]


def new_message(
    body: bytes = b"",
    content_type: str = "",
    *,
    headers: tuple[tuple[bytes, bytes], ...] = (),
    query: str = "",
    **properties: Any,
) -> MessageContext:
    payload = Payload(body, content_type, "client")
    received = Headers((name.lower(), value) for name, value in headers)  # as the edges deliver them
    message = MessageContext(FakeEnvironment(), FakeExchange(query), payload, received)
    message.properties.update(properties)
    return message


@pytest.fixture
def make_message() -> MakeMessage:
    return new_message
