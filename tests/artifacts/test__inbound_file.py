from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.artifacts.inbound_endpoint import InboundEndpoint
from engine.testing.harness import Harness, LoadError


def flows(tmp_path: Path, extra: str = "", sequence: str = "") -> str:
    return f"""
    <sequence name="take">{sequence}
      <property name="OUT_ONLY" value="true"/>
      <property name="transport.vfs.ReplyFileName" scope="transport"
        expression="fn:concat('copy-of-', get-property('transport', 'FILE_NAME'))"/>
      <send><endpoint><address uri="vfs:file://{tmp_path}/out"/></endpoint></send></sequence>
    <sequence name="refuse"><property name="SET_ROLLBACK_ONLY" value="true"/></sequence>
    <inboundEndpoint name="i" protocol="file" sequence="take" onError="refuse"><parameters>
      <parameter name="interval">5</parameter>
      <parameter name="transport.vfs.FileURI">file://{tmp_path}/in</parameter>
      <parameter name="transport.vfs.ActionAfterFailure">MOVE</parameter>
      <parameter name="transport.vfs.MoveAfterFailure">file://{tmp_path}/failed</parameter>{extra}
    </parameters></inboundEndpoint>"""


def files(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


async def until_gone(harness: Harness, *gone: Path) -> None:
    """Run the inbound endpoint until these files are gone."""
    [found] = [each for each in harness.snapshot.artifacts() if isinstance(each, InboundEndpoint)]
    polling = asyncio.create_task(found.run(lambda: harness.snapshot))
    for _ in range(2000):
        await asyncio.sleep(0.005)
        if not any(each.exists() for each in gone):
            break
    polling.cancel()
    await harness.services.drain(10)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "in" / "a.json").write_text('{"a": 1}')
    return tmp_path


async def test_a_file_becomes_another_file(home: Path) -> None:
    await until_gone(Harness(flows(home)), home / "in" / "a.json")
    assert files(home) == ["out/copy-of-a.json"]
    assert (home / "out" / "copy-of-a.json").read_text() == '{"a": 1}'


async def test_a_fault_that_the_flow_rolls_back_is_a_failure(home: Path) -> None:
    check = '<filter source="json-eval($.a)" regex="1"><then><throwError type="X" errorMessage="no"/></then></filter>'
    await until_gone(Harness(flows(home, sequence=check)), home / "in" / "a.json")
    assert files(home) == ["failed/a.json"]


async def test_what_cannot_be_written_is_a_failure_of_the_flow_also_when_nobody_waits_for_an_answer(home: Path) -> None:
    harness = Harness(flows(home).replace(f"{home}/out", "/proc/nothing/out"))
    await until_gone(harness, home / "in" / "a.json")
    assert files(home) == ["failed/a.json"]


@pytest.mark.parametrize(
    ("parameter", "code", "message"),
    [
        ('<parameter name="cron">never</parameter>', "bad-value", "'never' is no cron schedule"),
        ('<parameter name="transport.vfs.ActionAfterProcess">MOVE</parameter>', "missing-element", "MoveAfterProcess"),
    ],
)
def test_mistakes(home: Path, parameter: str, code: str, message: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(flows(home, parameter))
    [problem] = raised.value.problems
    assert problem.code == code
    assert message in problem.message
