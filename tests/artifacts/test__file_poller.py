from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest

from engine.artifacts import _file_finder, _file_poller
from engine.artifacts._file_poller import FilePoller
from engine.artifacts._file_settings import FileSettings
from engine.artifacts._held_file import HeldFile
from engine.artifacts._schedule import Schedule
from engine.core.branches import Branches
from engine.core.worker_lock import sole_worker
from engine.errors import Fault
from engine.message.context import MessageContext
from engine.testing.harness import Harness

Work = Callable[[MessageContext], Awaitable[None]]


class Played:
    """A conversation that remembers the bodies and headers of its messages."""

    def __init__(self, work: Work | None = None) -> None:
        self.messages: list[MessageContext] = []
        self.bodies: list[bytes] = []
        self.names: list[str | None] = []
        self._work = work

    async def serve(self, message: MessageContext) -> None:
        await message.payload.load(1 << 20)
        self.messages.append(message)
        self.bodies.append(cast(bytes, message.payload.body()))
        self.names.append(message.headers.get("file_name"))
        if self._work is not None:
            await self._work(message)


class Once(Schedule):
    """Comes a number of times, and then ends the poller."""

    def __init__(self, times: int = 1) -> None:
        self._left = times

    async def next(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise asyncio.CancelledError


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


async def look(
    played: Played,
    inbox: Path,
    times: int = 1,
    at_once: bool = False,
    schedule: Schedule | None = None,
    **settings: str,
) -> None:
    given = {"FileURI": f"file://{inbox}"} | settings
    read = FileSettings.read({f"transport.vfs.{name}": value for name, value in given.items()})
    poller = FilePoller("the poller", read, played, schedule or Once(times), {"isInbound": True}, at_once=at_once)
    harness = Harness()
    with pytest.raises(asyncio.CancelledError):
        await poller.run(lambda: harness.snapshot)


async def failing(message: MessageContext) -> None:
    message.branches = Branches()
    message.branches.fault = Fault("it went wrong")


async def rolling_back(message: MessageContext) -> None:
    message.properties["SET_ROLLBACK_ONLY"] = "true"


def left(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if not each.is_dir())


async def test_a_message_tells_of_its_file(inbox: Path) -> None:
    (inbox / "größe 1.json").write_bytes(b'{"a": 1}')
    os.utime(inbox / "größe 1.json", ns=(0, 1_700_000_000_123_000_000))
    played = Played()
    await look(played, inbox)
    [message] = played.messages
    assert played.bodies == [b'{"a": 1}']
    assert dict(message.headers) == {
        "content-type": "application/json",
        "file_path": f"{inbox}/größe 1.json",
        "file_name": "größe 1.json",
        "file_uri": f"file://{inbox}/gr%C3%B6%C3%9Fe%201.json",
        "file_length": "8",
        "last_modified": "1700000000123",
    }
    assert message.properties == {"isInbound": True}
    assert left(inbox) == []


@pytest.mark.parametrize(
    ("work", "settings", "remaining", "runs"),
    [
        (None, {}, [], 1),
        (None, {"ActionAfterProcess": "DELETE"}, [], 1),
        (None, {"ActionAfterProcess": "MOVE", "MoveAfterProcess": "DONE"}, ["done/a.txt"], 1),
        (None, {"ActionAfterProcess": "NONE"}, ["in/a.txt"], 2),
        (failing, {"ActionAfterProcess": "DELETE"}, ["in/a.txt"], 1),
        (failing, {"ActionAfterFailure": "DELETE"}, [], 1),
        (failing, {"ActionAfterFailure": "NONE"}, ["in/a.txt"], 2),
        (failing, {"ActionAfterFailure": "MOVE", "MoveAfterFailure": "DONE"}, ["done/a.txt"], 1),
        (rolling_back, {"ActionAfterFailure": "MOVE", "MoveAfterFailure": "DONE"}, ["done/a.txt"], 1),
    ],
)
async def test_what_becomes_of_a_file(
    inbox: Path, tmp_path: Path, work: Work | None, settings: dict[str, str], remaining: list[str], runs: int
) -> None:
    (inbox / "a.txt").write_text("x")
    given = {name: value.replace("DONE", f"file://{tmp_path}/done") for name, value in settings.items()}
    played = Played(work)
    await look(played, inbox, times=2, **given)
    assert left(tmp_path) == remaining
    assert len(played.bodies) == runs


@pytest.mark.parametrize(
    ("settings", "taken"),
    [
        ({}, ["a.txt", "b.xml", "c.txt"]),
        ({"FileNamePattern": r".*\.txt"}, ["a.txt", "c.txt"]),
        ({"FileNamePattern": "a"}, []),
        ({"FileSortAscending": "false"}, ["c.txt", "b.xml", "a.txt"]),
        ({"FileSortAttribute": "Size"}, ["c.txt", "b.xml", "a.txt"]),
        ({"FileSortAttribute": "Lastmodifiedtimestamp"}, ["b.xml", "a.txt", "c.txt"]),
        ({"FileProcessCount": "2"}, ["a.txt", "b.xml"]),
        ({"FileSizeLimit": "2"}, ["b.xml", "c.txt"]),
        ({"MinimumAge": "1500"}, ["a.txt", "b.xml"]),
        ({"waitTimeBeforeRead": "2500000"}, ["b.xml"]),
        ({"MaximumAge": "1500"}, ["c.txt"]),
    ],
)
async def test_which_files_in_which_order(inbox: Path, settings: dict[str, str], taken: list[str]) -> None:
    for name, text, age in (("a.txt", "333", 2000), ("b.xml", "22", 3000), ("c.txt", "1", 1000)):
        (inbox / name).write_text(text)
        stamp = (inbox / name).stat().st_mtime - age
        os.utime(inbox / name, (stamp, stamp))
    played = Played()
    await look(played, inbox, **settings)
    assert played.names == taken


async def test_what_is_never_taken(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("mine")
    (inbox / "link.txt").symlink_to(tmp_path / "outside.txt")
    (inbox / "sub").mkdir()
    (inbox / "sub" / "deep.txt").write_text("deep")
    for name in (".hidden", "line\nbreak", "busy.txt", "busy.txt.lock"):
        (inbox / name).write_text("x")
    played = Played()
    await look(played, inbox)
    assert played.names == []
    await look(played, inbox, Locking="disable")
    assert played.names == ["busy.txt"]
    assert (tmp_path / "outside.txt").read_text() == "mine"


async def test_folders_below_and_their_names_in_the_target(inbox: Path, tmp_path: Path) -> None:
    (inbox / "sub").mkdir()
    (inbox / "sub" / "deep.txt").write_text("deep")
    played = Played()
    done = f"file://{tmp_path}/done/*"
    await look(played, inbox, FileURI=f"file://{inbox}/*", ActionAfterProcess="MOVE", MoveAfterProcess=done)
    assert played.names == ["deep.txt"]
    assert played.messages[0].headers.get("relative_path") == "/sub"
    assert left(tmp_path) == ["done/sub/deep.txt"]


async def test_one_file_by_its_own_name(inbox: Path) -> None:
    (inbox / "a.txt").write_text("a")
    (inbox / "b.txt").write_text("b")
    played = Played()
    await look(played, inbox, FileURI=f"file://{inbox}/a.txt", FileNamePattern="ignored")
    assert (played.names, left(inbox)) == (["a.txt"], ["b.txt"])


async def test_a_file_that_failed_is_taken_again_when_it_has_changed(inbox: Path) -> None:
    file = inbox / "a.txt"
    file.write_text("bad")
    played = Played(failing)

    class Correcting(Once):
        async def next(self) -> None:
            if self._left == 2:
                assert played.bodies == [b"bad"]
                file.write_text("better")
            await super().next()

    await look(played, inbox, schedule=Correcting(4))
    assert played.bodies == [b"bad", b"better"]


async def test_what_is_written_to_while_its_flow_runs_is_not_lost(
    inbox: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = inbox / "a.txt"
    file.write_text("half")

    async def grow(message: MessageContext) -> None:
        if file.read_text() == "half":
            file.write_text("whole text")

    played = Played(grow)
    await look(played, inbox, times=2)
    assert played.bodies == [b"half", b"whole text"]
    assert left(inbox) == []
    assert "was written to while its flow ran" in caplog.text


class Clearing(Once):
    """Takes away what is in the way of the target before the last look."""

    def __init__(self, times: int, obstacle: Path) -> None:
        super().__init__(times)
        self._obstacle = obstacle

    async def next(self) -> None:
        if self._left == 2:
            self._obstacle.unlink()
        await super().next()


async def test_no_flow_runs_as_long_as_its_file_could_not_be_moved(
    inbox: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (inbox / "a.txt").write_text("a")
    done = tmp_path / "done"
    done.write_text("in the way")
    played = Played()
    given = {"ActionAfterProcess": "MOVE", "MoveAfterProcess": f"file://{done}"}
    await look(played, inbox, times=3, **given)
    assert played.bodies == []
    assert caplog.messages == [f"the poller: {done}: File exists"]
    await look(played, inbox, schedule=Clearing(3, done), **given)
    assert played.bodies == [b"a"]
    assert left(tmp_path) == ["done/a.txt"]


async def test_a_file_that_cannot_be_moved_runs_through_its_flow_once(
    inbox: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (inbox / "a.txt").write_text("a")
    done = tmp_path / "done"
    given = {"ActionAfterProcess": "MOVE", "MoveAfterProcess": f"file://{done}/deep/*", "FileURI": f"file://{inbox}/*"}
    (inbox / "sub").mkdir()
    (inbox / "a.txt").rename(inbox / "sub" / "a.txt")
    obstacle = done / "deep" / "sub"

    async def bar(message: MessageContext) -> None:
        obstacle.write_text("in the way")

    played = Played(bar)
    await look(played, inbox, schedule=Clearing(5, obstacle), **given)
    assert played.bodies == [b"a"]
    assert left(tmp_path) == ["done/deep/sub/a.txt"]
    text = f"the poller: {inbox}/sub/a.txt cannot be moved, which is tried again: File exists"
    assert caplog.messages == [text]


async def test_a_file_that_cannot_be_read_is_told_once(
    inbox: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inbox / "a.txt").write_text("a")

    def refuse(path: Path, root: Path) -> HeldFile | None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(HeldFile, "take", refuse)
    await look(Played(), inbox, times=3)
    assert caplog.messages == [f"the poller: {inbox}/a.txt: Permission denied"]


async def test_more_files_than_one_look_takes_need_no_further_turn(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_file_finder, "MOST", 2)
    monkeypatch.setattr(_file_poller, "MOST", 2)
    for name in "edcba":
        (inbox / name).write_text(name)
    played = Played()
    await look(played, inbox, times=1)
    assert played.bodies == [b"a", b"b", b"c", b"d", b"e"]
    for name in "cba":
        (inbox / name).write_text(name)
    staying = Played()
    await look(staying, inbox, times=1, ActionAfterProcess="NONE")
    assert staying.bodies == [b"a", b"b"]


async def test_of_several_workers_one_looks(inbox: Path) -> None:
    (inbox / "a").write_text("a")
    played, harness = Played(), Harness()
    settings = FileSettings.read({"transport.vfs.FileURI": f"file://{inbox}"})
    poller = FilePoller("the poller", settings, played, Once(), {})
    with await sole_worker(harness.snapshot.registry, "the poller"):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(poller.run(lambda: harness.snapshot), 0.05)
        assert played.bodies == []
    with pytest.raises(asyncio.CancelledError):
        await poller.run(lambda: harness.snapshot)
    assert played.bodies == [b"a"]


async def test_a_file_that_somebody_else_works_on_is_left_to_them(inbox: Path) -> None:
    (inbox / "a.txt").write_text("a")
    held = HeldFile.take(inbox / "a.txt", inbox)
    assert held is not None
    played = Played()
    await look(played, inbox)
    assert played.names == []
    held.close()
    await look(played, inbox)
    assert played.names == ["a.txt"]


async def test_a_missing_folder_is_told_once(inbox: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        await look(Played(), inbox, times=3, FileURI=f"file://{inbox}/none")
    assert caplog.messages == [f"the poller: {inbox}/none: No such file or directory"]


async def test_at_once(inbox: Path) -> None:
    for name in ("a", "b"):
        (inbox / name).write_text(name)
    both = asyncio.Barrier(2)

    async def meet(message: MessageContext) -> None:
        await both.wait()

    played = Played(meet)
    await asyncio.wait_for(look(played, inbox, at_once=True), 10)
    assert sorted(played.bodies) == [b"a", b"b"]


async def test_the_file_under_way_comes_to_its_end_when_the_poller_is_cancelled(inbox: Path) -> None:
    for name in ("a", "b"):
        (inbox / name).write_text(name)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait(message: MessageContext) -> None:
        begun.set()
        await go_on.wait()

    played, harness = Played(wait), Harness()
    settings = FileSettings.read({"transport.vfs.FileURI": f"file://{inbox}"})
    polling = asyncio.create_task(FilePoller("the poller", settings, played, Once(), {}).run(lambda: harness.snapshot))
    await begun.wait()
    polling.cancel()
    await asyncio.wait({polling})
    assert left(inbox) == ["a", "b"]
    go_on.set()
    await harness.services.drain(10)
    assert (played.names, left(inbox)) == (["a"], ["b"])
