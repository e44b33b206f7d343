"""<dblookup>"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.mediator import Mediator
from engine.declare.fields import child, children, element
from engine.declare.spec import REQUIRED
from engine.errors import Fault
from engine.mediators import _sql_types, _statements
from engine.mediators._statements import Connection, Result, Statement
from engine.message.context import MessageContext

if TYPE_CHECKING:
    from sqlalchemy import Connection as SqlConnection


@element("dblookup", kind="mediator", category="advanced")
class DbLookup(Mediator):
    """Read from a database: columns of the first row become properties.

    The values of the parameters are bound, never put into the text of the SQL. Properties are text; a column that is
    NULL and a result without rows leave them as they are. Several statements run one after another; each may use what
    the one before it found. Inside a ``<transaction>`` it reads in that transaction, else in one of its own.

    The address is a JDBC URL for SQLite, PostgreSQL, MySQL, MariaDB, SQL Server or Oracle, a URL of SQLAlchemy, or
    with ``dsName`` a data source of ``myelin.yaml``. Databases need the extra ``db``, all but SQLite also their driver.

    Example::

        <dblookup>
          <connection><pool><url>jdbc:sqlite:orders.db</url></pool></connection>
          <statement>
            <sql>SELECT name, price FROM product WHERE id = ?</sql>
            <parameter expression="json-eval($.product)" type="INTEGER"/>
            <result name="product.name" column="name"/>
            <result name="product.price" column="2"/>
          </statement>
        </dblookup>
    """

    connection: Connection = child("The database.", tag="connection", default=REQUIRED)
    statements: tuple[Statement, ...] = children("What to run.", tag="statement")

    async def mediate(self, message: MessageContext) -> bool:
        for statement in self.statements:
            values = statement.values(message)

            def read(connection: SqlConnection, statement: Statement = statement, values: Any = values) -> Any:
                return _first_row(statement.executed(connection, values), statement.results)

            found = await _statements.run(self.connection.pool, message, read)
            message.properties.update(found)
        return True


def _first_row(result: Any, wanted: tuple[Result, ...]) -> dict[str, str]:
    """The wanted columns of the first row as text, by the names of their properties."""
    if not result.returns_rows:
        return {}
    columns = list(result.keys())
    row = result.first()
    if row is None:
        return {}
    cells = ((each.name, row[_index(columns, each.column.strip())]) for each in wanted)
    return {name: _sql_types.text_of(cell) for name, cell in cells if cell is not None}


def _index(columns: list[str], wanted: str) -> int:
    """Where a column is, by number from 1 or by name without case, as JDBC finds it. Raises Fault."""
    if wanted.isascii() and wanted.isdigit():
        if 1 <= int(wanted[:9]) <= len(columns):
            return int(wanted) - 1
    else:
        lower = [column.lower() for column in columns]
        if wanted.lower() in lower:
            return lower.index(wanted.lower())
    raise Fault(f"the result has no column '{wanted}'; it has {', '.join(columns)}")
