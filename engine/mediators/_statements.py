"""What ``<dblookup>`` and ``<dbreport>`` share: where the database is, and the statements to run."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from lxml import etree

from engine.core.env import env_of
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, child, child_text, children, element, text
from engine.declare.spec import REQUIRED, Node
from engine.errors import Fault
from engine.expressions.base import Expression
from engine.mediators import _database, _jdbc, _sql, _sql_types, _transactions
from engine.mediators._database import Address, Database, Databases
from engine.mediators._jdbc import JdbcError
from engine.mediators._sql import Sql
from engine.mediators._sql_types import TypeName
from engine.message.codecs import xml
from engine.message.context import MessageContext

if TYPE_CHECKING:
    from sqlalchemy import Connection as SqlConnection

T = TypeVar("T")

_VAULT = re.compile(r"\{?wso2:vault-lookup\('(?P<alias>[^']+)'\)\}?")


@element("setting")
class Setting(Node):
    """A text, or the key of an entry that holds it."""

    key: str | None = attr("Local entry or registry resource with the value.", default=None, refers="local-entry")
    content: str = text("The value.", default="")

    def value(self, message: MessageContext) -> str:
        """The value now. Raises Fault when the entry is not there."""
        if self.key is None:
            return _looked_up(self.content.strip(), message)
        entry = message.env.entry(self.key)
        if entry is None:
            raise Fault(f"there is no entry '{self.key}' with the <{self.spec.tag}> of the database")
        return (xml.text_of(entry) if isinstance(entry, etree._Element) else str(entry)).strip()


@element("property")
class PoolProperty(Node):
    """One property of the pool."""

    name: str = attr("Its name, such as maxactive, maxidle, maxwait, isolation, testonborrow.")
    value: str = attr("Its value.")


@element("pool")
class Pool(Node):
    """A pool of connections: the name of a data source, or a URL with user and password."""

    data_source: str | None = child_text("Data source of `myelin.yaml`, section `datasources`.", tag="dsName")
    initial_context: str | None = child_text("Accepted, without a meaning: there is no JNDI.", tag="icClass")
    driver: Setting | None = child("Accepted, without a meaning: the URL tells the driver.", tag="driver")
    url: Setting | None = child("JDBC URL, or one of SQLAlchemy.", tag="url")
    user: Setting | None = child("User.", tag="user")
    password: Setting | None = child("Password.", tag="password")
    properties: tuple[PoolProperty, ...] = children("Properties of the pool.", tag="property")

    def __post_init__(self) -> None:
        if self.data_source is None and self.url is None:
            raise Unacceptable("it needs <dsName> or <url>.", code="missing-element")

    def remarks(self) -> Iterable[tuple[str, str]]:
        """A database that cannot be used from here, unless the configuration gives another for it."""
        if self.data_source is None and self.url is not None and self.url.key is None:
            try:
                extra = _database.missing_extra(_jdbc.parse(self.url.content))
            except JdbcError as error:
                yield f"this database cannot be used: {error}.", _jdbc.WAY_OUT
                return
            if extra:
                yield "the driver of this database is not installed.", f"Install it: pip install 'myelin[{extra}]'"

    def address(self, message: MessageContext) -> Address:
        """Where to connect now. Raises Fault."""
        options = tuple((each.name.lower(), each.value) for each in self.properties)
        if self.data_source is not None:
            name = self.data_source.strip()
            settings = env_of(message).datasource(name)
            if settings is None:
                raise Fault(f"there is no data source '{name}'. Give it under 'datasources' in myelin.yaml.")
            return _configured(settings, name, options)
        assert self.url is not None  # one of the two, see __post_init__
        url = self.url.value(message)
        replacement = env_of(message).datasource(url)
        if replacement is not None:
            return _configured(replacement, url, options)
        user = self.user.value(message) if self.user is not None else ""
        password = self.password.value(message) if self.password is not None else ""
        return Address(url, user, password, options)


@element("connection")
class Connection(Node):
    """The database."""

    pool: Pool = child("The pool of connections.", tag="pool", default=REQUIRED)

    def __post_init__(self) -> None:
        if not _database.is_installed():
            hint = "Install it: pip install 'myelin[db]'"
            raise Unacceptable("databases need SQLAlchemy.", code="unsupported", hint=hint)


@element("parameter")
class Parameter(Node):
    """The value of one `?`."""

    value: str | None = attr("Constant value; it goes before the expression.", default=None)
    expression: Expression | None = attr("Computes the value.", default=None)
    type: TypeName = attr("Type of the value; null and empty text are NULL.")

    def __post_init__(self) -> None:
        if self.value is None and self.expression is None:
            raise Unacceptable("it needs value= or expression=.", code="one-of")

    def bound(self, message: MessageContext) -> Any:
        """The value for the database. Raises Fault for text that is no value of the type."""
        given = self.value
        if given is None and self.expression is not None:
            given = self.expression.text(message)
        try:
            return _sql_types.parameter(self.type, given)
        except ValueError:
            source = self.expression.source if self.expression is not None else "value"
            raise Fault(f"the SQL parameter {source} is no value of the type {self.type}") from None


@element("result")
class Result(Node):
    """A column of the first row that becomes a property."""

    name: str = attr("Name of the property.")
    column: str = attr("Name of the column, or its number from 1.")


@element("statement")
class Statement(Node):
    """One SQL statement."""

    sql: str = child_text("The SQL; `?` stands for a parameter.", tag="sql", default=REQUIRED)
    parameters: tuple[Parameter, ...] = children("The values of the `?`, in order.", tag="parameter")
    results: tuple[Result, ...] = children("Columns that become properties (dblookup).", tag="result")
    parsed: Sql = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self.parsed = _sql.parse(self.sql)
        if not self.parsed.template:
            raise Unacceptable("the SQL is empty.", code="missing-text")
        if self.parsed.count != len(self.parameters):
            raise Unacceptable(f"the SQL has {self.parsed.count} '?' and {len(self.parameters)} <parameter>.")

    def values(self, message: MessageContext) -> dict[str, Any]:
        """The parameters by the names they have in ``parsed``."""
        return {f"p{index}": each.bound(message) for index, each in enumerate(self.parameters, 1)}

    def executed(self, connection: SqlConnection, values: Mapping[str, Any]) -> Any:
        """Run it on a connection, in a thread; parameters are bound by the driver. Gives SQLAlchemy's result."""
        from decimal import Decimal

        from sqlalchemy import bindparam, text

        if connection.dialect.name == "sqlite":
            # Its driver has no decimals; as text SQLite compares and stores them as numbers where columns are.
            values = {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}
        bound: list[Any] = [bindparam(name, value) for name, value in values.items()]
        return connection.execute(text(self.parsed.template).bindparams(*bound))


def database_of(pool: Pool, message: MessageContext) -> Database:
    """The process's own pool of connections for an address. Raises Fault for an address that leads nowhere."""
    env = env_of(message)
    limits = env.limits
    databases = env.shared("database", "", lambda: Databases(limits.database_threads, limits.database_timeout))
    return databases.at(pool.address(message))


async def run(pool: Pool, message: MessageContext, work: Callable[[SqlConnection], T]) -> T:
    """Do the work on a connection: that of the open transaction, else one of its own that is committed at the end."""
    database = database_of(pool, message)
    transaction = _transactions.current(message)
    return await (database.run(work) if transaction is None else transaction.run(database, work))


def _looked_up(text: str, message: MessageContext) -> str:
    """The secret, when the text is ``wso2:vault-lookup('alias')`` with or without braces; else the text itself."""
    match = _VAULT.fullmatch(text)
    if match is None:
        return text
    found = message.env.secret(match["alias"])
    if found is None:
        raise Fault(f"there is no secret '{match['alias']}'")
    return found


def _configured(settings: Mapping[str, Any], name: str, options: tuple[tuple[str, str], ...]) -> Address:
    known = {str(key).lower(): str(value) for key, value in settings.items() if value is not None}
    url = known.pop("url", "")
    if not url:
        raise Fault(f"the data source '{name}' in myelin.yaml has no 'url'")
    user, password = known.pop("user", "") or known.pop("username", ""), known.pop("password", "")
    return Address(url, user, password, (*known.items(), *options))
