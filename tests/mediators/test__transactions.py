from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.mediators import _transactions
from engine.mediators._database import Address, Threads
from engine.mediators._transactions import Transaction
from engine.message.ending import Ending
from engine.testing.harness import Harness
from tests.mediators.conftest import Db, Opened


async def test_when_one_does_not_commit_the_ones_after_it_are_rolled_back(
    sqlite: Db, postgresql: Db, opened: Opened
) -> None:
    threads = Threads(2, 30)
    first = opened(Address(postgresql.url, postgresql.user, postgresql.password), threads)
    second = opened(Address(sqlite.url), threads)
    deferred = "CREATE TABLE t (id INTEGER UNIQUE DEFERRABLE INITIALLY DEFERRED)"
    await first.run(lambda connection: connection.exec_driver_sql(deferred) and None)
    await second.run(lambda connection: connection.exec_driver_sql("CREATE TABLE t (id INTEGER)") and None)
    transaction = Transaction()
    insert = "INSERT INTO t VALUES (1)"
    for database in (first, first, second):
        await transaction.run(database, lambda connection: connection.exec_driver_sql(insert) and None)
    with pytest.raises(Fault, match="refused"):
        await transaction.end(commit=True)
    count = "SELECT count(*) FROM t"
    for database in (first, second):
        assert await database.run(lambda connection: connection.exec_driver_sql(count).scalar()) == 0


def test_a_message_without_a_transaction_has_none() -> None:
    message = Harness().message()
    assert _transactions.current(message) is None
    _transactions.begin(message)
    assert _transactions.current(message) is _transactions.current(message.clone())
    assert _transactions.current(message) is not None


async def test_a_message_in_another_conversation_begins_anew() -> None:
    message = Harness().message()
    _transactions.begin(message)
    await message.ending.come()
    message.ending = Ending()
    assert _transactions.current(message) is None
    _transactions.begin(message)
    assert _transactions.current(message) is not None
    await message.ending.come()
    assert _transactions.current(message) is None
