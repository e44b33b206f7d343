"""Where OAuth2 tokens live between calls: in this process, in the registry for those who name a path, and for all
others in what the workers of one engine share.

Below ``registryPath`` lie the resources ``accessToken``, ``refreshToken`` and ``time`` (milliseconds since 1970), the
names of WSO2's GoToWebinar connector: its registry can be taken over, and flows that read
``get-property('registry', '…/accessToken')`` go on working. A fourth one, ``grant``, is JSON: whose tokens these are,
and ``expiresAt`` in milliseconds.

Four resources cannot be replaced in one step, so they are written in an order in which every beginning is a good
state: the newest refresh token is never lost, and at worst one refresh too many follows.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from engine.core import worker_lock
from engine.errors import Fault
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.context import Registry

_POLL = 0.05
"""Seconds between two tries to get a lock that another worker holds."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """``obtained_at`` and ``expires_at`` are seconds since 1970; ``expires_at`` is None when the server did not say."""

    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    obtained_at: float = 0.0
    expires_at: float | None = None


class TokenStore:
    """The tokens of one owner below one path of the registry.

    ``owner`` names hosts and account. A path that holds somebody else's tokens is refused: whoever may choose
    ``registryPath`` and ``apiUrl`` could otherwise have stored tokens sent to a host of his own.
    """

    def __init__(self, registry: Registry, path: str, owner: str) -> None:
        self._registry = registry
        self._path = path.rstrip("/")
        self._owner = owner

    def load(self) -> Tokens | None:
        """The stored tokens, or None. Raises Fault 400 when they are somebody else's."""
        access = self._get("accessToken")
        if not access:
            return None
        grant = self._grant()
        if grant.get("owner", self._owner) != self._owner:
            message = f"registryPath '{self._path}' holds the tokens of another host, token URL or account"
            raise Fault(message, status=400)
        expires_at = grant.get("expiresAt")
        return Tokens(
            access,
            self._get("refreshToken"),
            _seconds(self._get("time")),
            expires_at / 1000 if isinstance(expires_at, int) else None,
        )

    def save(self, tokens: Tokens) -> None:
        """Write all four. Raises Fault when the registry cannot be written."""
        expires_at = None if tokens.expires_at is None else round(tokens.expires_at * 1000)
        self._registry.put(f"{self._path}/grant", json.encode({"owner": self._owner, "expiresAt": expires_at}))
        if tokens.refresh:
            self._registry.put(f"{self._path}/refreshToken", tokens.refresh.encode())
        self._registry.put(f"{self._path}/accessToken", tokens.access.encode())
        self._registry.put(f"{self._path}/time", str(round(tokens.obtained_at * 1000)).encode())

    def forget(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self._registry.file_of(self._path), ignore_errors=True)

    @contextlib.asynccontextmanager
    async def locked(self, longest: float) -> AsyncIterator[None]:
        """One worker at a time.

        Raises Fault when another worker holds the lock for more than ``longest`` seconds.
        """
        try:
            file = worker_lock.open_lock(self._registry.file_of(f"{self._path}/.lock"))
        except OSError as error:
            raise Fault(f"the token lock cannot be made: {error.strerror}") from None
        with file:
            try:
                async with asyncio.timeout(longest):
                    await worker_lock.lock(file, _POLL)
            except TimeoutError:
                raise Fault("another worker has been renewing the tokens for too long", status=504) from None
            yield

    def _get(self, name: str) -> str:
        content = self._registry.get(f"{self._path}/{name}")
        return content.decode("utf-8", "replace").strip() if content else ""

    def _grant(self) -> dict[str, Any]:
        try:
            grant = json.decode(self._get("grant").encode() or b"{}")
        except DecodeError:
            return {}
        return grant if isinstance(grant, dict) else {}


def _seconds(milliseconds: str) -> float:
    """A time nobody can read counts as long ago, which brings a refresh."""
    return int(milliseconds) / 1000 if milliseconds.isdecimal() else 0.0
