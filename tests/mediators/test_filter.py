from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.testing.harness import Harness

THEN, ELSE = '<property name="ran" value="then"/>', '<property name="ran" value="else"/>'
BRANCHES = f"<then>{THEN}</then><else>{ELSE}</else>"


async def _ran(condition: str, body: bytes = b"", **properties: Any) -> str:
    harness = Harness()
    message = harness.message(body)
    message.properties.update(properties)
    assert await harness.run(f"<filter {condition}>{BRANCHES}</filter>", message) is True
    return str(message.properties["ran"])


@pytest.mark.parametrize(
    ("value", "regex", "ran"),
    [
        ("abc", "abc", "then"),
        ("abc", "b", "else"),
        ("abc", "ab", "else"),
        ("abc", ".*b.*", "then"),
        ("abc", "a|abc", "then"),
        ("", "", "then"),
        ("", ".+", "else"),
        ("abc\n", "abc", "else"),
        (200, "2..", "then"),
        (None, ".*", "else"),
    ],
)
async def test_trap_15_the_regex_matches_all_of_it(value: Any, regex: str, ran: str) -> None:
    assert await _ran(f'source="$ctx:v" regex="{regex}"', v=value) == ran


@pytest.mark.parametrize(
    ("value", "ran"),
    [("true", "then"), ("false", "then"), ("x", "then"), ("", "else"), (None, "else"), (True, "then"), (False, "else")],
)
async def test_trap_16_text_from_xpath_is_true_unless_empty(value: Any, ran: str) -> None:
    assert await _ran('xpath="$ctx:v"', v=value) == ran


@pytest.mark.parametrize(
    ("body", "ran"),
    [
        (b'{"v": true}', "then"),
        (b'{"v": "TRUE"}', "then"),
        (b'{"v": false}', "else"),
        (b'{"v": "x"}', "else"),
        (b'{"v": 1}', "else"),
        (b'{"v": null}', "else"),
        (b"{}", "else"),
    ],
)
async def test_trap_16_json_is_true_only_as_the_word_true(body: bytes, ran: str) -> None:
    assert await _ran('xpath="json-eval($.v)"', body) == ran


@pytest.mark.parametrize(
    ("xpath", "ran"),
    [
        ("$ctx:n &gt; 3", "then"),
        ("$ctx:n = '5'", "then"),
        ("$ctx:missing = ''", "else"),
        ("$ctx:missing != ''", "else"),
        ("not(get-property('missing') = '')", "then"),
        ("get-property('axis2', 'HTTP_METHOD') = 'POST'", "else"),
    ],
)
async def test_trap_04_comparisons(xpath: str, ran: str) -> None:
    assert await _ran(f'xpath="{xpath}"', n="5") == ran


@pytest.mark.parametrize(("value", "properties"), [("1", {"v": "1", "ran": "then"}), ("", {"v": ""})])
async def test_trap_16_without_then_the_children_are_the_branch(value: str, properties: dict[str, str]) -> None:
    harness = Harness()
    message = harness.message()
    message.properties["v"] = value
    assert await harness.run(f'<filter xpath="$ctx:v">{THEN}</filter>', message) is True
    assert message.properties == properties


@pytest.mark.parametrize("inside", ["", "<then/>", "<then/><else/>"])
@pytest.mark.parametrize("condition", ["true()", "false()"])
async def test_an_empty_branch_goes_on(condition: str, inside: str) -> None:
    harness = Harness()
    assert await harness.run(f'<filter xpath="{condition}">{inside}</filter>', harness.message()) is True


@pytest.mark.parametrize(("condition", "goes_on"), [("true()", False), ("false()", True)])
@pytest.mark.parametrize("inside", ["<then><drop/></then>", "<drop/>", "<then><drop/></then><else><log/></else>"])
async def test_a_branch_that_ends_the_flow_ends_it(condition: str, goes_on: bool, inside: str) -> None:
    harness = Harness()
    message = harness.message()
    assert await harness.run(f'<filter xpath="{condition}">{inside}</filter>', message) is goes_on


@pytest.mark.parametrize(("condition", "ran"), [("true()", "one"), ("false()", "two")])
async def test_a_branch_may_name_a_sequence(condition: str, ran: str) -> None:
    harness = Harness(
        '<sequence name="one"><property name="ran" value="one"/></sequence>'
        '<sequence name="two"><property name="ran" value="two"/></sequence>'
    )
    message = harness.message()
    xml = f'<filter xpath="{condition}"><then sequence="one">{THEN}</then><else sequence="two"/></filter>'
    assert await harness.run(xml, message) is True
    assert message.properties == {"ran": ran}


async def test_a_fault_tells_the_step_inside() -> None:
    harness = Harness()
    with pytest.raises(Fault) as caught:
        await harness.run('<filter xpath="true()"><then>\n<throwError/></then></filter>', harness.message())
    assert caught.value.at() == "test.xml:2:1 <throwError>"


@pytest.mark.parametrize(
    ("xml", "reads"),
    [
        (f'<filter xpath="$ctx:v">{BRANCHES}</filter>', False),
        ('<filter xpath="$ctx:v"><then><log level="full"/></then></filter>', False),
        (f'<filter xpath="json-eval($.v)">{BRANCHES}</filter>', True),
        (f'<filter source="//v" regex="x">{BRANCHES}</filter>', True),
    ],
)
def test_only_the_condition_counts_as_reading_the_body(xml: str, reads: bool) -> None:
    assert Harness().steps(xml)[0].reads_body is reads


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ("<filter/>", "2:1: error[one-of]"),
        ('<filter xpath="1" source="2" regex="3"/>', "2:1: error[one-of]"),
        ('<filter source="1"/>', "2:1: error[requires]"),
        ('<filter xpath="1"><else/></filter>', "2:1: error[requires]"),
        ('<filter xpath="1"><then/><then/></filter>', "2:26: warning[repeated-element]"),
        ('<filter source="1" regex="a("/>', "2:28: error[bad-value]"),
        ('<filter xpath="1"><then><lgo/></then></filter>', "2:25: error[unknown-mediator]"),
    ],
)
def test_mistakes_are_problems_at_load(xml: str, code: str) -> None:
    [problem] = Harness().problems(f"\n{xml}")
    assert problem.startswith(f"{code}: ")


async def test_a_regex_beside_an_xpath_is_ignored() -> None:
    message = Harness().message()
    harness = Harness()
    await harness.run(
        '<filter xpath="true()" regex="nothing"><then><property name="a" value="1"/></then></filter>', message
    )
    assert message.properties["a"] == "1"


async def test_a_regex_without_end_on_what_a_client_sent_is_a_fault() -> None:
    with pytest.raises(Fault, match=r"took more than 0\.5 seconds for a text of 61 characters"):
        await _ran('source="$ctx:v" regex="(a|aa)+$"', v="a" * 60 + "b")
