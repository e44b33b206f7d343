"""WSO2's management API, as far as it reads: logins, lists and details for the tools that ask it.

``GET /management/login`` with Basic credentials gives a token, which the other paths want. The users are those of the
settings; without any there is no API.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import logging
import platform
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from engine import __version__
from engine.core.http import RawHeaders
from engine.core.redaction import SECRETS
from engine.deploy.deployment import Deployment
from engine.errors import Fault
from engine.management import inventory
from engine.management.console import is_from_here
from engine.management.inventory import RESOURCES, TEMPLATES, Site
from engine.message.codecs import json

log = logging.getLogger("myelin.management")

PREFIX = "/management"

Answer = tuple[int, Any]
"""A status, and what the body says in JSON."""

Passwords = Callable[[str], str | None]
"""The password of a user, None for one that is not known. Raises Fault for a secret that is not there."""

_OTHERS = ("", "applications", "connectors", "data-services", "logs", "server")
"""Data services and files of logs are none here."""

_LIFE = 3600.0
"""Seconds that a token holds, as in the reference."""
_MOST = 200
"""Tokens that hold at the same time (the reference's token_store_size); the oldest goes first."""
_PAUSE = 1.0
"""Seconds until a wrong password is answered."""
_GUESSES = 10
"""Wrong passwords in a row that are taken from one address; after that none are for _LOCKED seconds."""
_LOCKED = 60.0
_MOST_ADDRESSES = 1_000


class ManagementApi:
    """Answers what lies under PREFIX. ``url`` gives where the flows answer."""

    def __init__(
        self,
        deployment: Deployment,
        passwords: Passwords,
        url: Callable[[], str],
        pause: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._deployment = deployment
        self._passwords = passwords
        self._url = url
        self._pause = pause
        self._ends: OrderedDict[str, float] = OrderedDict()
        """When each token ends, on the monotonic clock."""
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        """By address: wrong passwords in a row, and when the last one came."""

    async def answer(self, scope: Mapping[str, Any]) -> tuple[int, bytes]:
        """Status and JSON."""
        status, content = await self._answer(scope)
        return status, SECRETS.masked(json.encode(content).decode()).encode()

    async def _answer(self, scope: Mapping[str, Any]) -> Answer:
        path = scope["path"].removeprefix(PREFIX).strip("/")
        if scope["scheme"] != "https" and not is_from_here(scope["client"], scope["headers"]):
            return _error(403, "passwords travel over TLS alone: set server.admin_tls")
        if path == "login":
            return await self._log_in(_credential(scope["headers"], "basic"), (scope["client"] or ("",))[0])
        token = _credential(scope["headers"], "bearer")
        if not self._holds(token):
            return _error(401, "log in first: GET /management/login with Basic credentials")
        if path == "logout":
            del self._ends[token]
            return 200, {}
        return await self._resource(path, parse_qs(scope["query_string"].decode("latin-1")))

    async def _log_in(self, credential: str, address: str) -> Answer:
        if self._is_locked(address):
            return _error(429, f"too many wrong passwords; come again in {_LOCKED:.0f} s")
        try:
            user, _, password = base64.b64decode(credential, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            user = password = ""
        try:
            expected = self._passwords(user)
        except Fault as fault:
            log.error("%s", fault.message)
            return _error(500, "the password of this user cannot be read; the log says why")
        if not expected or not hmac.compare_digest(password.encode(), expected.encode()):
            log.warning("a login to the management API was refused; it came from %s", address)
            self._note_wrong(address)
            await self._pause(_PAUSE)
            return _error(401, "unknown user or wrong password")
        self._wrong.pop(address, None)
        token = secrets.token_urlsafe(32)
        self._ends[token] = time.monotonic() + _LIFE
        if len(self._ends) > _MOST:
            self._ends.popitem(last=False)
        return 200, {"AccessToken": token}

    def _is_locked(self, address: str) -> bool:
        count, last = self._wrong.get(address, (0, 0.0))
        return count >= _GUESSES and time.monotonic() < last + _LOCKED

    def _note_wrong(self, address: str) -> None:
        count, last = self._wrong.pop(address, (0, 0.0))
        now = time.monotonic()
        self._wrong[address] = (1 if now >= last + _LOCKED else count + 1), now
        if len(self._wrong) > _MOST_ADDRESSES:
            self._wrong.popitem(last=False)

    def _holds(self, token: str) -> bool:
        return time.monotonic() < self._ends.get(token, 0.0)

    async def _resource(self, path: str, query: Mapping[str, list[str]]) -> Answer:
        site = Site(self._deployment.snapshot, self._url())
        search = query.get("searchKey", [""])[0]
        if path in _OTHERS:
            return 200, self._other(path, site, search)
        resource = TEMPLATES if path == "templates" else RESOURCES.get(path)
        if resource is None:
            known = ", ".join(sorted([*RESOURCES, *filter(None, _OTHERS), "templates"]))
            return _error(404, f"there is no '{path[:80]}' here, only {known}")
        if name := query.get(resource.parameter, [""])[0]:
            found = await inventory.details(resource, site, name)
            return (200, found) if found is not None else _error(404, f"there is no {resource.kind} '{name[:80]}'")
        if resource is TEMPLATES:
            return 200, inventory.templates(site, search, query.get("type", [""])[0])
        return 200, inventory.in_list(await inventory.listed(resource, site, search))

    def _other(self, path: str, site: Site, search: str) -> Any:
        """What is no kind of artifact."""
        match path:
            case "":
                return {"Myelin": __version__, "ManagementApi": "Active"}
            case "server":
                return _server()
            case "connectors":
                return inventory.connectors(self._deployment.connectors, search)
            case "applications":
                return inventory.applications(site, self._deployment.problems, search)
            case _:
                return inventory.in_list([])


def _server() -> dict[str, str]:
    """The names that tools read; what of them is Java's is Python's here."""
    return {
        "productName": "Myelin",
        "productVersion": __version__,
        "javaVersion": f"Python {platform.python_version()}",
        "javaVendor": platform.python_implementation(),
        "osName": platform.system(),
        "osVersion": platform.release(),
    }


def _credential(headers: RawHeaders, scheme: str) -> str:
    """What follows the scheme in Authorization; empty for another scheme, and for none."""
    value = next((value.decode("latin-1") for name, value in headers if name == b"authorization"), "")
    given, _, credential = value.partition(" ")
    return credential.strip() if given.lower() == scheme else ""


def _error(status: int, text: str) -> Answer:
    return status, {"Error": text}
