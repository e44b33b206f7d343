from __future__ import annotations

import asyncio
import time

import pytest

from engine.mediators import _script_run
from engine.mediators.script import Script
from engine.message.codecs import json
from engine.testing.harness import Harness

ORDER = b'{"id": 1}'


def script(source: str) -> str:
    return f'<script language="js"><![CDATA[{source}]]></script>'


async def test_a_long_script_leaves_the_loop_to_others() -> None:
    harness = Harness()
    [slow] = harness.steps(script("var n = 0; for (var i = 0; i < 3000000; i++) n += i; mc.setProperty('n', n)"))
    message = harness.message(ORDER)
    work = asyncio.create_task(slow.mediate(message))
    longest, last = 0.0, time.monotonic()
    while not work.done():
        await asyncio.sleep(0)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert message.properties["n"] == 4499998500000
    assert longest < 0.2


async def test_a_large_payload_goes_to_a_thread() -> None:
    body = json.encode({"items": ["x" * 100] * 1000})
    assert len(body) > _script_run.LARGE
    harness = Harness()
    message = harness.message(body)
    await harness.run(script("mc.setProperty('n', mc.getPayloadJSON().items.length)"), message)
    assert message.properties["n"] == 1000


async def test_a_script_that_was_slow_once_comes_back_to_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_script_run, "PATIENCE", 3)
    harness = Harness()
    source = "if (mc.getProperty('slow')) for (var i = 0; i < 1000000; i++); mc.setProperty('done', 1)"
    [step] = harness.steps(script(source))
    assert isinstance(step, Script)
    slow = harness.message(ORDER)
    slow.properties["slow"] = True
    await step.mediate(slow)
    assert slow.properties["done"] == 1
    assert step._runs.in_threads == 3
    monkeypatch.setattr(_script_run, "QUICK", 1.0)  # as long as a run in a thread may take on a busy machine
    for left in (2, 1, 0):
        await step.mediate(harness.message(ORDER))
        assert step._runs.in_threads == left
