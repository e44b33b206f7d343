"""A database as mediators use it: SQLAlchemy Core in a few threads, each piece of work with its time.

SQLAlchemy comes with the extra ``db``, and is imported when a database is first used, in a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib.util
import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from engine.core.redaction import SECRETS
from engine.errors import Fault
from engine.mediators import _jdbc
from engine.mediators._jdbc import JdbcError, Target

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

log = logging.getLogger("myelin.database")

T = TypeVar("T")

DEFAULT_POOL = 8
"""Connections of one pool, as in the reference's pool."""

MAX_POOLS = 64
"""Pools in one process; addresses may come from entries that change."""

_ISOLATION = {
    "Connection.TRANSACTION_NONE": "AUTOCOMMIT",
    "Connection.TRANSACTION_READ_COMMITTED": "READ COMMITTED",
    "Connection.TRANSACTION_READ_UNCOMMITTED": "READ UNCOMMITTED",
    "Connection.TRANSACTION_REPEATABLE_READ": "REPEATABLE READ",
    "Connection.TRANSACTION_SERIALIZABLE": "SERIALIZABLE",
}
_EXTRAS = {"psycopg": "postgresql", "pymysql": "mysql", "pymssql": "sqlserver", "oracledb": "oracle"}


def is_installed() -> bool:
    """Whether SQLAlchemy is; it is not imported for that."""
    return importlib.util.find_spec("sqlalchemy") is not None


def missing_extra(target: Target) -> str:
    """The extra that brings the driver for a target; empty when it is installed, or not known here."""
    driver = target.drivername.partition("+")[2]
    return _EXTRAS[driver] if driver and importlib.util.find_spec(driver) is None else ""


@dataclass(frozen=True, slots=True)
class Address:
    """How to connect. The password is in no text that is made of it."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    options: tuple[tuple[str, str], ...] = ()
    """Properties of the pool: maxactive, maxidle, maxwait, isolation, testonborrow and so on."""


class Threads:
    """The threads that work on databases, and how long one piece of work may take; shared by all databases."""

    def __init__(self, number: int, timeout: float) -> None:
        self.timeout = timeout
        self._executor = ThreadPoolExecutor(number, "database")

    def close(self) -> None:
        """Take no more work; what is being done ends by itself."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def run(self, work: Callable[[Job], T], name: str) -> T:
        """Do the work in a thread. Raises Fault when it takes too long or fails; then it is rolled back.

        Work that nobody waits for any more is not begun, and interrupted where the driver can.
        """
        job = Job()
        future = asyncio.get_running_loop().run_in_executor(self._executor, work, job)
        try:
            async with asyncio.timeout(self.timeout):
                return await future
        except TimeoutError:
            job.interrupt()
            raise Fault(f"the database {name} did not answer within {self.timeout:g} s", status=504) from None
        except asyncio.CancelledError:
            job.interrupt()
            raise


class Job:
    """One piece of work in a thread, which may be interrupted from another."""

    def __init__(self) -> None:
        self.abandoned = False
        self._connection: Any = None

    @contextlib.contextmanager
    def using(self, connection: Connection) -> Iterator[None]:
        """Note the connection that is interrupted when nobody waits any more."""
        self._connection = connection.connection.dbapi_connection
        if self.abandoned:
            raise Fault("nobody waits for this any more")
        try:
            yield
        finally:
            self._connection = None

    def interrupt(self) -> None:
        self.abandoned = True
        connection = self._connection
        # sqlite3 says interrupt, psycopg cancel; both may be called from another thread.
        stop = getattr(connection, "interrupt", None) or getattr(connection, "cancel", None)
        if stop is not None:
            with contextlib.suppress(Exception):
                stop()


class Database:
    """One pool of connections."""

    def __init__(self, address: Address, threads: Threads) -> None:
        self.target = _target(address)
        self.name = self.target.name
        self.threads = threads
        self._address = address
        self._engine: Engine | None = None

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do the work on a connection, in a transaction of its own that is committed when it ends. Raises Fault."""

        def in_transaction(job: Job) -> T:
            with self.explained():
                engine = self.engine()
                with engine.begin() as connection, job.using(connection):
                    return work(connection)

        return await self.threads.run(in_transaction, self.name)

    def engine(self) -> Engine:
        """The engine, made at first use. Call it in a thread. Raises Fault when the library or driver is missing."""
        if self._engine is None:
            self._engine = _engine(self.target, self._address)
        return self._engine

    def close(self) -> None:
        """Close the connections that are not in use; the others follow when they are given back."""
        if self._engine is not None:
            self._engine.dispose()

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Turn errors of the library and the driver into Faults: the driver's own words are the detail only."""
        from sqlalchemy import exc

        try:
            yield
        except exc.DBAPIError as error:
            first = str(error.orig).strip().partition("\n")[0]
            lost = error.connection_invalidated or (isinstance(error, exc.OperationalError) and error.statement is None)
            what = "cannot be reached" if lost else "refused the statement"
            raise Fault(f"the database {self.name} {what}", detail=first) from None
        except exc.TimeoutError:
            raise Fault(f"all connections to the database {self.name} are in use", status=503) from None
        except (exc.SQLAlchemyError, OverflowError) as error:
            raise Fault(f"the database {self.name}: {type(error).__name__}", detail=str(error)) from None


class Databases:
    """The databases of a process, by address; the one opened first is closed when there are too many."""

    def __init__(self, threads: int, timeout: float) -> None:
        self._threads = Threads(threads, timeout)
        self._pools: dict[Address, Database] = {}

    def at(self, address: Address) -> Database:
        """The database at an address. Raises Fault for one that leads nowhere."""
        found = self._pools.get(address)
        if found is None:
            SECRETS.add(address.password)
            found = self._pools[address] = Database(address, self._threads)
            if len(self._pools) > MAX_POOLS:
                self._pools.pop(next(iter(self._pools))).close()
        return found

    def close(self) -> None:
        """Close them all."""
        for database in self._pools.values():
            database.close()
        self._threads.close()

    def __len__(self) -> int:
        return len(self._pools)


@functools.lru_cache(maxsize=256)
def _target(address: Address) -> Target:
    try:
        return _jdbc.parse(address.url)
    except JdbcError as error:
        shown = address.url.partition("?")[0].partition(";")[0]
        raise Fault(f"the database '{shown}' cannot be used: {error}. {_jdbc.WAY_OUT}") from None


def _engine(target: Target, address: Address) -> Engine:
    from sqlalchemy import URL, create_engine, make_url

    if target.url:
        url = make_url(target.url)
    else:
        url = URL.create(
            target.drivername, host=target.host, port=target.port, database=target.database, query=target.query
        )
    is_file = url.get_backend_name() == "sqlite"
    in_memory = is_file and url.database in (None, "", ":memory:")
    if address.user and not is_file:  # a file has no users, whatever the flow gave its database before
        url = url.set(username=address.user, password=address.password or None)
    try:
        return create_engine(url, hide_parameters=True, **_pool(dict(address.options), in_memory=in_memory))
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(str(error.name), "")
        install = f": pip install 'myelin[{extra}]'" if extra else ""
        raise Fault(f"the driver '{error.name}' of the database {target.name} is not installed{install}") from None


def _pool(options: Mapping[str, str], *, in_memory: bool) -> dict[str, Any]:
    """Properties of the reference's pool as arguments of ``create_engine``; the others steer nothing here."""
    from sqlalchemy.pool import QueuePool

    size = max(1, _number(options, "maxactive", DEFAULT_POOL))
    kept = min(size, max(1, _number(options, "maxidle", size)))
    wait = _number(options, "maxwait", -1)
    settings: dict[str, Any] = {
        # Each connection to a database in memory is another database: there is one.
        "poolclass": QueuePool,
        "pool_size": 1 if in_memory else kept,
        "max_overflow": 0 if in_memory else size - kept,
        "pool_pre_ping": options.get("testonborrow", "").lower() == "true",
    }
    if wait >= 0:
        settings["pool_timeout"] = wait / 1000
    if in_memory:
        settings["connect_args"] = {"check_same_thread": False}
    if (level := _ISOLATION.get(options.get("isolation", ""))) is not None:
        settings["isolation_level"] = level
    return settings


def _number(options: Mapping[str, str], name: str, default: int) -> int:
    text = options.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default
