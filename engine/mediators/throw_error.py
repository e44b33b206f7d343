"""<throwError>"""

from __future__ import annotations

from engine.core.mediator import Mediator
from engine.declare.fields import attr, element
from engine.errors import Fault
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext


@element("throwError", kind="mediator", category="core")
class ThrowError(Mediator):
    """End the flow with a fault: the fault sequence finds ``type`` in ERROR_CODE, the text in ERROR_MESSAGE.

    Example::

        <throwError type="ORDER_REJECTED" errorMessage="{json-eval($.reason)}"/>
    """

    type: str = attr("The error code.", default="ANY")
    error_message: Value | None = attr(
        "What went wrong; `{expression}` computes it.", name="errorMessage", default=None
    )

    async def mediate(self, message: MessageContext) -> bool:
        text = self.error_message.text(message) if self.error_message is not None else None
        code = self.type or "ANY"
        # The code of an earlier fault would win otherwise (Synapse trap 42).
        message.properties["ERROR_CODE"] = code
        raise Fault(text or "Error occurred in the mediation flow", code=code)
