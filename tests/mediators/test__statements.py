from __future__ import annotations

import pytest

from engine.mediators import _database
from engine.mediators._database import Databases
from engine.testing.harness import Harness


def _pools(harness: Harness) -> Databases:
    return harness.services.shared("database", "", lambda: Databases(1, 1))


async def test_pools_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_database, "MAX_POOLS", 2)
    harness = Harness()
    message = harness.message()
    for number in range(4):
        pool = f"<pool><url>jdbc:sqlite::memory:?{number}</url></pool>"
        xml = f"<dblookup><connection>{pool}</connection><statement><sql>SELECT 1</sql></statement></dblookup>"
        await harness.run(xml, message)
    assert len(_pools(harness)) == 2


async def test_equal_addresses_share_their_pool() -> None:
    harness = Harness()
    message = harness.message()
    pool = "<pool><url>jdbc:sqlite::memory:</url><property name='maxActive' value='3'/></pool>"
    create, drop = "CREATE TABLE t (id INTEGER)", "DROP TABLE t"
    for sql in (create, drop, create):
        xml = f"<dbreport><connection>{pool}</connection><statement><sql>{sql}</sql></statement></dbreport>"
        await harness.run(xml, message)
    assert len(_pools(harness)) == 1
