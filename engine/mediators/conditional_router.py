"""<conditionalRouter>"""

from __future__ import annotations

from engine.core import branches
from engine.core.env import env_of
from engine.core.mediator import Mediator
from engine.declare.fields import attr, child, children, element
from engine.declare.spec import REQUIRED, Node
from engine.mediators._evaluators import Condition, url_of
from engine.mediators._target import Target
from engine.message.context import MessageContext


@element("conditionalRoute")
class ConditionalRoute(Node):
    """One way, and when it is taken."""

    breaks: bool = attr("Whether no later route is looked at once this one was taken.", name="breakRoute", default=True)
    asynchronous: bool = attr("Whether a copy takes the route, and nobody waits for it.", default=False)
    condition: Condition = child("When it is taken.", tag="condition", default=REQUIRED)
    target: Target = child("Where it leads.", tag="target", default=REQUIRED)


@element("conditionalRouter", kind="mediator", category="eip")
class ConditionalRouter(Mediator):
    """Send the message where the first condition that holds says.

    Conditions look at HTTP headers, the URL, its parameters, properties or the SOAP envelope. The flow ends here
    whatever the routes do, also when none was taken, unless `continueAfter` is true.

    Example::

        <conditionalRouter continueAfter="false">
          <conditionalRoute breakRoute="false">
            <condition><match type="header" source="X-Tier" regex="gold|silver"/></condition>
            <target><sequence><log/></sequence></target>
          </conditionalRoute>
        </conditionalRouter>
    """

    continue_after: bool = attr("Whether the flow goes on afterwards.", name="continueAfter", default=False)
    routes: tuple[ConditionalRoute, ...] = children("The routes, in order.", tag="conditionalRoute")

    async def mediate(self, message: MessageContext) -> bool:
        url = url_of(message)
        for route in self.routes:
            if not route.condition.holds(message, url):
                continue
            if route.asynchronous:
                await message.payload.load(env_of(message).limits.buffered_body)
                branches.start_parallel(message, [(message.clone(), route.target)], 1, f"route at {route.where}")
            else:
                await route.target.mediate(message)
            if route.breaks:
                break
        return self.continue_after
