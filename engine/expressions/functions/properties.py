"""``get-property()``: values of every scope, and the names that are not properties (Synapse trap 12)."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from engine.errors import Fault
from engine.expressions import variables
from engine.expressions.functions.java_date import DEFAULT_PATTERN, format_date
from engine.expressions.functions.registry import function
from engine.expressions.variables import Reader
from engine.message import addressing
from engine.message.codecs import soap, text
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext
from engine.message.java_properties import properties_of

_TRUE = "TRUE"


@function(
    "get-property",
    example=("get-property('axis2', 'HTTP_METHOD')", "POST"),
    more=(("get-property('transport', 'Content-Type')", "application/json"),),
)
def get_property(message: MessageContext, scope: str, name: str | None = None, pattern: str | None = None) -> Any:
    """A property: ``get-property('name')`` of the default scope, or ``get-property('scope', 'name')``.

    Scopes: default, axis2, axis2-client, transport, operation, registry, func, system, env, and file, which is the
    setting `properties_file`. Without a property of the
    name, the default scope gives the local entry or registry resource ``name``. ``SYSTEM_TIME`` is the time in
    milliseconds, ``SYSTEM_DATE`` takes a date pattern as last argument. ``To``, ``From``, ``Action``, ``FaultTo``,
    ``ReplyTo``, ``RelatesTo``, ``MessageID``, ``MESSAGE_FORMAT``, ``FAULT``, ``OperationName``, ``OperationNamespace``
    and ``TRANSPORT_IN_NAME`` describe the message, ``SERVER_HOST`` and ``SERVER_IP`` the computer.
    """
    return property_reader(scope, name, pattern)(message)


def property_reader(scope: str, name: str | None = None, pattern: str | None = None) -> Reader:
    """The reader for constant arguments. Raises Fault for a wrong date pattern."""
    if name is None:
        scope, name = "default", scope
    elif scope not in _SCOPES:
        scope, name, pattern = "default", scope, name
    if not name:
        return lambda message: ""
    if name == "SYSTEM_TIME":
        return lambda message: str(int(time.time() * 1000))
    if name == "SYSTEM_DATE":
        return _date_reader(pattern or DEFAULT_PATTERN)
    if scope in ("default", "synapse") and name in _SPECIAL:
        return _SPECIAL[name]
    return _SCOPES[scope](name)


def reads_body(arguments: tuple[str, ...]) -> bool:
    """Whether ``get-property()`` with these constant arguments looks into the payload."""
    name = arguments[1] if len(arguments) > 1 and arguments[0] in _SCOPES else arguments[0]
    scope = arguments[0] if len(arguments) > 1 and arguments[0] in _SCOPES else "default"
    return scope in ("default", "synapse") and name in _IN_ENVELOPE


def _date_reader(pattern: str) -> Reader:
    def read(_: MessageContext) -> str:
        return format_date(datetime.now().astimezone(), pattern)

    try:
        format_date(datetime.now().astimezone(), pattern)
    except ValueError as error:
        raise Fault(f"'{pattern}' is not a date pattern: {error}") from None
    return read


def _default(message: MessageContext, name: str) -> Any:
    value = message.properties.get(name)
    return value if value is not None else message.env.entry(name)


def file_property(message: MessageContext, name: str) -> str | None:
    """A value of the properties file of the configuration; an environment variable of the name goes before it."""
    value = os.environ.get(name)
    return value if value is not None else message.env.settings.get(name)


def _resource(message: MessageContext, key: str) -> str:
    """A registry resource as text; ``path@name`` is a property of the resource, from ``path.properties`` beside it."""
    path, _, name = key.partition("@")
    if not name:
        return _resource_text(message, key)
    return properties_of(_resource_text(message, f"{path.rstrip('/')}.properties").splitlines()).get(name, "")


def _resource_text(message: MessageContext, path: str) -> str:
    content = message.env.registry.get(path)
    if content is None:
        return ""
    try:
        return text.decode(content, "utf-8")
    except DecodeError as error:
        raise Fault(f"the registry resource '{path}' is {error}") from None


def _addressing(name: str) -> Reader:
    """A WS-Addressing header block of a SOAP message, ``""`` for any other message."""

    def read(message: MessageContext) -> str:
        if message.payload.kind not in ("soap11", "soap12"):
            return ""
        return addressing.text(message.payload.envelope(), name)

    return read


def _action(message: MessageContext) -> str:
    return (message.headers.get("SOAPAction") or "").strip('"') or str(_addressing("Action")(message))


def _message_id(message: MessageContext) -> str:
    return _addressing("MessageID")(message) or message.correlation_id


def _message_format(message: MessageContext) -> str:
    if message.payload.kind == "soap11":
        message.payload.envelope()  # text/xml is SOAP only if its root is an envelope
    return message.payload.kind if message.payload.kind in ("soap11", "soap12") else "pox"


def _is_fault(message: MessageContext) -> str:
    return _TRUE if soap.is_fault(message.payload.envelope()) else ""


@cache
def _server_ip() -> str:
    """The address that the computer has to others; a datagram socket sends nothing when it is connected."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: nobody's
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


_IN_ENVELOPE: Mapping[str, Reader] = {
    "From": _addressing("From"),
    "Action": _action,
    "FaultTo": _addressing("FaultTo"),
    "ReplyTo": _addressing("ReplyTo"),
    "RelatesTo": _addressing("RelatesTo"),
    "MessageID": _message_id,
    "MESSAGE_FORMAT": _message_format,
    "FAULT": _is_fault,
}

_SPECIAL: Mapping[str, Reader] = {
    **_IN_ENVELOPE,
    "To": lambda message: message.destination or "",
    "OperationName": lambda message: "mediate",
    "OperationNamespace": lambda message: "",
    "SERVER_HOST": lambda message: socket.gethostname(),
    "SERVER_IP": lambda message: _server_ip(),
    "TRANSPORT_IN_NAME": lambda message: message.axis2.get("TRANSPORT_IN_NAME", message.exchange.scheme),
}
"""Names of the default scope that are no properties. Synapse's own service has the one operation ``mediate``."""

_SCOPES: Mapping[str, Callable[[str], Reader]] = {
    "default": lambda name: lambda message: _default(message, name),
    "synapse": lambda name: lambda message: _default(message, name),
    "axis2": lambda name: lambda message: message.axis2_value(name),
    "axis2-client": lambda name: lambda message: message.axis2_client.get(name),
    "transport": lambda name: lambda message: message.headers.get(name),
    "operation": lambda name: lambda message: message.operation.get(name),
    "registry": lambda name: lambda message: _resource(message, name),
    "func": lambda name: lambda message: variables.parameter(message, name),
    "system": lambda name: lambda message: variables.system_property(name),
    "env": lambda name: lambda message: os.environ.get(name, ""),
    "file": lambda name: lambda message: file_property(message, name) or "",
}
