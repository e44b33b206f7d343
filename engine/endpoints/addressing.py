"""What address and default endpoints share: formats, and the rest of a REST path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from engine.core import rabbitmq, vfs
from engine.declare.convert import Unacceptable
from engine.message.content_type import parse_content_type
from engine.message.context import MessageContext

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d)")
_KNOWN = frozenset({"http", "https", "local"})
_BROKERS = frozenset({"jms", "mqtt", "amqp"})
_BROKER = "Send to an HTTP interface of the broker, or to a bridge; <store> keeps messages without a broker."

Format = Literal["pox", "get", "rest", "soap11", "soap12"]

_CONTENT_TYPES: dict[Format, str] = {
    "pox": "application/xml",
    "soap11": "text/xml",
    "soap12": "application/soap+xml",
}


def content_type(format_: Format | None) -> str | None:
    return _CONTENT_TYPES.get(format_) if format_ is not None else None


def without_way(uri: str) -> Iterator[tuple[str, str]]:
    """The remark on an address that the engine has no transport for, as message and hint."""
    scheme = _SCHEME.match(uri)
    if uri.startswith((vfs.SCHEME, rabbitmq.SCHEME)):
        try:
            (vfs if uri.startswith(vfs.SCHEME) else rabbitmq).parse_address(uri)
        except Unacceptable as error:
            yield f"nothing can be sent there: {error.message}", error.hint
    elif scheme is not None and scheme[1].lower() not in _KNOWN:
        yield (
            f"nothing can be sent there: the engine has no transport {scheme[1].lower()}.",
            _BROKER if scheme[1].lower() in _BROKERS else "Send to what has an HTTP interface to it.",
        )


def with_postfix(uri: str, message: MessageContext, *, is_soap: bool = False) -> str:
    """``uri`` with REST_URL_POSTFIX, which REST messages carry: the path below the proxy, and the query (trap 35).

    ``is_soap``: the endpoint makes a SOAP message of it, which has no such rest. Neither have files and queues.
    """
    postfix = message.axis2.get("REST_URL_POSTFIX")
    if not postfix or is_soap or uri.startswith((vfs.SCHEME, rabbitmq.SCHEME)):
        return uri
    if parse_content_type(message.message_type).kind in ("soap11", "soap12"):
        return uri
    postfix = str(postfix)
    if uri.endswith("/") and postfix.startswith("/"):
        return uri + postfix[1:]
    if uri.endswith("/") and postfix.startswith("?"):
        return uri[:-1] + postfix
    separator = "" if uri.endswith("/") or postfix.startswith(("/", "?")) else "/"
    return f"{uri}{separator}{postfix}"
