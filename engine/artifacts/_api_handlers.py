"""What stands before the resources of an API: the reference's handlers for CORS and basic authentication."""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Protocol

from engine.artifacts._resource import Found, Resource
from engine.core import faults
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, children, element
from engine.declare.spec import Node
from engine.errors import Fault, did_you_mean
from engine.message.context import MessageContext
from engine.message.pattern import compile_pattern

log = logging.getLogger("myelin.api")

USER_SECRET = "users/"  # noqa: S105 - the folder of secrets, not one of them
"""Passwords of users are secrets: ``users/alice``."""


class Handler(Protocol):
    """Sees a request before its resource does."""

    async def handle(self, message: MessageContext, found: Found) -> bool:
        """Whether the request goes on; if not, it was answered."""

    def answer_headers(self, message: MessageContext, found: Found) -> Mapping[str, str]:
        """Headers for every answer to this request."""


@element("property", open_content=True)
class HandlerProperty(Node):
    """A setting of the handler."""

    name: str = attr("Name of the setting.")
    value: str = attr("Its value.", default="")


@element("handler")
class HandlerDeclaration(Node):
    """A handler by the name of its Java class; those that come with the reference are built in."""

    class_: str = attr(
        "`CORSRequestHandler` (allowedOrigins, allowedMethods, allowHeaders, allowCredentials, maxAge) or "
        "`RESTBasicAuthHandler` (passwords are the secrets `users/NAME`), with or without its Java package."
    )
    properties: tuple[HandlerProperty, ...] = children("Its settings.", tag="property")

    def __post_init__(self) -> None:
        name = self.class_.rpartition(".")[2]
        make = _HANDLERS.get(name)
        if make is None:
            raise Unacceptable(
                f"the handler '{self.class_}' is a Java class, and there is no JVM here.",
                code="unsupported",
                hint=did_you_mean(name, _HANDLERS)
                or "Do its work in a <sequence> at the start of each inSequence, or take the handler out.",
            )
        self.handler = make({each.name: each.value for each in self.properties})


@element("handlers")
class Handlers(Node):
    """What stands before the resources, in order."""

    handlers: tuple[HandlerDeclaration, ...] = children("The handlers.", tag="handler")


class CorsHandler:
    """Answers preflight requests, and adds the CORS headers of the Fetch standard to all other answers.

    A resource that names OPTIONS in its methods answers its preflight requests itself. Without ``allowedMethods`` those
    of the resource are allowed.
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._origins = _words(settings.get("allowedOrigins", ""))
        methods = settings.get("allowedMethods")
        self._methods = None if methods is None else _words(methods)
        self._headers = settings.get("allowHeaders", "")
        self._credentials = settings.get("allowCredentials", "").strip().lower() == "true"
        self._max_age = settings.get("maxAge", "")
        self._patterns = [
            compile_pattern(".*".join(map(re.escape, origin.split("*")))) for origin in self._origins if "*" in origin
        ]

    async def handle(self, message: MessageContext, found: Found) -> bool:
        if message.exchange.method != "OPTIONS" or "OPTIONS" in found.resource.methods:
            return True
        faults.clear(message, 200)
        await message.exchange.answer(message)
        return False

    def answer_headers(self, message: MessageContext, found: Found) -> dict[str, str]:
        origin = self._allowed(message.headers.get("origin"))
        requested = message.headers.get("access-control-request-headers") or ""
        headers = {
            "Access-Control-Allow-Origin": origin or "",
            "Access-Control-Allow-Methods": ",".join(self._methods_of(found.resource)),
            "Access-Control-Allow-Headers": requested if self._headers == "*" else self._headers,
            "Access-Control-Max-Age": self._max_age,
        }
        if origin not in (None, "*"):
            headers["Vary"] = "Origin"
            if self._credentials:
                headers["Access-Control-Allow-Credentials"] = "true"
        return {name: value for name, value in headers.items() if value}

    def _methods_of(self, resource: Resource) -> list[str]:
        own = [method for method in resource.methods if method != "OPTIONS"]
        if self._methods is None:
            return own or resource.allowed.split(", ")
        return [method for method in own if method in self._methods] if resource.methods else self._methods

    def _allowed(self, origin: str | None) -> str | None:
        """The value of Access-Control-Allow-Origin; None for a page that may not read the answer."""
        if "*" in self._origins:
            return origin if self._credentials else "*"
        if origin is None:
            return None
        # The whole origin must match: find(), as in the reference, lets *.a.com match x.a.com.evil.net.
        known = origin in self._origins or any(pattern.fullmatch(origin) for pattern in self._patterns)
        return origin if known else None


class GlobalCors(CorsHandler):
    """The setting ``cors``: for every API that has no CORS handler of its own."""

    async def handle(self, message: MessageContext, found: Found) -> bool:
        """A preflight request of a page that may not read the answer is 403, as in the reference."""
        origin = message.headers.get("origin")
        if message.exchange.method != "OPTIONS" or "OPTIONS" in found.resource.methods or origin is None:
            return True
        if self._allowed(origin) is None:
            faults.fill_fault(message, Fault("this origin is not allowed", code="forbidden", status=403))
            await message.exchange.answer(message)
            return False
        return True


@lru_cache(maxsize=8)
def global_cors(origins: str, headers: str) -> GlobalCors:
    """The handler for these settings; one for all messages."""
    return GlobalCors({"allowedOrigins": origins, "allowHeaders": headers})


class BasicAuthHandler:
    """Lets in who sends the right user and password; 401 without them, 403 for wrong ones."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        del settings  # the reference's handler takes none

    async def handle(self, message: MessageContext, found: Found) -> bool:
        del found
        header = message.headers.get("authorization")
        if header is not None and _is_known(message, header):
            return True
        log.warning("%s: %s", message.correlation_id, "wrong credentials" if header is not None else "no credentials")
        faults.fill_fault(message, Fault("authentication failed", code="unauthorized", status=403 if header else 401))
        if header is None:
            message.headers.set("WWW-Authenticate", 'Basic realm="Myelin"')
        await message.exchange.answer(message)
        return False

    def answer_headers(self, message: MessageContext, found: Found) -> dict[str, str]:
        return {}


def _is_known(message: MessageContext, header: str) -> bool:
    scheme, _, credentials = header.partition(" ")
    try:
        user, colon, password = base64.b64decode(credentials.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    if scheme.lower() != "basic" or not colon or not user:
        return False
    expected = message.env.secret(f"{USER_SECRET}{user}")
    # Compared even when there is no such user, so that the time does not tell who exists.
    same = hmac.compare_digest((expected or "").encode(), password.encode())
    return same and expected is not None


def _words(text: str) -> list[str]:
    return [word for word in (part.strip() for part in text.split(",")) if word]


_HANDLERS: Mapping[str, Callable[[Mapping[str, str]], Handler]] = {
    "CORSRequestHandler": CorsHandler,
    "RESTBasicAuthHandler": BasicAuthHandler,
}
