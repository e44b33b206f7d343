"""The bodies in memory, counted together.

Each has a limit of its own, but thousands of messages may be under way, and each may have one. What does not fit beside
the others is refused, and the others go on undisturbed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from engine.errors import Overloaded
from engine.message.body import BodyStream


class TooLongError(Exception):
    """A body has more bytes than it may have by itself."""


class _Total:
    """The bytes of all bodies that were read, and the most that they may be; 0: any number."""

    def __init__(self) -> None:
        self.most = 0
        self.given_back: deque[int] = deque()
        """Sizes of bodies that are gone. Any thread may be the last that had one, so it only leaves a note here."""
        self._held = 0

    @property
    def held(self) -> int:
        while self.given_back:
            self._held -= self.given_back.popleft()
        return self._held

    def add(self, size: int) -> None:
        self._held += size


_TOTAL = _Total()


def use(most: int) -> None:
    """Let the bodies of this process have so many bytes together; 0: any number."""
    _TOTAL.most = most


def held() -> int:
    """What they have now."""
    return _TOTAL.held


def no_room() -> Overloaded:
    """The fault of a message whose body does not fit."""
    return Overloaded(
        f"there is no room for another body now: those in memory may have {_TOTAL.most:,} bytes together "
        "(limits.buffered_total)"
    )


class Held:
    """The bytes of one body. They count until nobody has this any more; payloads with the same body share it.

    Nobody has to give it back: a message ends in many ways, and one that was forgotten would take the room for ever.
    """

    __slots__ = ("_size", "_total")

    def __init__(self) -> None:
        self._size = 0
        self._total = _TOTAL

    def has_room(self, size: int) -> bool:
        """Whether the body may have ``size`` bytes, beside all others."""
        total = self._total
        return not total.most or total.held - self._size + size <= total.most

    def count(self, size: int) -> bool:
        """The body has ``size`` bytes now. Gives False, and counts what it did, when there is no room for them."""
        if not self.has_room(size):
            return False
        self._total.add(size - self._size)
        self._size = size
        return True

    def __del__(self) -> None:
        self._total.given_back.append(self._size)


async def collect(stream: BodyStream, limit: int) -> tuple[bytes, Held]:
    """All bytes of a stream, and what counts them.

    Raises TooLongError for more than ``limit`` bytes, Overloaded when there is no room for them, both without reading
    when the announced length says so, and what the stream raises. The stream is closed when it is not read to its end.
    """
    pieces, size, held = [], 0, Held()
    refusal = _refusal(stream.length or 0, limit, held.has_room)
    while refusal is None and (piece := await stream.read()):
        pieces.append(piece)
        size += len(piece)
        refusal = _refusal(size, limit, held.count)
    if refusal is not None:
        stream.close()
        del pieces, held  # else they would stay as long as the error, which has this frame
        raise refusal
    return b"".join(pieces), held


def _refusal(size: int, limit: int, has_room: Callable[[int], bool]) -> Exception | None:
    if size > limit:
        return TooLongError()
    return None if has_room(size) else no_room()
