"""Answers in memory: the least recently used go first, and each has its time."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass

from engine.core.http import RawHeaders

MAX_BYTES = 64 * 1024 * 1024
"""Bytes of all bodies of one cache."""


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """One answer, as it came. ``fetched`` is its Date, else when it was taken in; seconds since the epoch."""

    status: int
    reason: str
    headers: RawHeaders
    content_type: str
    body: bytes
    fetched: float

    @property
    def age(self) -> int:
        """Whole seconds since it was fetched."""
        return max(0, int(time.time() - self.fetched))

    def header(self, name: bytes) -> str:
        return next((value.decode("latin-1") for key, value in self.headers if key == name), "")


class ResponseCache:
    """At most ``max_entries`` answers and MAX_BYTES of bodies. Used from one event loop; entries never change."""

    def __init__(self, max_entries: int) -> None:
        self.max_entries = max_entries
        self._entries: OrderedDict[str, tuple[float, CachedResponse]] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> CachedResponse | None:
        """The answer under a key, unless its time is over."""
        expires, response = self._entries.get(key, (0.0, None))
        if response is None:
            return None
        if expires <= time.monotonic():
            self.remove(key)
            return None
        self._entries.move_to_end(key)
        return response

    def put(self, key: str, response: CachedResponse, timeout: float) -> None:
        """Keep an answer for ``timeout`` seconds; a later one under the same key takes its place."""
        self.remove(key)
        self._entries[key] = time.monotonic() + timeout, response
        self._bytes += len(response.body)
        while self._entries and (len(self._entries) > self.max_entries or self._bytes > MAX_BYTES):
            self.remove(next(iter(self._entries)))

    def remove(self, key: str) -> None:
        found = self._entries.pop(key, None)
        if found is not None:
            self._bytes -= len(found[1].body)

    def __len__(self) -> int:
        return len(self._entries)
