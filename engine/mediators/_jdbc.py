"""JDBC URLs -> the dialects and drivers of SQLAlchemy."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

_JVM_ONLY = {"h2": "H2", "derby": "Derby", "hsqldb": "HSQLDB"}
_SERVER = re.compile(
    r"//(?P<host>\[[0-9a-fA-F:]+\]|[^/:?;,]+)?(?::(?P<port>[0-9]{1,5}))?(?:/(?P<name>[^?;]*))?(?:\?(?P<query>.*))?"
)
_SQL_SERVER = re.compile(r"//(?P<host>[^\\/:;]+)?(?:\\[^:;]*)?(?::(?P<port>[0-9]{1,5}))?(?P<options>(?:;.*)?)")
_ORACLE = re.compile(r"thin:@(?://)?(?P<host>[^/:]+)(?::(?P<port>[0-9]{1,5}))?(?P<sep>[:/])(?P<name>[^?]+)")

WAY_OUT = (
    "Move the data to SQLite (jdbc:sqlite:FILE) or PostgreSQL, and give the new address in the flow, or for this URL "
    "under 'datasources' in myelin.yaml."
)


class JdbcError(ValueError):
    """The URL leads nowhere from here; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """What SQLAlchemy's ``URL.create`` takes; without ``drivername`` the ``url`` is one of SQLAlchemy's own."""

    drivername: str = ""
    host: str | None = None
    port: int | None = None
    database: str | None = None
    query: dict[str, str] = field(default_factory=dict)
    url: str = ""

    @property
    def name(self) -> str:
        """For messages: never with a user, a password or options."""
        if self.url:
            return re.sub(r"//[^/@]*@", "//", self.url.partition("?")[0])
        port = f":{self.port}" if self.port else ""
        return f"{self.drivername.partition('+')[0]}://{self.host or ''}{port}/{self.database or ''}"


def parse(url: str) -> Target:
    """Where a URL leads. Raises JdbcError."""
    text = url.strip()
    if not text.startswith("jdbc:"):
        if "://" not in text:
            raise JdbcError("it is no database URL, such as jdbc:postgresql://HOST/DATABASE or jdbc:sqlite:FILE")
        return Target(url=text)
    kind, _, rest = text.removeprefix("jdbc:").partition(":")
    kind = kind.lower()
    if kind in _JVM_ONLY:
        raise JdbcError(f"{_JVM_ONLY[kind]} is a database of the JVM, which there is none of here")
    parse_kind = _KINDS.get(kind)
    if parse_kind is None:
        raise JdbcError(f"'jdbc:{kind}' is not known; known are {', '.join(sorted(_KINDS))}")
    return parse_kind(kind, rest)


def _sqlite(kind: str, rest: str) -> Target:
    file = rest.partition("?")[0]
    return Target("sqlite", database=None if file in ("", ":memory:") else file)


def _server(kind: str, rest: str) -> Target:
    match = _SERVER.fullmatch(rest)
    if match is None:
        raise JdbcError(f"expected jdbc:{kind}://HOST:PORT/DATABASE")
    drivers = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mysql+pymysql"}
    options = dict(parse_qsl(match["query"] or ""))
    # JDBC's options are not those of other drivers; the few that change what is connected to are kept.
    query = {}
    if kind == "postgresql" and (mode := options.get("sslmode") or ("require" if options.get("ssl") == "true" else "")):
        query["sslmode"] = mode
    host = (match["host"] or "localhost").strip("[]")
    return Target(drivers[kind], host, _port(match["port"]), unquote(match["name"] or "") or None, query)


def _sql_server(kind: str, rest: str) -> Target:
    match = _SQL_SERVER.fullmatch(rest)
    if match is None:
        raise JdbcError("expected jdbc:sqlserver://HOST:PORT;databaseName=DATABASE")
    pairs = (option.partition("=") for option in match["options"].split(";") if option)
    options = {name.strip().lower(): value.strip() for name, _, value in pairs}
    database = options.get("databasename") or options.get("database")
    return Target("mssql+pymssql", match["host"] or "localhost", _port(match["port"]), database)


def _oracle(kind: str, rest: str) -> Target:
    match = _ORACLE.fullmatch(rest)
    if match is None:
        raise JdbcError("expected jdbc:oracle:thin:@//HOST:PORT/SERVICE or jdbc:oracle:thin:@HOST:PORT:SID")
    if match["sep"] == ":":
        return Target("oracle+oracledb", match["host"], _port(match["port"]), match["name"])
    return Target("oracle+oracledb", match["host"], _port(match["port"]), None, {"service_name": match["name"]})


def _port(text: str | None) -> int | None:
    return int(text) if text else None


_KINDS = {
    "sqlite": _sqlite,
    "postgresql": _server,
    "mysql": _server,
    "mariadb": _server,
    "sqlserver": _sql_server,
    "oracle": _oracle,
}
