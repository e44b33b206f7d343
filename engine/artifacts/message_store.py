"""<messageStore>"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from engine.core.artifact import Artifact, require_name
from engine.core.background import MemoryQueue
from engine.core.env import Environment, MessageQueue
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, children, element, text
from engine.declare.spec import Node

_IN_MEMORY = frozenset({"", "InMemoryStore", "InMemoryMessageStore"})
_DURABLE = frozenset({"JmsStore", "JMSMessageStore", "JDBCMessageStore", "RabbitMQStore"})


@element("parameter")
class StoreParameter(Node):
    """A setting."""

    name: str = attr("Name of the setting.")
    value: str = text("Its value.", default="")


@element("messageStore", kind="artifact", category="artifact")
class MessageStore(Artifact):
    """Keep messages for a message processor, in memory or in a folder.

    Messages come by <store> and leave in the order in which they came. Without a class, or with that of the
    InMemoryStore, they are in memory, at most 10,000, and are lost when the process ends. The stores of a broker or a
    database (JmsStore, RabbitMQStore, JDBCMessageStore) keep theirs in files below the folder of the setting
    ``message_stores``, at most 1,000,000: they outlive the process, but nobody else can take part.

    Example::

        <messageStore name="orders" class="org.apache.synapse.message.store.impl.jdbc.JDBCMessageStore"/>
    """

    kind: ClassVar[str] = "message-store"

    name: str = attr("Name of the store.")
    class_: str = attr("Java class of the store; none: in memory.", default="")
    parameters: tuple[StoreParameter, ...] = children("Settings, kept for tools.", tag="parameter")

    def __post_init__(self) -> None:
        require_name("message store", self.name)
        self._short = self.class_.rpartition(".")[2]
        if self._short not in _IN_MEMORY | _DURABLE:
            raise Unacceptable(
                f"the store '{self._short}' is a Java class, and there is no JVM here.",
                code="unsupported",
                hint="Without a class messages are in memory; with the JDBCMessageStore they are in files.",
            )

    def remarks(self) -> Iterable[tuple[str, str]]:
        if self._short in _DURABLE:
            yield (
                f"its messages are kept in files of this engine, where {self._short} has a broker or a database.",
                "Stores and processors of this engine work as they do there; other programs do not see the messages.",
            )

    def queue(self, env: Environment) -> MessageQueue:
        """Its messages: one queue for each name and process."""
        if self._short in _DURABLE:
            return env.durable_queue(self.name)
        return env.shared("message-store", self.name, lambda: MemoryQueue(self.name))
