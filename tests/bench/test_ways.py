from __future__ import annotations

from pathlib import Path

import pytest

from bench import load, payloads, ways
from bench.load import Sample, WrongAnswer
from bench.payloads import Payload
from bench.ways import Way


def sample(cpu_seconds: float, errors: int = 0) -> Sample:
    return Sample(10_000, seconds=2.0, cpu_seconds=cpu_seconds, p99=0.01, errors=errors)


def test_cost_is_the_median_of_the_ratios_of_the_rounds() -> None:
    by_hand = Way("by hand", samples=[sample(1.0), sample(2.0), sample(1.0)])
    assert Way("mine", samples=[sample(1.0), sample(3.0), sample(4.0)]).cost(by_hand) == pytest.approx(1.5)


def test_each_stands_beside_the_first_and_its_target() -> None:
    found = [
        Way("by hand", samples=[sample(0.5)]),
        Way("a", samples=[sample(0.65)]),
        Way("b", samples=[sample(0.66)]),
        Way("c", samples=[sample(0.5, 1)]),
        Way("d", problem="wrong"),
    ]
    assert ways.report("calls", found, 1.3).splitlines()[2:] == [
        "| way | requests/s | CPU µs/request | / by hand | target |",
        "| --- | --- | --- | --- | --- |",
        "| by hand | 5,000 | 50 | 1.00 |  |",
        "| a | 5,000 | 65 | 1.30 | ≤ 1.3: ok |",
        "| b | 5,000 | 66 | 1.32 | ≤ 1.3: **MISSED** |",
        "| c | errors: **invalid** |  |  |  |",
        "| d | wrong |  |  |  |",
    ]
    assert [way.failed for way in found] == [False, False, False, True, True]
    assert ways.report("calls", found[:2]).endswith("| a | 5,000 | 65 | 1.30 |  |")


def test_all_take_turns_and_the_first_round_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def check(url: str, payload: Payload) -> int:
        if url == "/wrong":
            raise WrongAnswer("answered 500")
        return len(payload.body)

    def run(pid: int, url: str, payload: Payload, body: Path, seconds: int, answer: int) -> Sample:
        assert body.read_bytes() == payload.body
        asked.append(f"{url} {pid}")
        return sample(float(len(asked)))

    monkeypatch.setattr(load, "check", check)
    monkeypatch.setattr(load, "run", run)
    found = [Way("a", "/a", 1), Way("wrong", "/wrong", 2), Way("b", "/b", 3)]
    ways.take_turns(found, payloads.orders("json", "500 B"), tmp_path)
    assert asked == ["/a 1", "/b 3"] * (ways.ROUNDS + 1)
    assert [each.cpu_seconds for each in found[0].samples] == [3.0, 5.0, 7.0, 9.0, 11.0]
    assert [way.problem for way in found] == ["", "wrong answer", ""]
