from __future__ import annotations

import pytest

from engine.core.clock import Clock
from engine.errors import Fault
from engine.message.headers import Headers
from engine.plugins.policy import RateLimit, retry_delay


class Time:
    def __init__(self) -> None:
        self.seconds = 1_700_000_000.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def clock(self, jitter: float = 0.0) -> Clock:
        return Clock(lambda: self.seconds, lambda: self.seconds, self.sleep, lambda: jitter)


@pytest.mark.parametrize(
    ("value", "retries", "jitter", "delay"),
    [
        (None, 0, 0.0, 0.5),
        (None, 1, 0.0, 1.0),
        (None, 0, 1.0, 0.6),
        ("3", 0, 1.0, 3.0),
        (" 10 ", 1, 0.0, 10.0),
        ("11", 0, 0.0, None),
        ("9" * 400, 0, 0.0, None),
        ("-1", 0, 0.0, 0.5),
        ("later", 1, 0.0, 1.0),
        ("Tue, 14 Nov 2023 22:13:24 GMT", 0, 0.0, 4.0),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0, 0.0, 0.0),
        ("Tue, 14 Nov 2023 23:00:00 GMT", 0, 0.0, None),
    ],
)
def test_retry_delay(value: str | None, retries: int, jitter: float, delay: float | None) -> None:
    headers = Headers([] if value is None else [(b"retry-after", value.encode())])
    assert retry_delay(headers, retries, Time().clock(jitter)) == (None if delay is None else pytest.approx(delay))


async def test_rate_limit_spreads_calls() -> None:
    time = Time()
    limit = RateLimit(3, time.clock())
    begun = []
    for _ in range(7):
        await limit.wait("a", 10)
        begun.append(time.seconds - 1_700_000_000)
    assert begun == pytest.approx([0, 0, 0, 1.05, 1.05, 1.05, 2.10])


async def test_idle_time_frees_places() -> None:
    time = Time()
    limit = RateLimit(2, time.clock())
    for _ in range(2):
        await limit.wait("a", 10)
    time.seconds += 2
    await limit.wait("a", 10)
    assert time.slept == []


async def test_keys_do_not_disturb_each_other() -> None:
    time = Time()
    limit = RateLimit(1, time.clock())
    for key in ("a", "b", "c"):
        await limit.wait(key, 10)
    assert time.slept == []


async def test_refusal_takes_no_place() -> None:
    time = Time()
    limit = RateLimit(1, time.clock())
    await limit.wait("a", 1)
    for _ in range(3):
        with pytest.raises(Fault, match="too many calls wait for the same account, which takes 1 per second"):
            await limit.wait("a", 1)
    time.seconds += 1.05
    await limit.wait("a", 1)
    assert time.slept == []


async def test_memory_is_bounded() -> None:
    limit = RateLimit(1, Time().clock())
    for number in range(10_050):
        await limit.wait(str(number), 1)
    assert len(limit._slots) == 10_000
