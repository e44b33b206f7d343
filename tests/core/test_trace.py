from __future__ import annotations

import contextlib
from typing import Any

import pytest

from engine.core import trace as traces
from engine.core.redaction import SECRETS
from engine.core.sequence import run
from engine.core.trace import Trace
from engine.errors import Fault
from engine.message.context import MessageContext
from engine.testing.harness import Harness


async def traced(xml: str, body: bytes = b'{"name": "ann"}', artifacts: str = "") -> tuple[Trace, MessageContext]:
    harness = Harness(artifacts)
    message = harness.message(body)
    message.trace = trace = Trace()
    with contextlib.suppress(Fault):
        await run(harness.steps(xml), message)
    return trace, message


def told(trace: Trace) -> list[tuple[str, int, dict[str, Any]]]:
    return [(step.tag, step.depth, {name: new for name, _, new in step.changes()}) for step in trace.steps]


async def test_each_step_with_what_it_changed() -> None:
    trace, message = await traced(
        '<property name="who" expression="json-eval($.name)"/>'
        '<header name="X-A" scope="transport" value="1"/>'
        '<variable name="n" type="INTEGER" value="5"/>'
        '<property name="HTTP_SC" scope="axis2" value="201"/>'
        '<payloadFactory media-type="json"><format>{"a": 1}</format></payloadFactory>'
        '<property name="who" action="remove"/>'
        "<drop/>"
    )
    assert told(trace) == [
        ("property", 1, {"property who": "ann"}),
        ("header", 1, {"header x-a": "1"}),
        ("variable", 1, {"variable n": "5"}),
        ("property", 1, {"axis2 HTTP_SC": "201"}),
        (
            "payloadFactory",
            1,
            {"body": '{"a": 1}', "axis2 ContentType": "application/json", "axis2 messageType": "application/json"},
        ),
        ("property", 1, {"property who": None}),
        ("drop", 1, {}),
    ]
    assert [step.goes_on for step in trace.steps] == [True] * 6 + [False]
    assert [step.where.line for step in trace.steps] == [1] * 7
    assert message.properties == {}


async def test_steps_inside_of_others_are_deeper_and_come_after_them() -> None:
    trace, _ = await traced(
        '<filter source="json-eval($.name)" regex="ann"><then><sequence key="inner"/></then></filter>',
        artifacts='<sequence name="inner"><property name="a" value="1"/></sequence>',
    )
    assert [(step.tag, step.depth) for step in trace.steps] == [("filter", 1), ("sequence", 2), ("property", 3)]
    assert all({name: new for name, _, new in step.changes()} == {"property a": "1"} for step in trace.steps)


async def test_branches_are_traced_too() -> None:
    trace, _ = await traced(
        '<clone sequential="true"><target><sequence><property name="a" value="1"/></sequence></target>'
        '<target><sequence><property name="b" value="2"/></sequence></target></clone>'
    )
    assert [changes for tag, _, changes in told(trace) if tag == "property"] == [
        {"property a": "1"},
        {"property b": "2"},
    ]


async def test_a_fault_is_told_at_each_step_around_it() -> None:
    trace, _ = await traced(
        '<filter xpath="true()"><then><throwError type="x" errorMessage="no"/></then></filter><drop/>'
    )
    assert [(step.tag, step.fault) for step in trace.steps] == [("filter", "no"), ("throwError", "no")]


async def test_secrets_do_not_show() -> None:
    SECRETS.add("hunter2-hunter2")
    trace, _ = await traced(
        '<property name="password" value="plain"/><property name="note" value="it is hunter2-hunter2"/>'
    )
    assert [changes for _, _, changes in told(trace)] == [{"property password": "***"}, {"property note": "it is ***"}]


async def test_xml_and_json_values_are_text() -> None:
    trace, _ = await traced(
        '<property name="x" type="OM"><a><b/></a></property><property name="j" type="JSON" value=\'{"k": [1, null]}\'/>'
    )
    changes = [next(iter(change.items())) for _, _, change in told(trace)]
    assert changes[1] == ("property j", '{"k":[1,null]}')
    assert changes[0][0] == "property x"
    assert "<b" in changes[0][1]


async def test_long_values_and_long_traces_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "MOST_STEPS", 2)
    monkeypatch.setattr(traces, "MOST_TEXT", 5)
    trace, _ = await traced('<property name="a" value="123456789"/>' * 3)
    assert len(trace.steps) == 2
    assert trace.left_out == 1
    assert trace.steps[0].after["property a"] == "12345… (9 characters)"


async def test_a_body_that_only_passes_through_stays_unread() -> None:
    class Stream:
        length = None

        async def read(self) -> bytes:
            raise AssertionError("nobody asked for it")

        def close(self) -> None: ...

    harness = Harness()
    message = harness.message(b"")
    message.payload = type(message.payload)(Stream(), "application/json", "client")
    message.trace = trace = Trace()
    assert await run(harness.steps('<property name="a" value="1"/>'), message)
    assert trace.steps[0].after["body"] == "(not read)"


async def test_without_a_trace_steps_run_as_they_are() -> None:
    harness = Harness()
    message = harness.message()
    seen: list[Any] = []

    class Plain:
        reads_body = False

        async def mediate(self, message: MessageContext) -> bool:
            seen.append(type(self))
            return True

    steps: Any = [Plain()]
    assert await run(steps, message)
    assert seen == [Plain]
