"""<endpoint><http …/></endpoint>"""

from __future__ import annotations

from typing import Literal

from engine.declare.fields import attr, element
from engine.endpoints.leaf import Leaf
from engine.expressions.uri_template import UriTemplate
from engine.message.context import MessageContext

Method = Literal["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]


@element("http", kind="endpoint-type", category="endpoint", open_content=True)
class Http(Leaf):
    """Call a REST back end.

    The template's variables are the properties ``uri.var.*`` and ``query.param.*`` (Synapse traps 33 and 34). Without
    a method the message keeps the one it has.

    Example::

        <endpoint><http method="get" uri-template="https://api.example.com/orders/{uri.var.id}"/></endpoint>
    """

    method: Method | None = attr("HTTP method.", default=None)
    uri_template: UriTemplate = attr("Where to call.", name="uri-template")

    def address_for(self, message: MessageContext) -> str:
        return self.uri_template.expand(message.properties)

    def method_for(self, message: MessageContext) -> str:
        return self.method or super().method_for(message)
