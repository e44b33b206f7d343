"""<dbreport>"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.mediator import Mediator
from engine.declare.fields import attr, child, children, element
from engine.declare.spec import REQUIRED
from engine.mediators import _statements
from engine.mediators._statements import Connection, Statement
from engine.message.context import MessageContext

if TYPE_CHECKING:
    from sqlalchemy import Connection as SqlConnection

_COUNT = "DBREPORT_MODIFIED_RAW_COUNT"
"""The reference's name, with its spelling."""


@element("dbreport", kind="mediator", category="advanced")
class DbReport(Mediator):
    """Write to a database.

    The values of the parameters are bound, never put into the text of the SQL. Each statement is committed by itself;
    with ``useTransaction`` all of them together, and inside a ``<transaction>`` when that one commits. The property
    DBREPORT_MODIFIED_RAW_COUNT is the number of rows that the last statement changed. Addresses as for ``<dblookup>``.

    Example::

        <dbreport useTransaction="true">
          <connection><pool><url>jdbc:sqlite:orders.db</url></pool></connection>
          <statement>
            <sql>UPDATE product SET price = ? WHERE id = ?</sql>
            <parameter expression="json-eval($.price)" type="DECIMAL"/>
            <parameter expression="json-eval($.product)" type="INTEGER"/>
          </statement>
        </dbreport>
    """

    use_transaction: bool = attr("Whether all statements are committed together.", name="useTransaction", default=False)
    connection: Connection = child("The database.", tag="connection", default=REQUIRED)
    statements: tuple[Statement, ...] = children("What to run.", tag="statement")

    async def mediate(self, message: MessageContext) -> bool:
        every = [(statement, statement.values(message)) for statement in self.statements]
        groups = [every] if self.use_transaction else [[each] for each in every]
        for group in groups:
            if group:
                message.properties[_COUNT] = await _statements.run(self.connection.pool, message, _writing(group))
        return True


def _writing(group: list[tuple[Statement, dict[str, Any]]]) -> Any:
    """Work that runs the statements and gives the number of rows that the last one changed."""

    def write(connection: SqlConnection) -> int:
        count = 0
        for statement, values in group:
            count = max(0, statement.executed(connection, values).rowcount)
        return count

    return write
