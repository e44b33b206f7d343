"""<fastXSLT>"""

from __future__ import annotations

import dataclasses
from typing import cast

from engine.core.mediator import Mediator
from engine.declare.fields import attr, element
from engine.expressions.dynamic import Value
from engine.mediators.xslt import Xslt
from engine.message.context import MessageContext


@element("fastXSLT", kind="mediator", category="transformation")
class FastXslt(Mediator):
    """Transform the first element of the body by an XSLT stylesheet.

    It is ``<xslt>`` without its options: what was fast about it in WSO2 is so for both here.

    Example::

        <fastXSLT key="conf:/transform/order.xslt"/>
    """

    reads_body = True

    key: Value = attr("The stylesheet; `{expression}` chooses it.", refers="local-entry")
    _xslt: Xslt = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self._xslt = cast(Xslt, Xslt.spec.construct(where=self.where, key=self.key))

    async def mediate(self, message: MessageContext) -> bool:
        return await self._xslt.mediate(message)
