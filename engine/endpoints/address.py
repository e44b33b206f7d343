"""<endpoint><address …/></endpoint>"""

from __future__ import annotations

import re
from typing import Literal

from engine.declare.fields import attr, element
from engine.endpoints import addressing
from engine.endpoints.leaf import Leaf
from engine.message.context import MessageContext

_PLACEHOLDER = re.compile(r"\$\{([^{}]+)\}")


@element("address", kind="endpoint-type", category="endpoint")
class Address(Leaf):
    """Send to a fixed URL, in a format of choice.

    ``${name}`` in the URL is the property of that name. The rest of a REST request's path is appended (trap 35).

    Example::

        <endpoint><address uri="http://127.0.0.1:9000/services/Quotes" format="soap11"/></endpoint>
    """

    uri: str = attr("Where to send.")
    format: addressing.Format | None = attr("Format of the payload.", default=None)
    optimize: Literal["mtom", "swa"] | None = attr("Attachment optimisation; not supported yet.", default=None)
    encoding: str | None = attr("Character encoding.", default=None)

    def address_for(self, message: MessageContext) -> str:
        uri = self.uri
        if "${" in uri:
            uri = _PLACEHOLDER.sub(lambda match: str(message.properties.get(match[1], "")), uri)
        return addressing.with_postfix(uri, message)

    def method_for(self, message: MessageContext) -> str:
        return "GET" if self.format == "get" else super().method_for(message)

    def format_for(self, message: MessageContext) -> str | None:
        return addressing.content_type(self.format)
