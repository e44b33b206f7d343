"""A transport without a socket, and the byte streams that fuzzing sends through it."""

from __future__ import annotations

import asyncio
import itertools
import selectors
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

LOOP_TURNS = 200
"""How many turns of the loop whatever is to happen may take."""


class PlayedTransport(asyncio.Transport):
    """Keeps what is written. Its rules are those of real ones: nothing after ``write_eof``, the end is told later."""

    def __init__(self, protocol: asyncio.Protocol, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.written = bytearray()
        self.reading = True
        self.lost = False
        self._protocol = protocol
        self._loop = loop
        self._closing = False
        self._ended = False
        protocol.connection_made(self)

    def write(self, data: Any) -> None:
        if self._ended:
            raise RuntimeError("write after write_eof")
        if not self._closing:
            self.written += data

    def writelines(self, pieces: Any) -> None:
        for piece in pieces:
            self.write(piece)

    def write_eof(self) -> None:
        self._ended = True

    def can_write_eof(self) -> bool:
        return True

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        self.lose(None)

    def abort(self) -> None:
        self.lose(None)

    def lose(self, error: Exception | None) -> None:
        """The connection ends, by us or, with an error, by the network."""
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._tell, error)

    def _tell(self, error: Exception | None) -> None:
        self.lost = True
        self._protocol.connection_lost(error)


class _Hurry(selectors.DefaultSelector):
    """Waits for no timer: the time there would be to wait has passed at once."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.passed += timeout or 0
        return super().select(timeout and 0)


class _HurriedLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._hurry = _Hurry()
        super().__init__(self._hurry)

    def time(self) -> float:
        return self._hurry.passed


class Watch:
    """A loop for many examples, in which timeouts take no time.

    ``run`` gives what the loop's exception handler was told.
    """

    def __init__(self) -> None:
        self.loop = _HurriedLoop()
        self._told: list[dict[str, Any]] = []
        self.loop.set_exception_handler(lambda _, context: self._told.append(context))

    def run(self, example: Any) -> list[dict[str, Any]]:
        self._told.clear()
        self.loop.run_until_complete(asyncio.wait_for(example, 10))
        return self._told


async def until(done: Callable[[], bool]) -> None:
    """Give the loop its turns until ``done``. Fails when it takes too many: something hangs."""
    for _ in range(LOOP_TURNS):
        if done():
            return
        await asyncio.sleep(0)
    raise AssertionError("nothing moves any more")


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    """The data in pieces, none of them empty; places beyond the end count from the beginning again."""
    if not data:
        return []
    at = sorted({0, len(data), *(place % len(data) for place in places)})
    return [data[begin:end] for begin, end in itertools.pairwise(at)]


CUTS = st.lists(st.integers(0, 5_000), max_size=12)


@st.composite
def mutated(draw: st.DrawFn, messages: st.SearchStrategy[bytes], words: Sequence[bytes]) -> bytes:
    """Messages one after the other, in which some bytes are changed, left out, doubled, or replaced by a word."""
    data = bytearray(b"".join(draw(st.lists(messages, min_size=1, max_size=4))))
    for _ in range(draw(st.integers(0, 4))):
        begin = draw(st.integers(0, len(data)))
        end = min(begin + draw(st.sampled_from([0, 1, 1, 2, 7, 30])), len(data))
        with_ = draw(st.one_of(st.sampled_from(words), st.binary(max_size=4), st.just(bytes(data[begin:end]) * 2)))
        data[begin:end] = with_
    return bytes(data)
