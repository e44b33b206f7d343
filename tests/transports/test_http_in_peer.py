"""Trusted proxies and the access log."""

from __future__ import annotations

import logging

import pytest

from engine.core.http import RawHeaders
from engine.errors import ConfigurationError
from engine.testing.wire import PlayedConnection
from engine.transports.http_in_cycle import Cycle
from engine.transports.http_in_peer import TrustedProxies, log_access


def request(client: str, headers: RawHeaders) -> Cycle:
    return Cycle(PlayedConnection((), client=client), "GET", "/a?token=secret", headers)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6", "1.2.3.4, 10.9.9.9"], "1.2.3.4"),
        ("10.0.0.1", ["10.3.3.3,10.2.2.2"], "10.3.3.3"),
        ("::1", ["2001:db8::7"], "2001:db8::7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [" , "], "10.0.0.1"),
        ("10.0.0.1", ["1.2.3.4, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["1.2.3.4\r\nx, 10.2.2.2"], "10.2.2.2"),
        ("11.0.0.1", ["1.2.3.4"], "11.0.0.1"),
        ("", ["1.2.3.4"], ""),
    ],
)
def test_the_client(peer: str, forwarded: list[str], client: str) -> None:
    cycle = request(peer, [(b"x-forwarded-for", value.encode()) for value in forwarded])
    TrustedProxies(["10.0.0.0/8", "::1"]).apply(cycle)
    assert cycle.client == client


@pytest.mark.parametrize(("peer", "host"), [("10.0.0.1", b"public.test"), ("11.0.0.1", b"inner")])
def test_the_host(peer: str, host: bytes) -> None:
    cycle = request(peer, [(b"host", b"inner"), (b"x-forwarded-host", b"public.test")])
    TrustedProxies(["10.0.0.1"]).apply(cycle)
    assert cycle.headers[0] == (b"host", host)
    assert cycle.forwarded_host == ("public.test" if host == b"public.test" else "")


@pytest.mark.parametrize(
    ("peer", "forwarded", "scheme"),
    [
        ("10.0.0.1", [b"https"], "https"),
        ("10.0.0.1", [b"HTTPS"], "https"),
        ("10.0.0.1", [b"http"], "http"),
        ("10.0.0.1", [b"https, http"], "http"),  # the last one is that of the proxy that is trusted
        ("10.0.0.1", [b"http", b"https"], "https"),
        ("10.0.0.1", [b"javascript"], "http"),
        ("10.0.0.1", [b""], "http"),
        ("10.0.0.1", [], "http"),
        ("11.0.0.1", [b"https"], "http"),
    ],
)
def test_the_scheme(peer: str, forwarded: list[bytes], scheme: str) -> None:
    cycle = request(peer, [(b"x-forwarded-proto", value) for value in forwarded])
    TrustedProxies(["10.0.0.1"]).apply(cycle)
    assert cycle.scheme == scheme


def test_a_mistake_in_the_settings() -> None:
    with pytest.raises(ConfigurationError, match=r"trusted_proxies: 'proxy\.test' is neither an address nor a network"):
        TrustedProxies(["proxy.test"])


def test_a_line(caplog: pytest.LogCaptureFixture) -> None:
    cycle = request("1.2.3.4", [(b"authorization", b"Basic c2VjcmV0")])
    with caplog.at_level(logging.INFO, "myelin.access"):
        log_access(cycle, b"a-1", 1.0)
        cycle.respond(200, [], b"")
        log_access(cycle, b"id-1", 0.0123)
    assert caplog.messages == [
        "1.2.3.4 GET /a - broken off 1000.0 ms a-1",
        "1.2.3.4 GET /a 200 12.3 ms id-1",
    ]
