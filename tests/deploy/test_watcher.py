"""One look at a time; the pace is tested with a real server in tests/e2e."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.deploy import watcher
from engine.deploy.deployment import Deployment
from engine.deploy.watcher import Watcher

Write = Callable[[str, str], Path]

SEQUENCE = '<sequence name="s"><drop/></sequence>'


def names(deployment: Deployment) -> list[str]:
    return [artifact.name for artifact in deployment.snapshot.artifacts()]


async def test_change_is_taken_when_two_looks_agree(deployment: Deployment, write: Write) -> None:
    looking = Watcher(deployment)
    file = write("s.xml", SEQUENCE)
    assert [await looking.look(), await looking.look(), await looking.look()] == [False, True, False]
    assert names(deployment) == ["s"]
    write("t.xml", '<sequence name="t"><drop/></sequence>')
    assert [await looking.look(), await looking.look()] == [False, True]
    assert names(deployment) == ["s", "t"]
    file.unlink()
    assert [await looking.look(), await looking.look()] == [False, True]
    assert names(deployment) == ["t"]


async def test_file_that_is_still_being_written_waits(deployment: Deployment, write: Write) -> None:
    looking = Watcher(deployment)
    for length in range(1, 4):
        write("s.xml", SEQUENCE + " " * length)
        assert not await looking.look()
    assert await looking.look()
    assert deployment.errors == []


async def test_file_that_changes_all_the_time_holds_up_no_other(deployment: Deployment, write: Write) -> None:
    """It keeps the version that is deployed, until it settles too; a removal settles like a change."""
    looking = Watcher(deployment)
    restless, gone = write("s.xml", SEQUENCE), write("gone.xml", SEQUENCE.replace('"s"', '"gone"'))
    deployment.deploy()
    write("t.xml", '<sequence name="t"><drop/></sequence>')
    gone.unlink()
    looks = []
    for length in range(1, watcher.RESTLESS + 2):
        write(restless.name, SEQUENCE.replace('"s"', '"changed"') + " " * length)
        looks.append(await looking.look())
    assert looks == [False] * watcher.RESTLESS + [True]
    assert names(deployment) == ["s", "t"]
    assert await looking.look()
    assert sorted(names(deployment)) == ["changed", "t"]


async def test_same_size_counts_as_a_change_by_its_time(deployment: Deployment, write: Write) -> None:
    looking = Watcher(deployment)
    write("s.xml", SEQUENCE)
    await looking.look()
    await looking.look()
    os.utime(write("s.xml", SEQUENCE.replace('"s"', '"t"')), ns=(0, 1))
    await looking.look()
    await looking.look()
    assert names(deployment) == ["t"]


async def test_log_tells_what_changed(deployment: Deployment, write: Write, caplog: pytest.LogCaptureFixture) -> None:
    looking = Watcher(deployment)
    with caplog.at_level(logging.INFO, "myelin.deploy"):
        for change in (
            lambda: write("s.xml", SEQUENCE),
            lambda: write("s.xml", SEQUENCE + " "),
            lambda: write("s.xml", SEQUENCE).unlink(),
        ):
            change()
            await looking.look()
            await looking.look()
    said = [record.getMessage().partition(" ") for record in caplog.records]
    assert [(verb, Path(file).name) for verb, _, file in said] == [
        ("added", "s.xml"),
        ("changed", "s.xml"),
        ("removed", "s.xml"),
    ]


async def test_folder_that_goes_away_is_logged_once_and_what_ran_goes_on(
    deployment: Deployment,
    write: Write,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watcher, "INTERVAL", 0.001)
    write("s.xml", SEQUENCE)
    deployment.deploy()
    shutil.rmtree(folder)
    looks = 0
    enough = asyncio.Event()
    find = deployment.find

    def count_and_find() -> object:
        nonlocal looks
        looks += 1
        if looks == 5:
            loop.call_soon_threadsafe(enough.set)
        return find()

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(deployment, "find", count_and_find)
    with caplog.at_level(logging.ERROR, "myelin.deploy"):
        watching = asyncio.create_task(Watcher(deployment).watch())
        await asyncio.wait_for(enough.wait(), 10)
        watching.cancel()
    assert [record.getMessage() for record in caplog.records] == [
        f"there is no folder or file '{folder}'; what was deployed keeps running"
    ]
    assert names(deployment) == ["s"]
