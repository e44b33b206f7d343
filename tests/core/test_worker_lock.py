from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.core.worker_lock import open_lock, sole_worker, try_lock
from engine.errors import Fault
from engine.stores.registry import FileRegistry


def lock_files(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.rglob("*.lock"))


def test_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "x.lock"
    with open_lock(path) as first, open_lock(path) as second:
        assert try_lock(first)
        assert try_lock(first)
        assert not try_lock(second)
        first.close()
        assert try_lock(second)
    assert path.stat().st_mode & 0o777 == 0o600


async def test_work_of_one_name_goes_to_the_next_when_it_is_given_up(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    first = await sole_worker(registry, "proxy 'a/b'")
    (await sole_worker(registry, "another")).close()
    second = asyncio.create_task(sole_worker(registry, "proxy 'a/b'"))
    assert await asyncio.wait({second}, timeout=0.05) == (set(), {second})
    first.close()
    (await second).close()
    assert lock_files(tmp_path) == ["another.lock", "proxy%20%27a%2Fb%27.lock"]


async def test_who_waits_and_is_cancelled_holds_nothing(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    first = await sole_worker(registry, "a")
    second = asyncio.create_task(sole_worker(registry, "a"))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait({second})
    first.close()
    (await sole_worker(registry, "a")).close()


async def test_a_registry_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("no folder")
    with pytest.raises(Fault, match=r"workers agree who works, cannot be made: (File exists|Not a directory)"):
        await sole_worker(FileRegistry(tmp_path), "a")
