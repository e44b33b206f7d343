"""HTTP headers: ordered, repeated names allowed, names compared without case."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

log = logging.getLogger("myelin.message")

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Headers:
    """Transport headers of a message as ``(name, value)`` byte pairs, the form in which they travel.

    Names are lower case: both edges deliver them so, and HTTP compares them without case. ``str`` in and out is
    Latin-1, as HTTP/1.1 field values are.

    Nothing that is set here begins another header (RFC 9110 sections 5.1 and 5.5): control characters in a value, line
    breaks among them, become spaces, and what has a name that is none can be read again but is never sent: it stays out
    of ``raw``. Pairs that come from outside have been through a parser that refuses both.
    """

    __slots__ = ("_unsent", "is_plain", "raw")

    def __init__(self, raw: Iterable[tuple[bytes, bytes]] = ()) -> None:
        self.raw: list[tuple[bytes, bytes]] = list(raw)
        self._unsent: dict[bytes, str] = {}
        self.is_plain = False
        """Known to have no Content-Encoding: saves looking for it when a message passes."""

    def get(self, name: str) -> str | None:
        """The first value of ``name``, or None."""
        wanted = _key(name)
        for key, value in self.raw:
            if key == wanted:
                return value.decode("latin-1")
        return self._unsent.get(wanted)

    def first(self, name: bytes) -> bytes:
        """The first value of ``name``, which is lower case, as it came; empty when there is none."""
        for key, value in self.raw:
            if key == name:
                return value
        return b""

    def get_all(self, name: str) -> list[str]:
        wanted = _key(name)
        if wanted in self._unsent:
            return [self._unsent[wanted]]
        return [value.decode("latin-1") for key, value in self.raw if key == wanted]

    def set(self, name: str, value: str) -> None:
        """Replace every value of ``name`` by one."""
        self.remove(name)
        self.add(name, value)

    def add(self, name: str, value: str) -> None:
        """One more value. A name that HTTP does not allow has one value, and is warned of once."""
        self.is_plain = False
        if _is_name(name):
            self.raw.append((_key(name), _latin(_CONTROL.sub(" ", value))))
        else:
            self._unsent[_key(name)] = value

    def remove(self, name: str) -> None:
        wanted = _key(name)
        self._unsent.pop(wanted, None)
        self.raw = [pair for pair in self.raw if pair[0] != wanted]

    def clear(self) -> None:
        self.raw.clear()
        self._unsent.clear()

    def copy(self) -> Headers:
        twin = Headers(self.raw)
        if self._unsent:
            twin._unsent = dict(self._unsent)
        return twin

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((name.decode("latin-1"), value.decode("latin-1")) for name, value in self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def __repr__(self) -> str:
        return f"Headers({list(self)!r})"


@lru_cache(maxsize=1024)
def _key(name: str) -> bytes:
    return _latin(name).lower()


@lru_cache(maxsize=1024)
def _is_name(name: str) -> bool:
    """Whether HTTP allows the name (a token, RFC 9110 section 5.1). Warns when it does not."""
    if _NAME.fullmatch(name):
        return True
    log.warning("the header %a is not sent: HTTP allows no such name", name[:80])
    return False


def _latin(text: str) -> bytes:
    """Latin-1 where it fits; UTF-8 bytes otherwise, which is what peers that send non-ASCII headers expect."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
