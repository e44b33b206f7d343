"""What every kind of endpoint is to the ``<endpoint>`` around it, and what it knows of that."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from engine.declare.spec import Node
from engine.endpoints._session import Session
from engine.message.context import MessageContext


@dataclass(frozen=True, slots=True)
class Place:
    """The ``<endpoint>`` around a kind. ``name`` is its name, or its place in the file when it has none.

    ``properties`` are those with a fixed value, such as ``loadbalance.weight``.
    """

    name: str
    properties: Mapping[str, str] = field(default_factory=dict)
    session: Session | None = None


class Kind(Node):
    """What stands inside ``<endpoint>``: it says where a message goes."""

    place: Place

    def attach(self, place: Place) -> None:
        """Become what ``place`` holds. Raises Unacceptable when the two do not fit."""
        self.place = place

    @property
    def state(self) -> str:
        """ACTIVE, TIMEOUT or SUSPENDED, in this process."""
        return "ACTIVE"

    @abstractmethod
    def ready(self, message: MessageContext) -> bool:
        """Whether a message may be sent now."""

    def recipients(self, message: MessageContext) -> Sequence[Child]:
        """Those that get a copy of the message each; empty when the message itself is sent. Raises Fault."""
        return ()

    @abstractmethod
    async def send(self, message: MessageContext) -> None:
        """Send the message; it becomes the answer. Raises TransportError when there is none, Fault for what is wrong
        with the message itself."""


class Child(Protocol):
    """An endpoint inside another one, as the outer one sees it."""

    name: str

    def fixed_property(self, name: str) -> str | None:
        """The fixed value of its ``<property>``, or None."""

    def ready(self, message: MessageContext) -> bool: ...

    def recipients(self, message: MessageContext) -> Sequence[Child]: ...

    async def send(self, message: MessageContext) -> None: ...
