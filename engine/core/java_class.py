"""Python classes for ``<class name="…">``: what Synapse loads as a Java class by its name.

    @java_class("org.acme.AddGreeting")
    class AddGreeting(JavaClass):
        who: str = "world"

        def mediate(self, message: MessageContext) -> bool | None:
            message.properties["greeting"] = f"Hello, {self.who}"

``<property name="who" value="Ann"/>`` sets the attribute; its annotation (str, int, float, bool) gives the type. With
``blocks = True`` the method is run in a thread. ``False`` ends the flow.
"""

from __future__ import annotations

import typing
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, TypeVar

from engine.message.context import MessageContext

C = TypeVar("C", bound="type[JavaClass]")

TYPES = (str, int, float, bool)
"""What an attribute may be annotated with to be converted; others get what the property gives: text or an element."""


class JavaClass:
    """One instance is made for each ``<class>`` when the flow loads, and is shared by all messages.

    Keep nothing of a message on it. An instance whose properties are computed is copied for each message.
    """

    blocks: ClassVar[bool] = False
    """Whether ``mediate`` waits for something outside, and must not run in the event loop."""

    def mediate(self, message: MessageContext) -> bool | Awaitable[bool | None] | None:
        """Work on the message. Raise a Fault when it cannot go on."""
        raise NotImplementedError

    @classmethod
    def attributes(cls) -> dict[str, Any]:
        """The names that properties may set, with their types."""
        hints = typing.get_type_hints(cls)
        return {
            name: hint
            for name, hint in hints.items()
            if not name.startswith("_") and typing.get_origin(hint) is not ClassVar and name != "blocks"
        }


_REGISTERED: dict[str, type[JavaClass]] = {}


def java_class(*names: str) -> Callable[[C], C]:
    """Register a class under Java names. A later one replaces an earlier one."""

    def register(cls: C) -> C:
        for name in names:
            _REGISTERED[name] = cls
        return cls

    return register


def registered(name: str) -> type[JavaClass] | None:
    return _REGISTERED.get(name)


def registered_names() -> list[str]:
    return sorted(_REGISTERED)
