"""<transaction>"""

from __future__ import annotations

from typing import Literal

from engine.core.mediator import Mediator
from engine.declare.fields import attr, element
from engine.errors import Fault
from engine.mediators import _transactions
from engine.message.context import MessageContext

Action = Literal["new", "commit", "rollback", "suspend", "resume", "use-existing-or-new", "fault-if-no-tx"]


@element("transaction", kind="mediator", category="advanced")
class Transaction(Mediator):
    """Let the ``<dblookup>`` and ``<dbreport>`` that follow hold together.

    ``new`` opens a transaction and is a fault when there is one; ``use-existing-or-new`` keeps that one. ``commit`` and
    ``rollback`` end it. ``suspend`` sets it aside, ``resume`` takes it up again. ``fault-if-no-tx`` is a fault unless
    one is open. A transaction that is still open at the end of the conversation, after a fault for instance, is rolled
    back. Transactions are local ones of each database: when several take part and one of them does not commit, those
    that committed before it stay committed.

    Example::

        <sequence name="both or none">
          <transaction action="new"/>
          <dbreport>
            <connection><pool><dsName>orders</dsName></pool></connection>
            <statement><sql>DELETE FROM cart WHERE customer = 7</sql></statement>
          </dbreport>
          <transaction action="commit"/>
        </sequence>
    """

    action: Action = attr("What to do.")

    async def mediate(self, message: MessageContext) -> bool:
        match self.action:
            case "new":
                _transactions.begin(message)
            case "use-existing-or-new" if _transactions.current(message) is None:
                _transactions.begin(message)
            case "fault-if-no-tx" if _transactions.current(message) is None:
                raise Fault("there is no transaction, and this flow needs one")
            case "commit" | "rollback":
                await _transactions.end(message, commit=self.action == "commit")
            case "suspend":
                _transactions.suspend(message)
            case "resume":
                _transactions.resume(message)
        return True
