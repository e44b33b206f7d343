"""Whether time grows with the input and no faster: an aggregate, a foreach, an XML body, each at three sizes.

In this process, without sockets: what is measured is the CPU time of the engine's own work on one message.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bench import tables
from bench.group import Group, Options, Outcome
from engine.core.http import HttpRequest, HttpResponse
from engine.runtime.memory import calm_collector
from engine.testing.harness import Harness, StubClient, response

RUNS = 3
TARGET_GROWTH = 2.0
"""How much more one item may cost at the largest size than at the smallest."""

_CALL = '<call><endpoint><http method="post" uri-template="http://back.end/"/></endpoint></call>'


@dataclass(frozen=True, slots=True)
class Case:
    """A flow, and bodies of growing size. ``item`` is what times are told for."""

    title: str
    item: str
    sizes: tuple[int, int, int]
    flow: str
    body: Callable[[int], tuple[bytes, str]]


@dataclass(frozen=True, slots=True)
class Linear:
    """Seconds of CPU time for each size, the best of the runs."""

    case: str
    item: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]
    failed: bool = False

    @property
    def per_item(self) -> list[float]:
        """Microseconds."""
        return [each / size * 1e6 for each, size in zip(self.seconds, self.sizes, strict=True)]

    @property
    def growth(self) -> float:
        return self.per_item[-1] / self.per_item[0]


def _array(count: int) -> tuple[bytes, str]:
    return json.dumps([{"id": number, "price": 9.5} for number in range(count)]).encode(), "application/json"


def _xml(size: int) -> tuple[bytes, str]:
    order = "<order><id>4711</id><price>9.50</price><who>Jörg</who></order>"
    return f"<orders>{order * (size // len(order.encode()))}</orders>".encode(), "application/xml"


CASES = (
    Case(
        "aggregate of the parts of an iterate, with a call each",
        "part",
        (100, 1_000, 4_000),
        f'<iterate id="i" expression="json-eval($)"><target><sequence>{_CALL}</sequence></target></iterate>'
        '<aggregate id="i"><onComplete expression="json-eval($)"><respond/></onComplete></aggregate>',
        _array,
    ),
    Case(
        "foreach in place",
        "item",
        (1_000, 10_000, 40_000),
        '<foreach expression="json-eval($)"><sequence><property name="last" expression="json-eval($.id)"/></sequence>'
        "</foreach><respond/>",
        _array,
    ),
    Case(
        "foreach of a collection",
        "item",
        (1_000, 10_000, 40_000),
        '<foreach collection="json-eval($)"><sequence><property name="last" expression="json-eval($.id)"/></sequence>'
        "</foreach><respond/>",
        _array,
    ),
    Case(
        "XML body: XPath, foreach over its elements, and out",
        "kB",
        (100, 1_000, 10_000),
        '<property name="count" expression="count(//order)"/>'
        '<foreach expression="//order"><sequence><property name="last" expression="//id"/></sequence></foreach>'
        "<respond/>",
        lambda size: _xml(size * 1_000),
    ),
)


def measure() -> list[Linear]:
    """All cases."""
    log = logging.getLogger("myelin")
    before = log.level
    log.setLevel(logging.ERROR)
    calm_collector()  # as the server does
    try:
        return [asyncio.run(_measure(case)) for case in CASES]
    finally:
        log.setLevel(before)


async def _measure(case: Case) -> Linear:
    harness = Harness(
        f'<proxy name="p"><target><inSequence>{case.flow}</inSequence></target></proxy>', http=StubClient(_echo)
    )
    seconds, failed = [], False
    for size in case.sizes:
        body, content_type = case.body(size)
        times = []
        for _ in range(RUNS):
            message = harness.message(body, content_type)
            began = time.process_time()
            answer = await harness.serve("/services/p", message)
            times.append(time.process_time() - began)
            failed |= answer is None or answer.status != 200
        seconds.append(min(times))
    return Linear(case.title, case.item, case.sizes, tuple(seconds), failed)


def _echo(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.body, bytes)
    return response(200, request.body)


def report(results: Iterable[Linear]) -> str:
    columns = ("what", "sizes", "CPU µs an item", "growth", "target")
    return tables.table("Time grows with the size and no faster", columns, map(_line, results))


def _line(result: Linear) -> tuple[str, ...]:
    sizes = ", ".join(f"{size:,}" for size in result.sizes)
    times = ", ".join(f"{each:.1f}" for each in result.per_item)
    verdict = "**failed**" if result.failed else tables.below(result.growth, TARGET_GROWTH, "times")
    return (result.case, f"{sizes} {result.item}", times, f"{result.growth:.2f}", verdict)


def run(options: Options) -> Outcome:
    results = measure()
    return Outcome(report(results), results, any(result.failed for result in results))


GROUP = Group("linear", "time for one item of an aggregate, a foreach, an XML body at three sizes", 20, run)
