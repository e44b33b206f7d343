from __future__ import annotations

import pytest

from engine.core.clock import Clock
from engine.errors import Fault
from engine.plugins.paging import Paging
from engine.plugins.variant import Plan, Variant, is_relative_time, relative_time

CLOCK = Clock(now=lambda: 1_465_490_758.9)
"""2016-06-09T16:45:58.9Z"""


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("now", "2016-06-09T16:45:58Z"),
        ("now+365d", "2017-06-09T16:45:58Z"),
        ("now-12h", "2016-06-09T04:45:58Z"),
        ("now+15m", "2016-06-09T17:00:58Z"),
        ("now-58s", "2016-06-09T16:45:00Z"),
    ],
)
def test_relative_times(text: str, instant: str) -> None:
    assert is_relative_time(text)
    assert relative_time(text, CLOCK) == instant


@pytest.mark.parametrize("text", ["", "tomorrow", "now+", "now+1", "now+1y", "2016-06-09T16:45:58Z", 7, None])
def test_other_defaults(text: object) -> None:
    assert not is_relative_time(text)


def test_requirements_and_defaults_of_a_version() -> None:
    variant = Variant(
        method="GET",
        path="/things",
        query={"from": "{from}", "kind": "{kind}"},
        required=("from",),
        defaults={"kind": "all"},
    )
    plan = Plan("acme.list", variant, (), CLOCK)
    assert plan.request({}, {"from": "a b"}).path == "/things?from=a%20b&kind=all"
    with pytest.raises(Fault, match="from is required"):
        plan.request({}, {})


def test_a_list_in_pages_takes_one_page_too() -> None:
    plan = Plan("acme.list", Variant(method="GET", path="/things", paging=Paging(size="limit")), (), CLOCK)
    assert plan.request({}, {}).path == "/things"
    assert plan.request({}, {"page": 2, "limit": 50}).path == "/things?page=2&limit=50"
