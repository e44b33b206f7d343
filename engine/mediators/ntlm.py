"""<NTLM>"""

from __future__ import annotations

from engine.core.http import AUTHENTICATE, Login
from engine.core.mediator import Mediator
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, element
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext


@element("NTLM", kind="mediator", category="core")
class Ntlm(Mediator):
    """Say who sends to back ends that ask for NTLM.

    It holds for the blocking calls after it that say `initAxis2ClientOptions="false"`: `<call blocking="true">` and
    `<callout>`. Each is sent over a connection of its own, and up to three times, as NTLM needs it. Needs the extra
    `ntlm`: `pip install 'myelin[ntlm]'`.

    Example::

        <sequence name="ask">
          <NTLM username="integration" password="{wso2:vault-lookup('sharepoint')}" domain="CORP" ntlmVersion="v2"/>
          <call blocking="true" initAxis2ClientOptions="false">
            <endpoint><http method="get" uri-template="https://sharepoint.example.com/_api/web/lists"/></endpoint>
          </call>
        </sequence>
    """

    username: Value = attr("Name of the account; `{expression}` gives it at run time.", default=Value(""))
    password: Value = attr("Its password, likewise.", default=Value(""))
    domain: Value = attr("Its domain, likewise; without one the server decides.", default=Value(""))
    host: Value = attr("Name of the calling machine; the machine's own is told.", default=Value(""))
    version: Value = attr("Without a meaning here: version 2 is spoken.", name="ntlmVersion", default=Value(""))

    def __post_init__(self) -> None:
        try:
            import spnego  # noqa: F401  now, so that no request waits for it
        except ImportError:
            hint = "Install it: pip install 'myelin[ntlm]'"
            raise Unacceptable("NTLM needs pyspnego.", code="unsupported", hint=hint) from None

    async def mediate(self, message: MessageContext) -> bool:
        values = [value.text(message) or "" for value in (self.username, self.password, self.domain)]
        message.axis2_client[AUTHENTICATE] = Login(*values)
        return True
