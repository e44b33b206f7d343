"""What both forms have in common, and what is wrong at load."""

from __future__ import annotations

from typing import Any

import pytest

from engine.testing.harness import Harness

CALL = '<call><endpoint><http method="post" uri-template="http://b/"/></endpoint></call>'

PROBLEMS: dict[str, Any] = {
    "neither form": (
        "<foreach><sequence/></foreach>",
        "2:1: error[one-of]: <foreach> needs exactly one of the attribute 'expression', the attribute 'collection'.",
    ),
    "no mediators": (
        '<foreach expression="//x"/>',
        "2:1: error[one-of]: <foreach> needs exactly one of the attribute 'sequence', <sequence>.",
    ),
    "trap 29: call": (
        f'<foreach expression="//x"><sequence>{CALL}</sequence></foreach>',
        "2:1: error[unsupported]: <foreach>: <call> cannot stand inside a foreach with 'expression'. "
        "Use 'collection' in place of 'expression', or <iterate>.",
    ),
    "trap 29: send": (
        '<foreach expression="//x"><sequence><send/></sequence></foreach>',
        "2:1: error[unsupported]: <foreach>: <send> cannot stand inside a foreach with 'expression'. "
        "Use 'collection' in place of 'expression', or <iterate>.",
    ),
    "a path nothing can be put back at": (
        '<foreach expression="json-eval($..x)"><sequence/></foreach>',
        "2:1: error[unsupported]: <foreach>: nothing can be written back at the path $..x. "
        "Use a path of names and indexes, like $.orders[0].items.",
    ),
    "counter of messages that run at once": (
        '<foreach collection="//x" counter-variable="n"><sequence/></foreach>',
        "2:1: error[requires]: <foreach>: 'counter-variable' needs parallel-execution=\"false\".",
    ),
    "results to nowhere": (
        '<foreach collection="//x" update-original="false"><sequence/></foreach>',
        "2:1: error[missing-attribute]: <foreach>: with update-original=\"false\" there must be 'target-variable' "
        "and 'result-content-type'.",
    ),
    "XML without an element": (
        '<foreach collection="//x" update-original="false" target-variable="v" result-content-type="XML">'
        "<sequence/></foreach>",
        "2:1: error[missing-attribute]: <foreach>: an XML result needs 'result-enclosing-element'.",
    ),
}


@pytest.mark.parametrize(("xml", "problem"), PROBLEMS.values(), ids=PROBLEMS)
def test_mistakes_are_problems_at_load(xml: str, problem: str) -> None:
    assert Harness().problems(f"\n{xml}") == [problem]


def test_a_call_may_stand_inside_with_a_collection() -> None:
    assert Harness().problems(f'<foreach collection="//x"><sequence>{CALL}</sequence></foreach>') == []


async def test_a_named_sequence() -> None:
    harness = Harness('<sequence name="s"><property name="last" expression="json-eval($)"/></sequence>')
    message = harness.message(b"[1, 2]")
    assert await harness.run('<foreach expression="json-eval($)" sequence="s"/>', message)
    assert message.properties["last"] == "2"
