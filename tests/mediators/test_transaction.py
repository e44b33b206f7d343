from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from engine.errors import Fault
from engine.message.context import MessageContext
from engine.testing.harness import Harness
from tests.mediators.conftest import Db


def _tx(action: str) -> str:
    return f'<transaction action="{action}"/>'


def _sql(database: Db, sql: str) -> str:
    return f"<dbreport>{database.connection}<statement><sql>{sql}</sql></statement></dbreport>"


def _insert(database: Db, id_: int) -> str:
    return _sql(database, f"INSERT INTO t VALUES ({id_})")


def _count(database: Db) -> str:
    count = "<sql>SELECT COUNT(*) FROM t</sql><result name='n' column='1'/>"
    return f"<dblookup>{database.connection}<statement>{count}</statement></dblookup>"


async def _made(*databases: Db) -> Harness:
    harness = Harness()
    for database in databases:
        await harness.run(_sql(database, "CREATE TABLE t (id INTEGER PRIMARY KEY)"), harness.message())
    return harness


async def _rows(harness: Harness, database: Db, message: MessageContext | None = None) -> str:
    message = message or harness.message()
    await harness.run(_count(database), message)
    return str(message.properties["n"])


@pytest.mark.parametrize(("action", "rows"), [("commit", "2"), ("rollback", "0")])
async def test_statements_hold_together(database: Db, action: str, rows: str) -> None:
    harness = await _made(database)
    message = harness.message()
    await harness.run(_tx("new") + _insert(database, 1) + _insert(database, 2), message)
    assert await _rows(harness, database, message) == "2"  # its own connection sees them
    await harness.run(_tx(action), message)
    assert await _rows(harness, database) == rows


async def test_others_do_not_see_what_is_not_committed(postgresql: Db) -> None:
    harness = await _made(postgresql)
    message = harness.message()
    await harness.run(_tx("new") + _insert(postgresql, 1), message)
    assert await _rows(harness, postgresql) == "0"
    await harness.run(_tx("commit"), message)
    assert await _rows(harness, postgresql) == "1"


async def test_a_failure_leaves_the_decision_to_the_flow(postgresql: Db) -> None:
    harness = await _made(postgresql)
    message = harness.message()
    await harness.run(_tx("new") + _insert(postgresql, 1), message)
    with pytest.raises(Fault, match="refused"):
        await harness.run(_insert(postgresql, 1), message)
    await harness.run(_tx("rollback") + _insert(postgresql, 1), message)
    assert await _rows(harness, postgresql) == "1"


async def test_two_databases_take_part(sqlite: Db, tmp_path: Path) -> None:
    other = Db(f"jdbc:sqlite:{tmp_path / 'other.db'}")
    harness = await _made(sqlite, other)
    message = harness.message()
    await harness.run(_tx("new") + _insert(sqlite, 1) + _insert(other, 1) + _tx("rollback"), message)
    assert [await _rows(harness, each) for each in (sqlite, other)] == ["0", "0"]
    await harness.run(_tx("new") + _insert(sqlite, 1) + _insert(other, 1) + _tx("commit"), message)
    assert [await _rows(harness, each) for each in (sqlite, other)] == ["1", "1"]


async def test_what_is_suspended_does_not_see_what_follows(postgresql: Db) -> None:
    harness = await _made(postgresql)
    message = harness.message()
    await harness.run(_tx("new") + _insert(postgresql, 1) + _tx("suspend") + _insert(postgresql, 2), message)
    assert await _rows(harness, postgresql) == "1"
    await harness.run(_tx("resume") + _tx("rollback"), message)
    assert await _rows(harness, postgresql) == "1"


async def test_inside_a_suspension_there_may_be_another(postgresql: Db) -> None:
    harness = await _made(postgresql)
    message = harness.message()
    first = _tx("new") + _insert(postgresql, 1) + _tx("suspend")
    second = _tx("new") + _insert(postgresql, 2) + _tx("commit")
    await harness.run(first + second + _tx("resume") + _tx("rollback"), message)
    assert await _rows(harness, postgresql) == "1"


@pytest.mark.parametrize(
    ("actions", "fault"),
    [
        (["new", "new"], "there is one already"),
        (["commit"], "no transaction to commit"),
        (["rollback"], "no transaction to roll back"),
        (["fault-if-no-tx"], "there is no transaction"),
        (["suspend"], "no transaction to suspend"),
        (["resume"], "no suspended transaction"),
        (["new", "suspend", "new", "resume"], "a transaction is open"),
        (["new", "commit", "commit"], "no transaction to commit"),
        (["use-existing-or-new", "use-existing-or-new", "fault-if-no-tx", "commit", "fault-if-no-tx"], "there is no"),
    ],
)
async def test_what_each_action_needs(actions: list[str], fault: str) -> None:
    harness = Harness()
    message = harness.message()
    *fine, last = map(_tx, actions)
    assert await harness.run("".join(fine), message) is True
    with pytest.raises(Fault, match=fault):
        await harness.run(last, message)


@pytest.mark.parametrize("end", ["<respond/>", "<drop/>", '<throwError type="X" errorMessage="m"/>'])
async def test_what_is_left_open_is_rolled_back_with_the_conversation(
    database: Db, end: str, caplog: pytest.LogCaptureFixture
) -> None:
    await _made(database)
    steps = _tx("new") + _insert(database, 1) + end
    harness = Harness(f'<proxy name="p"><target><inSequence>{steps}</inSequence></target></proxy>')
    with caplog.at_level(logging.WARNING):
        await harness.serve("/services/p", harness.message(b"{}"))
    assert "it is rolled back" in caplog.text
    assert await _rows(harness, database) == "0"


async def test_a_message_whose_conversation_is_over_begins_none() -> None:
    harness = Harness()
    message = harness.message()
    await message.ending.come()
    with pytest.raises(Fault, match="the conversation is over"):
        await harness.run(_tx("new"), message)


async def test_branches_at_the_same_time_share_the_transaction_in_turn(database: Db) -> None:
    harness = await _made(database)
    message = harness.message()
    await harness.run(_tx("new") + _insert(database, 1), message)
    branches = [message.clone() for _ in range(10)]
    steps = [harness.run(_insert(database, id_), branch) for id_, branch in enumerate(branches, 10)]
    await asyncio.gather(*steps)
    await harness.run(_tx("commit"), message)
    assert await _rows(harness, database) == "11"


def test_an_unknown_action_is_a_problem_at_load() -> None:
    [problem] = Harness().problems('<transaction action="start"/>')
    assert "error[bad-choice]: 'start' is not one of new, commit, rollback" in problem
