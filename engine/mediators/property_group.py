"""<propertyGroup>"""

from __future__ import annotations

from engine.core.mediator import Mediator
from engine.core.sequence import run
from engine.declare.fields import children, element
from engine.mediators.property import Property
from engine.message.context import MessageContext


@element("propertyGroup", kind="mediator", category="core")
class PropertyGroup(Mediator):
    """Set or remove several properties, in order.

    Example::

        <propertyGroup>
          <property name="HTTP_SC" value="201" scope="axis2"/>
          <property name="Location" value="/orders/7" scope="transport"/>
        </propertyGroup>
    """

    properties: tuple[Property, ...] = children("The properties.", tag="property")

    async def mediate(self, message: MessageContext) -> bool:
        return await run(self.properties, message)
