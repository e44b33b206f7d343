"""Python classes for ``<class name="…">`` and ``<inboundEndpoint class="…">``: what Synapse loads by a Java name.

    @java_class("org.acme.AddGreeting")
    class AddGreeting(JavaClass):
        who: str = "world"

        def mediate(self, message: MessageContext) -> bool | None:
            message.properties["greeting"] = f"Hello, {self.who}"

``<property name="who" value="Ann"/>`` sets the attribute; its annotation (str, int, float, bool) gives the type. With
``blocks = True`` the method is run in a thread. ``False`` ends the flow.

    @java_class("org.acme.Arrivals")
    class Arrivals(InboundClass):
        async def receive(self, inject: Inject) -> None:
            async with connected(self.parameters["host"]) as line:
                async for text in line:
                    await inject(text, "text/plain")
"""

from __future__ import annotations

import typing
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Protocol, TypeVar

from engine.message.context import MessageContext

C = TypeVar("C", bound="type[JavaClass] | type[InboundClass]")

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


class Inject(Protocol):
    """Runs the sequence of an inbound endpoint on a message."""

    async def __call__(
        self,
        body: bytes | str,
        content_type: str,
        headers: Mapping[str, str] | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> bool:
        """Whether it succeeded: no fault that nobody took, no SET_ROLLBACK_ONLY. Then acknowledge what you took."""


class InboundClass:
    """One instance is made for each ``<inboundEndpoint>`` when it loads; an exception of ``__init__`` is its error."""

    def __init__(self, name: str, parameters: Mapping[str, str]) -> None:
        self.name, self.parameters = name, parameters

    async def receive(self, inject: Inject) -> None:
        """Take messages and inject each: all there are now, or all that come, for ever.

        Called again ``interval`` ms after it has ended or failed, or at the times of ``cron``. It is cancelled when the
        endpoint goes; a sequence that runs comes to its end.
        """
        raise NotImplementedError


_REGISTERED: dict[str, type[JavaClass] | type[InboundClass]] = {}


def java_class(*names: str) -> Callable[[C], C]:
    """Register a class under Java names. A later one replaces an earlier one."""

    def register(cls: C) -> C:
        for name in names:
            _REGISTERED[name] = cls
        return cls

    return register


def registered(name: str) -> type[JavaClass] | type[InboundClass] | None:
    return _REGISTERED.get(name)


def registered_names() -> list[str]:
    return sorted(_REGISTERED)
