"""What an operator may set for outgoing HTTP."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOutSettings:
    """Times are in seconds, sizes in bytes.

    ``connect_timeout`` covers waiting for a free connection, name lookup, TCP, proxy tunnel and TLS handshake.
    ``response_timeout`` runs until the head of the answer has arrived, for requests that bring no time of their own;
    while a streamed body goes out it runs anew for every piece and never while the body's source is slow.
    ``idle_timeout`` is the longest silence between two pieces of an answer's body.
    ``keep_alive`` is how long an unused connection stays open. ``max_connections`` counts per origin.
    ``max_collected`` bounds a streamed request body that must be sent with a Content-Length it did not announce.

    TLS always verifies: ``ca_file`` (PEM) adds to the system's authorities, ``client_certificate`` and ``client_key``
    (PEM) are shown to servers that ask. ``proxy`` is an ``http://`` URL used for every origin whose host is not in
    ``no_proxy``: names that cover their subdomains, or ``*``.
    """

    connect_timeout: float = 5.0
    response_timeout: float = 60.0
    idle_timeout: float = 60.0
    keep_alive: float = 15.0
    max_connections: int = 1000
    max_head: int = 64 * 1024
    max_collected: int = 16 * 1024 * 1024
    ca_file: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    proxy: str | None = None
    no_proxy: tuple[str, ...] = ()
