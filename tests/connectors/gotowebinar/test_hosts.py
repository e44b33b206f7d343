from __future__ import annotations

import pytest

from connectors.gotowebinar.hosts import GOTO_TOKEN_URL, Version, base_url, host_of, token_url


@pytest.mark.parametrize(
    ("given", "version", "base"),
    [
        ("https://api.citrixonline.com", None, ("https://api.citrixonline.com/G2W/rest", "v1")),
        ("https://api.getgo.com/", "v1", ("https://api.getgo.com/G2W/rest", "v1")),
        ("https://api.getgo.com", "v2", ("https://api.getgo.com/G2W/rest/v2", "v2")),
        ("https://api.getgo.com/G2W/rest", None, ("https://api.getgo.com/G2W/rest", "v1")),
        ("https://api.getgo.com/G2W/rest", "v2", ("https://api.getgo.com/G2W/rest/v2", "v2")),
        ("https://api.getgo.com/G2W/rest/v2/", None, ("https://api.getgo.com/G2W/rest/v2", "v2")),
        ("https://api.getgo.com/G2W/rest/v2", "v1", ("https://api.getgo.com/G2W/rest/v2", "v2")),
        ("https://proxy.example/goto", None, ("https://proxy.example/goto", "v1")),
    ],
)
def test_base_url(given: str, version: Version | None, base: tuple[str, str]) -> None:
    assert base_url(given, version) == base


@pytest.mark.parametrize(
    ("api_url", "server"),
    [
        ("https://api.citrixonline.com", GOTO_TOKEN_URL),
        ("https://api.getgo.com/G2W/rest/v2", GOTO_TOKEN_URL),
        ("https://API.GETGO.COM", GOTO_TOKEN_URL),
        ("https://forgetgo.com", "https://forgetgo.com/oauth/v2/token"),
        ("https://getgo.com.example", "https://getgo.com.example/oauth/v2/token"),
        ("http://127.0.0.1:8391/G2W/rest", "http://127.0.0.1:8391/oauth/v2/token"),
    ],
)
def test_token_url(api_url: str, server: str) -> None:
    assert token_url(api_url) == server


def test_host_of() -> None:
    assert host_of("http://127.0.0.1:8391/G2W/rest/v2") == "http://127.0.0.1:8391"
