from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from engine.errors import Fault
from engine.mediators._database import Address, Threads
from tests.mediators.conftest import Db, Opened


def _query(sql: str):  # type: ignore[no-untyped-def]  # work for Database.run
    from sqlalchemy import text

    return lambda connection: connection.execute(text(sql)).scalar()


def test_a_password_is_in_no_text_of_an_address() -> None:
    assert "hunter2" not in repr(Address("jdbc:postgresql://h/d", "u", "hunter2"))


async def test_slow_work_is_stopped_and_told(postgresql: Db, opened: Opened) -> None:
    database = opened(Address(postgresql.url, postgresql.user, postgresql.password), Threads(2, 0.2))
    with pytest.raises(Fault, match=r"did not answer within 0.2 s") as raised:
        await database.run(_query("SELECT pg_sleep(30)"))
    assert raised.value.status == 504
    database.threads.timeout = 30
    # Nobody is at it any more: the server stopped it, and its connection is free again.
    running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
    for _ in range(200):
        if await database.run(_query(running)) == 0:
            break
    assert await database.run(_query(running)) == 0


async def test_slow_work_of_sqlite_is_stopped(tmp_path: Path, opened: Opened) -> None:
    database = opened(Address(f"jdbc:sqlite:{tmp_path / 'a.db'}"), Threads(1, 0.2))
    count = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
    with pytest.raises(Fault, match="did not answer within"):
        await database.run(_query(count))
    database.threads.timeout = 30
    assert await database.run(_query("SELECT 7")) == 7  # the one thread is free again


@pytest.mark.parametrize("url", ["jdbc:sqlite:{}", "sqlite:///{}"])
async def test_a_file_takes_no_notice_of_the_user_of_the_database_before(
    url: str, tmp_path: Path, opened: Opened
) -> None:
    database = opened(Address(url.format(tmp_path / "a.db"), "user", "pass"), Threads(1, 30))
    assert await database.run(_query("SELECT 7")) == 7


async def test_work_that_nobody_waits_for_is_not_begun(tmp_path: Path) -> None:
    threads = Threads(1, 30)
    begun: list[str] = []
    gate, there = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def first(job: object) -> None:
        loop.call_soon_threadsafe(there.set)
        gate.wait(30)

    blocking = asyncio.create_task(threads.run(first, "a"))
    await there.wait()
    waiting = asyncio.create_task(threads.run(lambda job: begun.append("second"), "b"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.set()
    await blocking
    await threads.run(lambda job: begun.append("third"), "c")
    assert begun == ["third"]


async def test_a_pool_that_is_used_up_is_told(postgresql: Db, opened: Opened) -> None:
    options = (("maxactive", "1"), ("maxwait", "100"))
    database = opened(Address(postgresql.url, postgresql.user, postgresql.password, options), Threads(2, 30))
    gate, there = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold(connection: object) -> None:
        loop.call_soon_threadsafe(there.set)
        gate.wait(30)

    holding = asyncio.create_task(database.run(hold))
    await there.wait()
    with pytest.raises(Fault, match="are in use") as raised:
        await database.run(_query("SELECT 1"))
    assert raised.value.status == 503
    gate.set()
    await holding
    assert await database.run(_query("SELECT 1")) == 1


async def test_isolation_as_the_pool_says(postgresql: Db, opened: Opened) -> None:
    options = (("isolation", "Connection.TRANSACTION_SERIALIZABLE"),)
    database = opened(Address(postgresql.url, postgresql.user, postgresql.password, options), Threads(1, 30))
    assert await database.run(_query("SHOW transaction_isolation")) == "serializable"


async def test_a_database_in_memory_is_one(opened: Opened) -> None:
    database = opened(Address("jdbc:sqlite::memory:"), Threads(4, 30))
    await database.run(lambda connection: connection.exec_driver_sql("CREATE TABLE t (id INTEGER)"))
    await asyncio.gather(
        *(
            database.run(lambda connection: connection.exec_driver_sql("INSERT INTO t VALUES (1)").rowcount)
            for _ in range(20)
        )
    )
    assert await database.run(_query("SELECT count(*) FROM t")) == 20


async def test_a_url_of_sqlalchemy_with_user_and_password_given_beside_it(postgresql: Db, opened: Opened) -> None:
    url = postgresql.url.replace("jdbc:postgresql", "postgresql+psycopg")
    database = opened(Address(url, postgresql.user, postgresql.password), Threads(1, 30))
    assert await database.run(_query("SELECT current_user")) == "tester"


def test_a_url_that_leads_nowhere_names_the_way_out(opened: Opened) -> None:
    with pytest.raises(Fault, match=r"'jdbc:derby://h/d' cannot be used: Derby .* under 'datasources'"):
        opened(Address("jdbc:derby://h/d;password=hunter2"), Threads(1, 1))
