"""Bodies that arrive piece by piece."""

from __future__ import annotations

from typing import Protocol


class BodyStream(Protocol):
    """A body still being received from a client or a back end.

    The producer stops reading its socket while nobody reads here, so an unread stream costs a bounded buffer.
    """

    length: int | None
    """The announced size in bytes, or None when the sender did not say (chunked)."""

    async def read(self) -> bytes:
        """The next piece, never empty until the end; ``b""`` at the end.

        Raises TransportError (back end) or Fault (client) when the sender stops before the end.
        """

    def close(self) -> None:
        """Give up the rest. Safe to call at any time, more than once; the connection is not reused."""
