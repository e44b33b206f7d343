from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.testing.harness import Harness
from tests.mediators.conftest import Db

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20))"


def _report(database: Db, *statements: str, attributes: str = "") -> str:
    inner = "".join(f"<statement>{each}</statement>" for each in statements)
    return f"<dbreport {attributes}>{database.connection}{inner}</dbreport>"


def _insert(id_: int) -> str:
    name = "<parameter value='n' type='CHAR'/>"
    return f"<sql>INSERT INTO t VALUES (?, ?)</sql><parameter value='{id_}' type='INTEGER'/>{name}"


async def _ids(harness: Harness, database: Db) -> str:
    message = harness.message()
    count = "<sql>SELECT COUNT(*) AS n, SUM(id) AS s FROM t</sql><result name='n' column='n'/>"
    await harness.run(f"<dblookup>{database.connection}<statement>{count}</statement></dblookup>", message)
    return str(message.properties["n"])


async def _made(database: Db) -> Harness:
    harness = Harness()
    await harness.run(_report(database, f"<sql>{TABLE}</sql>"), harness.message())
    return harness


async def test_the_number_of_rows_is_a_property(database: Db) -> None:
    harness = await _made(database)
    message = harness.message()
    await harness.run(_report(database, _insert(1), _insert(2)), message)
    assert message.properties["DBREPORT_MODIFIED_RAW_COUNT"] == 1
    await harness.run(_report(database, "<sql>UPDATE t SET name = 'x'</sql>"), message)
    assert message.properties["DBREPORT_MODIFIED_RAW_COUNT"] == 2
    await harness.run(_report(database, "<sql>DELETE FROM t WHERE id = 9</sql>"), message)
    assert message.properties["DBREPORT_MODIFIED_RAW_COUNT"] == 0


async def test_each_statement_is_committed_by_itself(database: Db) -> None:
    harness = await _made(database)
    with pytest.raises(Fault, match="refused"):
        await harness.run(_report(database, _insert(1), _insert(1)), harness.message())
    assert await _ids(harness, database) == "1"


async def test_use_transaction_commits_all_or_nothing(database: Db) -> None:
    harness = await _made(database)
    xml = _report(database, _insert(1), _insert(1), attributes='useTransaction="true"')
    with pytest.raises(Fault, match="refused"):
        await harness.run(xml, harness.message())
    assert await _ids(harness, database) == "0"
    await harness.run(_report(database, _insert(1), _insert(2), attributes='useTransaction="true"'), harness.message())
    assert await _ids(harness, database) == "2"


async def test_without_statements_it_does_nothing(sqlite: Db) -> None:
    harness = Harness()
    message = harness.message()
    assert await harness.run(_report(sqlite, attributes='useTransaction="true"'), message) is True
    assert "DBREPORT_MODIFIED_RAW_COUNT" not in message.properties
