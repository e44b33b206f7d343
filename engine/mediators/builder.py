"""<builder>"""

from __future__ import annotations

from engine.core.mediator import Mediator
from engine.declare.fields import attr, children, element
from engine.declare.spec import Node
from engine.message.context import MessageContext


@element("messageBuilder")
class MessageBuilder(Node):
    """A Java builder and formatter for a content type; the engine has its own for all that it knows."""

    content_type: str = attr("Content type.", name="contentType")
    builder: str = attr("Java class.", name="class")
    formatter: str | None = attr("Java class.", name="formatterClass", default=None)


@element("builder", kind="mediator", category="transformation")
class Builder(Mediator):
    """Read the whole body into memory now, in place of passing it through as it comes.

    Java classes named here are not used: the content type of the message chooses how later steps read it.

    Example::

        <builder/>
    """

    reads_body = True

    builder: str | None = attr("Java class, ignored.", name="class", default=None)
    formatter: str | None = attr("Java class, ignored.", name="formatterClass", default=None)
    builders: tuple[MessageBuilder, ...] = children("Java classes by content type, ignored.", tag="messageBuilder")

    async def mediate(self, message: MessageContext) -> bool:
        del message  # the sequence loop has read the body, since this step says that it looks into it
        return True
