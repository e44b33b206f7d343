from __future__ import annotations

from typing import Any

import pytest

from engine.testing.harness import Harness


def _switch(*regexes: str, default: bool = True) -> str:
    cases = "".join(
        f'<case regex="{regex}"><property name="ran" value="{index}"/></case>' for index, regex in enumerate(regexes)
    )
    last = '<default><property name="ran" value="default"/></default>' if default else ""
    return f'<switch source="$ctx:v">{cases}{last}</switch>'


async def _ran(xml: str, value: Any) -> Any:
    harness = Harness()
    message = harness.message()
    message.properties["v"] = value
    assert await harness.run(xml, message) is True
    return message.properties.get("ran")


@pytest.mark.parametrize(
    ("value", "ran"),
    [("IBM", "0"), ("MSFT", "1"), ("IBM2", "2"), ("xIBM", "default"), ("", "default"), (None, "default"), (42, "3")],
)
async def test_trap_15_a_case_matches_the_whole_text(value: Any, ran: str) -> None:
    assert await _ran(_switch("IBM", "MS.*", "IBM.", r"\d+"), value) == ran


async def test_trap_16_only_the_first_matching_case_runs() -> None:
    assert await _ran(_switch("a.*", "ab", ".*"), "ab") == "0"


@pytest.mark.parametrize("value", ["c", None])
async def test_trap_16_without_a_match_and_a_default_the_flow_goes_on(value: str | None) -> None:
    assert await _ran(_switch("a", default=False), value) is None


@pytest.mark.parametrize(("value", "ran"), [("", "0"), (None, "default")])
async def test_null_is_not_the_empty_text(value: str | None, ran: str) -> None:
    assert await _ran(_switch(".*"), value) == ran


async def test_a_switch_without_cases_runs_its_default() -> None:
    assert await _ran(_switch(), "x") == "default"


@pytest.mark.parametrize(("value", "goes_on"), [("a", False), ("b", True), ("c", False)])
async def test_a_case_that_ends_the_flow_ends_it(value: str, goes_on: bool) -> None:
    harness = Harness()
    message = harness.message()
    message.properties["v"] = value
    xml = '<switch source="$ctx:v"><case regex="a"><drop/></case><case regex="b"/><default><drop/></default></switch>'
    assert await harness.run(xml, message) is goes_on


async def test_json_and_64_bits() -> None:
    harness = Harness()
    message = harness.message(b'{"key": 400000000000000001}')
    xml = (
        '<switch source="json-eval($.key)"><case regex="400000000000000000"/>'
        '<case regex="400000000000000001"><drop/></case></switch>'
    )
    assert await harness.run(xml, message) is False


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        ("<switch/>", "2:1: error[missing-attribute]: <switch> needs the attribute 'source'."),
        ('<switch source="1"><case/></switch>', "2:20: error[missing-attribute]: <case> needs the attribute 'regex'."),
        (
            '<switch source="1"><default/><default/></switch>',
            "2:30: warning[repeated-element]: <switch> takes one <default> only; the first one counts.",
        ),
    ],
)
def test_mistakes_are_problems_at_load(xml: str, problem: str) -> None:
    assert Harness().problems(f"\n{xml}") == [problem]


def test_a_wrong_regex_is_a_problem_at_its_place() -> None:
    [problem] = Harness().problems('\n<switch source="1"><case regex="a("/></switch>')
    assert problem.startswith("2:34: error[bad-value]: ")
