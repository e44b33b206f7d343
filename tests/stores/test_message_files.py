"""Messages in files: what comes back is what was put, also after the process has ended."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from engine.errors import Fault
from engine.message.context import MessageContext
from engine.stores.message_files import FileQueue
from engine.testing.harness import Harness

ENV = Harness().snapshot


def message(body: bytes = b"{}", content_type: str = "application/json") -> MessageContext:
    made = Harness().message(body, content_type, headers={"X-A": "\u00e9", "X-B": "2"})
    made.properties.update(text="a", number=400000000000000001, yes=True, object=object())
    made.axis2["HTTP_METHOD"] = "PUT"
    made.variables["v"] = "w"
    made.to = "http://x/"
    return made


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"a": [1, 400000000000000001, null]}', "application/json"),
        ("<a>\u00e9</a>".encode(), "application/xml"),
        (b"\x00\xff", "application/octet-stream"),
        (b"", ""),
        ("\u00e9".encode("latin-1"), "text/plain; charset=ISO-8859-1"),
    ],
)
async def test_a_message_comes_back_as_it_was(tmp_path: Path, body: bytes, content_type: str) -> None:
    queue = FileQueue("q/1", tmp_path)
    sent = message(body, content_type)
    await queue.put(sent)
    queue.close()
    got = await FileQueue("q/1", tmp_path).first(ENV)
    assert got.env is ENV
    assert (got.payload.body(), got.payload.kind) == (body, sent.payload.kind)
    assert (got.headers.get("x-a"), got.headers.get("x-b")) == ("\u00e9", "2")
    assert got.properties == {"text": "a", "number": 400000000000000001, "yes": True}
    assert (got.axis2["HTTP_METHOD"], got.variables, got.to) == ("PUT", {"v": "w"}, "http://x/")
    assert got.correlation_id == sent.correlation_id


async def test_first_in_first_out_until_removed(tmp_path: Path) -> None:
    queue = FileQueue("q", tmp_path)
    waiting = asyncio.ensure_future(queue.first(ENV))
    for body in (b"1", b"2"):
        await queue.put(message(body, "text/plain"))
    first = await asyncio.wait_for(waiting, 10)
    assert (first.payload.body(), await queue.first(ENV) is first, await queue.size()) == (b"1", True, 2)
    await queue.remove(message())
    await queue.remove(first)
    assert ((await queue.first(ENV)).payload.body(), await queue.size()) == (b"2", 1)


async def test_one_at_a_time_takes_and_the_next_goes_on(tmp_path: Path) -> None:
    first, second = FileQueue("q", tmp_path), FileQueue("q", tmp_path)
    await second.put(message(b"1", "text/plain"))
    assert (await first.first(ENV)).payload.body() == b"1"
    waiting = asyncio.ensure_future(second.first(ENV))
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done
    first.close()
    assert (await asyncio.wait_for(waiting, 10)).payload.body() == b"1"


async def test_a_file_that_is_no_message_is_put_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    queue = FileQueue("q", tmp_path)
    await queue.put(message(b"1", "text/plain"))
    [file] = (tmp_path / "q").glob("*.json")
    bad = file.with_name("0" * 20 + "-1-1.json")
    bad.write_bytes(b"{")
    assert (await queue.first(ENV)).payload.body() == b"1"
    assert bad.with_suffix(".bad").exists()
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_a_bound_and_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FileQueue, "LIMIT", 1)
    queue = FileQueue("q", tmp_path)
    await queue.put(message())
    with pytest.raises(Fault, match="full"):
        await queue.put(message())
    (tmp_path / "file").write_text("x")
    with pytest.raises(Fault, match="cannot be written"):
        await FileQueue("q", tmp_path / "file").put(message())
    with pytest.raises(Fault, match="cannot be opened"):
        await FileQueue("q", tmp_path / "file").first(ENV)


async def test_files_are_their_owners_alone(tmp_path: Path) -> None:
    await FileQueue("q", tmp_path / "stores").put(message())
    [file] = (tmp_path / "stores" / "q").glob("*.json")
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
