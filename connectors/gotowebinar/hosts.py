"""Hosts, paths and versions of GoTo's API."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

Version = Literal["v1", "v2"]

API_PATH = "/G2W/rest"
GOTO_TOKEN_URL = "https://authentication.logmeininc.com/oauth/token"  # noqa: S105  # a URL
"""Today's token server; the ones of the older hosts are switched off
(https://developer.goto.com/guides/Authentication/New_Token_Retrieval_Migration_Guide)."""

_GOTO_DOMAINS = ("citrixonline.com", "getgo.com", "logmeininc.com", "goto.com")
_OWN_TOKEN_PATH = "/oauth/v2/token"  # noqa: S105  # a path
_VERSION_2 = "/v2"


@lru_cache(maxsize=256)
def base_url(api_url: str, version: Version | None) -> tuple[str, Version]:
    """The base and its version. A host alone means version 1, as in WSO2's connector; a path is taken as it is.

    >>> base_url("https://api.getgo.com", "v2")
    ('https://api.getgo.com/G2W/rest/v2', 'v2')
    """
    base = api_url.rstrip("/")
    if not urlsplit(base).path:
        base += API_PATH
    if base.endswith(_VERSION_2):
        return base, "v2"
    return (base + _VERSION_2, "v2") if version == "v2" else (base, "v1")


def host_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@lru_cache(maxsize=256)
def token_url(api_url: str) -> str:
    """GoTo's token server for GoTo's hosts; any other host, such as the simulator's, serves its own."""
    parts = urlsplit(api_url)
    host = parts.hostname or ""
    if any(host == domain or host.endswith(f".{domain}") for domain in _GOTO_DOMAINS):
        return GOTO_TOKEN_URL
    return f"{parts.scheme}://{parts.netloc}{_OWN_TOKEN_PATH}"
