"""What an operator may set for outgoing HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class HostTls:
    """TLS with one host. What is empty is as for all hosts.

    ``server_name`` goes out as SNI and must stand in the certificate; without it, the host of the URL.
    ``verify=False`` takes any certificate: the connection is encrypted, but with whom nobody knows.
    """

    ca_file: str = ""
    client_certificate: str = ""
    client_key: str = ""
    server_name: str = ""
    verify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOutSettings:
    """Times are in seconds, sizes in bytes.

    ``connect_timeout`` covers waiting for a free connection, name lookup, TCP, proxy tunnel and TLS handshake.
    ``response_timeout`` runs until the head of the answer has arrived, for requests that bring no time of their own;
    while a streamed body goes out it runs anew for every piece and never while the body's source is slow.
    ``idle_timeout`` is the longest silence between two pieces of an answer's body.
    ``total_timeout`` bounds a whole exchange, from waiting for a connection to the last byte of the answer, however
    steadily it drips; 0 lets it take as long as the others allow.
    ``keep_alive`` is how long an unused connection stays open. ``max_connections`` counts per origin.
    ``max_collected`` bounds a streamed request body that must be sent with a Content-Length it did not announce, and
    the answer to a request that logs in.
    ``logs_in`` keeps a connection whose back end asks for NTLM or Negotiate, which log in the connection. Where several
    clients share connections it is closed, so that nobody sends in the name of another.

    TLS verifies: ``ca_file`` (PEM) adds to the system's authorities, ``client_certificate`` and ``client_key`` (PEM)
    are shown to servers that ask. ``hosts`` says what is different for some, by ``host`` or ``host:port``; only there
    can verification be turned off.
    ``proxy`` is an ``http://`` URL used for every origin whose host is not in ``no_proxy``: names that cover their
    subdomains, or ``*``. ``https_proxy`` is another one for https, else ``proxy`` serves both.
    """

    connect_timeout: float = 5.0
    response_timeout: float = 60.0
    idle_timeout: float = 60.0
    total_timeout: float = 0.0
    keep_alive: float = 15.0
    max_connections: int = 1000
    max_head: int = 64 * 1024
    max_collected: int = 16 * 1024 * 1024
    logs_in: bool = False
    ca_file: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    proxy: str | None = None
    https_proxy: str | None = None
    no_proxy: tuple[str, ...] = ()
    hosts: Mapping[str, HostTls] = field(default_factory=dict)
