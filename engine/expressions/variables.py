"""What ``$ctx:``, ``$trp:``, ``$func:``, ``$body`` and the other variables of XPath read."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import unquote

from lxml import etree

from engine.errors import Fault
from engine.message.codecs import json
from engine.message.context import MessageContext

Reader: TypeAlias = Callable[[MessageContext], Any]
"""Reads one named value from a message; None when there is no such value."""


def parameter(message: MessageContext, name: str) -> Any:
    """A parameter of the innermost template, None when it was not given.

    Raises Fault outside any template (Synapse trap 6). The mapping evaluates ``{{expression}}`` parameters itself.
    """
    if not message.functions:
        raise Fault(f"$func:{name} is used outside a template")
    return message.functions[-1].read(name, message)


def query_parameter(message: MessageContext, name: str) -> str:
    """A query parameter of the client's request, without case; ``""`` when missing (Synapse trap 13)."""
    wanted = name.lower()
    for pair in message.exchange.query.split("&"):
        key, _, value = pair.partition("=")
        if key.lower() == wanted:
            return unquote(value)
    return ""


def system_property(name: str) -> str:
    """An environment variable: a Python process has no ``-D`` properties. ``""`` when missing."""
    return os.environ.get(name, "")


def body(message: MessageContext) -> etree._Element | None:
    return _part(message, "Body")


def header(message: MessageContext) -> etree._Element | None:
    return _part(message, "Header")


def envelope(message: MessageContext) -> etree._Element:
    return message.payload.envelope()


BODY_VARIABLES: Mapping[str, Reader] = {"body": body, "header": header, "env": envelope}
"""Variables without a prefix; all of them read the payload."""

_FACTORIES: Mapping[str, Callable[[str], Reader]] = {
    "ctx": lambda name: lambda message: message.properties.get(name),
    "axis2": lambda name: lambda message: message.axis2_value(name),
    "trp": lambda name: lambda message: message.headers.get(name),
    "func": lambda name: lambda message: parameter(message, name),
    "url": lambda name: lambda message: query_parameter(message, name),
    "operation": lambda name: lambda message: message.operation.get(name),
    "var": lambda name: lambda message: message.variables.get(name),
    "sys": lambda name: lambda _: system_property(name),
}

PREFIXES = tuple(_FACTORIES)
"""The prefixes that Synapse defines."""


def reader(prefix: str, name: str) -> Reader:
    """The reader of ``$prefix:name``. Any other prefix names a property of the default scope that holds a map."""
    factory = _FACTORIES.get(prefix)
    return factory(name) if factory else lambda message: _member(message, prefix, name)


def _member(message: MessageContext, prefix: str, name: str) -> str | None:
    holder = message.properties.get(prefix)
    value = holder.get(name) if isinstance(holder, Mapping) else None
    return None if value is None else json.text_of(value)


def _part(message: MessageContext, name: str) -> etree._Element | None:
    root = message.payload.envelope()
    return root.find(f"{{{etree.QName(root).namespace}}}{name}")
