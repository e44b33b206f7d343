"""Where properties live: how each scope is written and cleared (Synapse's PropertyMediator)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from lxml import etree

from engine.errors import Fault
from engine.expressions.values import text_of
from engine.message.codecs import json, xml
from engine.message.context import MessageContext

ScopeName = Literal[
    "default",
    "synapse",
    "axis2",
    "axis2-client",
    "transport",
    "operation",
    "registry",
    "system",
    "trace",
    "analytics",
]


class Scope(NamedTuple):
    """``set(message, name, value)`` and ``remove(message, name)``."""

    set: Callable[[MessageContext, str, Any], object]
    remove: Callable[[MessageContext, str], object]


def _text(value: Any) -> str:
    return xml.text_of(value) if isinstance(value, etree._Element) else json.text_of(value)


def _set_header(message: MessageContext, name: str, value: Any) -> None:
    message.headers.set(name, text_of(value) or "")  # trap 17


def _remove_axis2(message: MessageContext, name: str) -> None:
    """TRANSPORT_HEADERS are all the HTTP headers at once; what type the body has is known apart from them."""
    if name == "TRANSPORT_HEADERS":
        content_type = message.headers.get("content-type")
        message.headers.clear()
        if content_type is not None:
            message.headers.set("content-type", content_type)
    message.axis2.pop(name, None)


def _set_resource(message: MessageContext, name: str, value: Any) -> None:
    if value is None:
        raise Fault(f"the registry resource '{name}' cannot be set to null")
    message.env.registry.put(name, _text(value).encode())


def _set_system(message: MessageContext, name: str, value: Any) -> None:
    if value is not None:
        os.environ[name] = _text(value)


def _set_nothing(message: MessageContext, name: str, value: Any) -> None:
    """Traces and analytics have no collector of this kind here."""


def _remove_nothing(message: MessageContext, name: str) -> None:
    """Synapse does not remove from these scopes."""


_DEFAULT = Scope(
    MessageContext.set_property,
    lambda message, name: message.properties.pop(name, None),
)

SCOPES: dict[ScopeName, Scope] = {
    "default": _DEFAULT,
    "synapse": _DEFAULT,
    "axis2": Scope(MessageContext.set_axis2, _remove_axis2),
    "axis2-client": Scope(
        lambda message, name, value: message.axis2_client.__setitem__(name, value),
        lambda message, name: message.axis2_client.pop(name, None),
    ),
    "transport": Scope(_set_header, lambda message, name: message.headers.remove(name)),
    "operation": Scope(
        lambda message, name, value: message.operation.__setitem__(name, value),
        lambda message, name: message.operation.pop(name, None),
    ),
    "registry": Scope(_set_resource, _remove_nothing),
    "system": Scope(_set_system, _remove_nothing),
    "trace": Scope(_set_nothing, _remove_nothing),
    "analytics": Scope(_set_nothing, _remove_nothing),
}
