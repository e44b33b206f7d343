from __future__ import annotations

import pytest

from engine.message.ending import Ending


async def test_each_action_runs_once_the_last_one_first() -> None:
    ending, done = Ending(), list[str]()

    def noting(name: str) -> None:
        async def action() -> None:
            done.append(name)

        ending.add(action)

    noting("a")
    noting("b")
    assert not ending.passed
    await ending.come()
    await ending.come()
    assert done == ["b", "a"]
    assert ending.passed


async def test_a_failure_stops_no_other_action(caplog: pytest.LogCaptureFixture) -> None:
    ending, done = Ending(), list[str]()

    async def good() -> None:
        done.append("good")

    async def bad() -> None:
        raise ValueError("bad")

    ending.add(good)
    ending.add(bad)
    await ending.come()
    assert done == ["good"]
    assert "ValueError: bad" in caplog.text


async def test_the_end_comes_once() -> None:
    async def action() -> None: ...

    ending = Ending()
    await ending.come()
    with pytest.raises(AssertionError, match="over"):
        ending.add(action)
