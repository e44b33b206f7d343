"""Which proxy. Requests through real ones: test_http_out_dial.py."""

from __future__ import annotations

import pytest

from engine.transports.http_out_proxy import Proxies, from_environment
from engine.transports.http_out_settings import HttpOutSettings
from engine.transports.http_out_url import split_url


@pytest.mark.parametrize(
    ("no_proxy", "url", "proxied"),
    [
        ("api.test:8080", "http://api.test:8080/", False),
        ("api.test:8080", "http://api.test/", True),
        ("10.0.0.0/8", "http://10.1.2.3/", False),
        ("10.0.0.0/8", "http://11.1.2.3/", True),
        ("fd00::/8", "http://[fd00::1]/", False),
        ("10.0.0.0/8", "http://ten.test/", True),
        ("fd00::/8", "http://10.1.2.3/", True),
    ],
)
def test_ports_and_networks(no_proxy: str, url: str, proxied: bool) -> None:
    proxies = Proxies(HttpOutSettings(proxy="http://proxy:3128", no_proxy=(no_proxy,)))
    assert (proxies.of(split_url(url).origin) is not None) is proxied


def test_https_may_have_its_own() -> None:
    proxies = Proxies(HttpOutSettings(proxy="http://plain:1", https_proxy="http://secure:2"))
    chosen = [proxies.of(split_url(f"{scheme}://a/").origin) for scheme in ("http", "https")]
    assert [proxy and proxy.text for proxy in chosen] == ["http://plain:1", "http://secure:2"]


@pytest.mark.parametrize(
    ("environment", "http", "https", "direct"),
    [
        ({}, None, None, ()),
        ({"http_proxy": "http://p:1", "NO_PROXY": "a.test, .b.test"}, "http://p:1", None, ("a.test", ".b.test")),
        ({"HTTPS_PROXY": "http://p:1", "no_proxy": "*"}, None, "http://p:1", ("*",)),
        ({"http_proxy": "", "HTTP_PROXY": "http://p:1"}, "http://p:1", None, ()),
    ],
)
def test_the_environment(
    environment: dict[str, str], http: str | None, https: str | None, direct: tuple[str, ...]
) -> None:
    assert from_environment(environment) == (http, https, (*direct, "localhost", "127.0.0.0/8", "::1"))


@pytest.mark.parametrize("url", ["http://localhost:8080/", "http://127.0.0.2/", "http://[::1]/"])
def test_this_machine_is_not_behind_a_proxy_of_the_environment(url: str) -> None:
    http, _, direct = from_environment({"http_proxy": "http://p:1"})
    assert Proxies(HttpOutSettings(proxy=http, no_proxy=direct)).of(split_url(url).origin) is None
