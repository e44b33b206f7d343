"""<messageStore>"""

from __future__ import annotations

from typing import ClassVar

from engine.core.artifact import Artifact, require_name
from engine.core.background import MessageQueue
from engine.core.env import Environment
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, children, element, text
from engine.declare.spec import Node

_IN_MEMORY = frozenset({"", "InMemoryStore", "InMemoryMessageStore"})


@element("parameter")
class StoreParameter(Node):
    """A setting."""

    name: str = attr("Name of the setting.")
    value: str = text("Its value.", default="")


@element("messageStore", kind="artifact", category="artifact")
class MessageStore(Artifact):
    """Keep messages for a message processor, in the memory of this process.

    Messages come by <store> and leave in the order in which they came. A store holds at most 10,000; one more is a
    fault. They survive a deployment, and are lost when the process ends.

    Example::

        <messageStore name="orders"/>
    """

    kind: ClassVar[str] = "message-store"

    name: str = attr("Name of the store.")
    class_: str = attr("Java class of the store: none, or that of the InMemoryStore.", default="")
    parameters: tuple[StoreParameter, ...] = children("Settings, kept for tools.", tag="parameter")

    def __post_init__(self) -> None:
        require_name("message store", self.name)
        short = self.class_.rpartition(".")[2]
        if short not in _IN_MEMORY:
            raise Unacceptable(
                f"'{short}' keeps messages outside of the engine, which this version cannot.",
                code="unsupported",
                hint="Without a class they are kept in memory, and lost with the process; "
                "to lose none, send them to a broker's own HTTP interface with <call>.",
            )

    def queue(self, env: Environment) -> MessageQueue:
        """Its messages: one queue for each name and process."""
        return env.shared("message-store", self.name, lambda: MessageQueue(self.name))
