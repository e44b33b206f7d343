"""protocol="https": requests over TLS on a port of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.artifacts import _inbound_http
from engine.artifacts._inbound import Inbound
from engine.core.env import Environment

_UNUSED = (
    "keystore", "truststore", "SSLProtocol", "HttpsProtocols", "CertificateRevocationVerifier", "PreferredCiphers"
)  # fmt: skip
_VERIFY = "SSLVerifyClient"


class Listener(_inbound_http.Listener):
    """With ``SSLVerifyClient`` require, as the reference has it, every client must show a certificate."""

    def __init__(self, inbound: Inbound) -> None:
        super().__init__(inbound)
        self._verifies = inbound.parameters.get(_VERIFY, "").lower() == "require"
        self._unused = [name for name in _UNUSED if inbound.parameters.get(name)]

    def remarks(self) -> Iterable[tuple[str, str]]:
        hint = "The setting server.inbound_tls names the certificate, its key and the authorities of clients."
        for name in self._unused:
            yield f"the parameter '{name}' has no effect.", hint

    async def run(self, current: Callable[[], Environment]) -> None:
        await current().serve_port(self.port, self.serves, "client certificates" if self._verifies else "tls")
