"""Where clients may have the engine send: the WS-Addressing header To of a message, the address of a subscriber."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from engine.errors import Fault

LOOPBACK = "loopback"
"""Stands for the machine itself, among the targets of an engine that only this machine can reach."""

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def for_server(allowed: Sequence[str], host: str) -> list[str]:
    """The targets of an engine that listens at ``host``: others must not reach this machine's ports through it."""
    return [each for each in allowed if each != LOOPBACK or host in _THIS_MACHINE]


def check(address: str, allowed: Sequence[str]) -> None:
    """Raises Fault for an address whose ``host`` or ``host:port`` is not among those allowed; ``*`` allows all."""
    try:
        url = urlsplit(address)
        host, port = url.hostname or "", url.port
    except ValueError:
        raise Fault(f"'{address[:200]}' is no address to send to", status=400) from None
    if url.scheme not in ("http", "https") or not host:
        raise Fault(f"'{address[:200]}' is no address to send to", status=400)
    if LOOPBACK in allowed and host in _THIS_MACHINE:
        return
    named = f"[{host}]" if ":" in host else host
    if not {"*", named, f"{named}:{port}"}.intersection(allowed):
        raise Fault(
            f"clients may not have the engine send to '{named}'",
            detail=f"Let the flow set the header To, or allow '{named}' under limits: client_targets in myelin.yaml.",
            status=403,
        )
