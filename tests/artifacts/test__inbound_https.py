"""Through a whole server: tests/e2e/test_tls.py."""

from __future__ import annotations

from typing import Any

import pytest

from engine.artifacts._inbound import Inbound
from engine.artifacts._inbound_https import Listener
from engine.core.flow import Flow, Part

NOTHING = Part("nothing")


def listener(**parameters: str) -> Listener:
    return Listener(Inbound("i", {"inbound.http.port": "8391", **parameters}, Flow("i", NOTHING, NOTHING, NOTHING)))


@pytest.mark.parametrize(
    ("parameters", "security"),
    [
        ({}, "tls"),
        ({"SSLVerifyClient": "require"}, "client certificates"),
        ({"SSLVerifyClient": "Require"}, "client certificates"),
        ({"SSLVerifyClient": "optional"}, "tls"),
    ],
)
async def test_what_it_asks_of_the_server(parameters: dict[str, str], security: str) -> None:
    asked: list[tuple[Any, ...]] = []

    class Env:
        async def serve_port(self, *arguments: Any) -> None:
            asked.append(arguments)

    made = listener(**parameters)
    env: Any = Env()
    await made.run(lambda: env)
    assert asked == [(8391, made.serves, security)]


def test_parameters_of_java_are_told_to_have_no_effect() -> None:
    remarks = list(listener(keystore="<KeyStore/>", HttpsProtocols="TLSv1.2", SSLProtocol="").remarks())
    assert [text for text, _ in remarks] == [
        "the parameter 'keystore' has no effect.",
        "the parameter 'HttpsProtocols' has no effect.",
    ]
    assert {hint for _, hint in remarks} == {
        "The setting server.inbound_tls names the certificate, its key and the authorities of clients."
    }
