from __future__ import annotations

from engine.message.payload import Payload
from engine.testing.harness import Harness


class Stream:
    """A body in two pieces."""

    length = None

    def __init__(self) -> None:
        self._pieces = [b"<a>", b"</a>"]

    async def read(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def close(self) -> None:
        self._pieces.clear()


async def test_the_body_is_read() -> None:
    harness = Harness()
    message = harness.message()
    message.payload = Payload(Stream(), "application/xml", origin="client")
    inside = '<messageBuilder contentType="application/xml" class="org.X" formatterClass="org.Y"/>'
    assert await harness.run(f'<builder class="org.X" formatterClass="org.Y">{inside}</builder>', message) is True
    assert message.payload.raw() == b"<a></a>"
