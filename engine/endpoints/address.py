"""<endpoint><address …/></endpoint>"""

from __future__ import annotations

import re

from engine.declare.fields import attr, element
from engine.endpoints._formatted import Formatted
from engine.message.context import MessageContext

_PLACEHOLDER = re.compile(r"\$\{(.*?)\}")


@element("address", kind="endpoint-type", category="endpoint")
class Address(Formatted):
    """Send to a fixed URL, in a format of choice.

    ``${name}`` in the URL is the property of that name, where there is one. The rest of a REST request's path is
    appended (trap 35). SOAP formats are posted; ``enableAddressing`` adds WS-Addressing headers to them.

    Example::

        <endpoint><address uri="http://127.0.0.1:9000/services/Quotes" format="soap11"/></endpoint>
    """

    uri: str = attr("Where to send.")

    def target_of(self, message: MessageContext) -> str:
        if "${" not in self.uri:
            return self.uri
        properties = message.properties
        return _PLACEHOLDER.sub(lambda match: str(properties.get(match[1], match[0])), self.uri)
