from __future__ import annotations

import asyncio
import json
import logging
from typing import Any, cast

import pytest

from engine.core.http import HttpRequest, HttpResponse
from engine.errors import Fault
from engine.mediators.aggregate import Aggregate
from engine.testing.harness import Answer, Harness, StubClient, StubExchange, response

CALL = '<call><endpoint><http method="post" uri-template="http://b/"/></endpoint></call>'
SEND = CALL.replace("call>", "send>")


def _iterate(target: str, attributes: str = 'id="i"') -> str:
    return f'<iterate {attributes} expression="json-eval($.i)"><target><sequence>{target}</sequence></target></iterate>'


def _aggregate(inside: str = "<respond/>", *, more: str = "", condition: str = "", id_: str = "i") -> str:
    on_complete = f'<onComplete expression="json-eval($)" {more}>{inside}</onComplete>'
    return f'<aggregate id="{id_}">{condition}{on_complete}</aggregate>'


def _count(minimum: object = -1, maximum: object = -1, timeout: str = "") -> str:
    return f'<completeCondition {timeout}><messageCount min="{minimum}" max="{maximum}"/></completeCondition>'


def _echo(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.body, bytes)
    return response(200, request.body)


async def _serve(inside: str, body: str = '{"i": [1, 2, 3]}', others: str = "", http: Any = None) -> Answer | None:
    harness = Harness(f'<proxy name="p"><target>{inside}</target></proxy>{others}', http=http or StubClient(_echo))
    answer = await harness.serve("/services/p", harness.message(body.encode()))
    assert _groups_left(harness) == 0
    return answer


def _groups_left(harness: Harness) -> int:
    def walk(node: Any, seen: set[int]) -> int:
        if id(node) in seen or not hasattr(node, "__dict__"):
            return 0
        seen.add(id(node))
        own = len(node._groups) + node._held if isinstance(node, Aggregate) else 0
        values = [item for value in vars(node).values() for item in (value if isinstance(value, tuple) else (value,))]
        return own + sum(walk(value, seen) for value in values)

    return sum(walk(artifact, set()) for artifact in harness.snapshot.artifacts())


def _json(answer: Answer | None) -> Any:
    return json.loads(answer.body) if answer is not None else None


# ---------------------------------------------------------------- completion


@pytest.mark.parametrize("how", ["send", "call", "in the target"])
async def test_trap_27_complete_with_all_parts(how: str) -> None:
    inside = {
        "send": f"<inSequence>{_iterate(SEND)}</inSequence><outSequence>{_aggregate()}</outSequence>",
        "call": f"<inSequence>{_iterate(CALL)}{_aggregate()}</inSequence>",
        "in the target": f"<inSequence>{_iterate(_aggregate())}</inSequence>",
    }[how]
    assert _json(await _serve(inside)) == [1, 2, 3]


@pytest.mark.parametrize(
    ("condition", "result"),
    [
        (_count(2), [1, 2]),
        (_count(-1, 2), [1, 2]),
        (_count(2, 3), [1, 2]),
        (_count("{1 + 1}"), [1, 2]),
        (_count("{$ctx:n}"), [1]),
        (_count(5, 5), [1, 2, 3]),
        (_count(-1, -1), [1, 2, 3]),
        ("<completeCondition/>", [1, 2, 3]),
    ],
)
async def test_trap_27_minimum_and_maximum_and_late_messages_are_dropped(condition: str, result: Any) -> None:
    n = '<property name="n" value="1"/>'
    inside = f"<inSequence>{n}{_iterate(SEND)}</inSequence><outSequence>{_aggregate(condition=condition)}</outSequence>"
    assert _json(await _serve(inside)) == result


async def test_a_limit_that_is_no_number_is_a_fault() -> None:
    inside = f"<inSequence>{_iterate(_aggregate(condition=_count('x')))}</inSequence>"
    answer = await _serve(inside)
    assert answer is not None
    assert (answer.status, _json(answer)["error"]["message"]) == (500, "'x' is no number of messages")


async def test_trap_27_mismatched_ids_never_complete_and_the_client_is_not_left_hanging() -> None:
    other = _aggregate(id_="other")
    assert await _serve(f"<inSequence>{_iterate(CALL)}{other}</inSequence>", '{"i": []}') is None
    inside = f"<inSequence>{_iterate(CALL, '')}{_aggregate()}<drop/></inSequence>"
    assert await _serve(inside) is None  # without an id there is no part of 'i': the messages pass


async def test_a_part_that_never_comes_gives_the_group_up(caplog: pytest.LogCaptureFixture) -> None:
    drops = '<filter source="json-eval($)" regex="2"><then><drop/></then></filter>'
    assert await _serve(f"<inSequence>{_iterate(CALL + drops)}{_aggregate()}</inSequence>") is None
    [warning] = [record for record in caplog.records if "given up" in record.getMessage()]
    assert "2 messages" in warning.getMessage()


async def test_trap_27_a_message_of_no_group_passes() -> None:
    harness = Harness()
    message = harness.message(b"{}")
    assert await harness.run(_aggregate(), message) is True
    assert cast(StubExchange, message.exchange).answers == []


# ---------------------------------------------------------------- correlateOn


def _correlated(expression: str, condition: str = "") -> str:
    return (
        f'<aggregate><correlateOn expression="{expression}"/>{condition}'
        '<onComplete expression="json-eval($)"><respond/></onComplete></aggregate>'
    )


async def test_trap_27_the_value_of_correlate_on_does_not_matter() -> None:
    inside = f"<inSequence>{_iterate(_correlated('json-eval($)', _count(3)))}</inSequence>"
    assert _json(await _serve(inside, '{"i": ["a", "b", "b"]}')) == ["a", "b", "b"]


async def test_trap_27_messages_of_different_requests_are_one_group() -> None:
    harness = Harness(
        f'<proxy name="p"><target><inSequence>{_correlated("$trp:G", _count(2))}</inSequence></target></proxy>'
    )
    first, second = StubExchange(), StubExchange()
    await harness.serve("/services/p", harness.message(b"1", headers={"G": "a"}, exchange=first))
    assert (first.accepted, first.answers) == (True, [])
    await harness.serve("/services/p", harness.message(b"2", headers={"G": "b"}, exchange=second))
    # onComplete answers the first one's client, who has its 202: the answer comes too late for it.
    assert [answer.body for answer in first.answers] == [b"[1,2]"]
    assert (second.accepted, _groups_left(harness)) == (True, 0)


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("false()", None),  # passes un-aggregated, and the target ends
        ("$ctx:missing", [1, 2, 3]),  # null: the group of the iterate
        ("true()", [1, 2, 3]),
    ],
)
async def test_trap_27_false_and_null(expression: str, result: Any) -> None:
    # The total is that of the iterate without an id.
    inside = f"<inSequence>{_iterate(_correlated(expression), '')}</inSequence>"
    assert _json(await _serve(inside)) == result


@pytest.mark.parametrize("expression", ["//nothing", "json-eval($.nothing)"])
async def test_a_correlation_that_finds_nothing_is_a_fault(expression: str) -> None:
    harness = Harness()
    with pytest.raises(Fault, match="finds nothing in the message"):
        await harness.run(_correlated(expression), harness.message(b'{"a": 1}'))


async def test_what_an_aggregate_holds_is_bounded() -> None:
    harness = Harness()
    steps = harness.steps(_correlated("1", _count(1_000_000)))
    [aggregate] = steps
    assert isinstance(aggregate, Aggregate)
    aggregate._held = harness.snapshot.limits.aggregate
    with pytest.raises(Fault, match="which is its limit"):
        await aggregate.mediate(harness.message(b"{}"))


# ---------------------------------------------------------------- what happens then


SET = '<property name="who" expression="json-eval($)"/>'
WHO = (
    '<payloadFactory media-type="json"><format>{"who": "$1", "all": $2, "set": "$3"}</format><args>'
    '<arg expression="$ctx:who"/><arg expression="json-eval($)"/><arg expression="$ctx:set"/></args></payloadFactory>'
)
INNER = '<property name="set" value="in onComplete"/>'


async def test_trap_28_on_complete_runs_on_a_copy_of_the_first_message() -> None:
    inside = f"<inSequence>{_iterate(CALL + SET)}{_aggregate(INNER + WHO + '<respond/>')}</inSequence>"
    assert _json(await _serve(inside)) == {"who": "1", "all": [1, 2, 3], "set": "in onComplete"}


async def test_trap_28_then_the_last_message_goes_on_with_the_merged_payload_of_before() -> None:
    change = '<payloadFactory media-type="json"><format>{"changed": true}</format><args/></payloadFactory>'
    inside = f"<inSequence>{_iterate(CALL + SET)}{_aggregate(INNER + change)}{WHO}<respond/></inSequence>"
    assert _json(await _serve(inside)) == {"who": "3", "all": [1, 2, 3], "set": ""}


async def test_trap_28_after_a_call_in_on_complete_its_message_goes_on() -> None:
    inside = f"<inSequence>{_iterate(CALL + SET)}{_aggregate(INNER + CALL)}{WHO}<respond/></inSequence>"
    assert _json(await _serve(inside)) == {"who": "1", "all": [1, 2, 3], "set": "in onComplete"}


async def test_an_empty_on_complete_drops() -> None:
    assert await _serve(f"<inSequence>{_iterate(CALL)}{_aggregate('')}<respond/></inSequence>") is None


async def test_a_named_sequence_gets_the_result() -> None:
    inside = f"<inSequence>{_iterate(CALL)}{_aggregate('', more='sequence=' + chr(34) + 's' + chr(34))}</inSequence>"
    assert _json(await _serve(inside, others='<sequence name="s"><respond/></sequence>')) == [1, 2, 3]


async def test_inside_a_template_the_parameters_are_still_there() -> None:
    template = f"""<template name="t"><parameter name="x"/><sequence>{_iterate(CALL)}
      {_aggregate('<property name="X" expression="$func:x" scope="transport"/>' + CALL)}</sequence></template>"""
    inside = (
        '<inSequence><call-template target="t"><with-param name="x" value="v"/></call-template><respond/></inSequence>'
    )
    assert _json(await _serve(inside, others=template)) == [1, 2, 3]


async def test_the_expression_may_be_a_parameter_of_the_template() -> None:
    e = '<property name="e"><all xmlns=""/></property>'
    aggregate = _aggregate(more='enclosingElementProperty="e"').replace("json-eval($)", "$func:found")
    template = f'<template name="t"><parameter name="found"/><sequence>{aggregate}</sequence></template>'
    call = '<call-template target="t"><with-param name="found" value="{{//a}}"/></call-template>'
    inside = f"<inSequence>{e}{_iterate(CALL)}{call}</inSequence>"
    answer = await _serve(inside, '{"i": [{"a": {"d": 1}}, {"a": {"d": 2}}]}', others=template)
    assert _json(answer) == {"all": {"a": [{"d": 1}, {"d": 2}]}}


@pytest.mark.parametrize(
    ("more", "body", "result"),
    [
        ("", '{"i": [{"a": 1}]}', [{"a": 1}]),
        ('aggregateElementType="root"', '{"i": [{"a": 1}, {"b": 2}]}', [{"a": 1}, {"b": 2}]),
        ('aggregateElementType="child"', '{"i": [{"a": 1}, {"a": 2, "b": 3}]}', {"a": [1, 2], "b": 3}),
        ('enclosingElementProperty="e"', '{"i": [{"a": 1}, {"b": 2}]}', {"all": [{"a": 1}, {"b": 2}]}),
        ('enclosingElementProperty="e" aggregateElementType="child"', '{"i": [{"a": 1}]}', {"all": {"a": 1}}),
    ],
)
async def test_shapes_of_a_json_result(more: str, body: str, result: Any) -> None:
    e = '<property name="e"><p:all xmlns:p="urn:p"/></property>'
    inside = f"<inSequence>{e}{_iterate(CALL)}{_aggregate(more=more)}</inSequence>"
    assert _json(await _serve(inside, body)) == result


async def test_trap_27_xml_around_json_a_single_result_is_an_object() -> None:
    e = '<property name="e"><all xmlns=""/></property>'
    aggregate = _aggregate(more='enclosingElementProperty="e"').replace("json-eval($)", "//a")
    inside = f"<inSequence>{e}{_iterate(CALL)}{aggregate}</inSequence>"
    assert _json(await _serve(inside, '{"i": [{"a": {"d": 1}}]}')) == {"all": {"a": {"d": 1}}}
    assert _json(await _serve(inside, '{"i": [{"a": {"d": 1}}, {"a": {"d": 2}}]}')) == {
        "all": {"a": [{"d": 1}, {"d": 2}]}
    }


@pytest.mark.parametrize(
    ("expression", "body", "result"),
    [
        ("//jsonObject", '{"i": [{"d": 1}]}', {"all": {"d": 1}}),
        ("//jsonObject", '{"i": [{"d": 1}, {"d": 2}]}', {"all": [{"d": 1}, {"d": 2}]}),
        ("$body/*", '{"i": [[1, 2], [3]]}', {"all": [[1, 2], [3]]}),
    ],
)
async def test_the_wrappers_of_json_go_where_xml_encloses_them(expression: str, body: str, result: Any) -> None:
    e = '<property name="e"><all xmlns=""/></property>'
    aggregate = _aggregate(more='enclosingElementProperty="e"').replace("json-eval($)", expression)
    assert _json(await _serve(f"<inSequence>{e}{_iterate(CALL)}{aggregate}</inSequence>", body)) == result


@pytest.mark.parametrize("value", ['value="text"', 'action="remove"'])
async def test_a_property_without_an_element_cannot_go_around_the_result(value: str) -> None:
    aggregate = _aggregate(more='enclosingElementProperty="e"')
    answer = await _serve(f'<inSequence><property name="e" {value}/>{_iterate(CALL)}{aggregate}</inSequence>')
    assert answer is not None
    assert (
        _json(answer)["error"]["message"]
        == "the property 'e' holds no XML element to put around the aggregated payload"
    )


async def test_trap_42_a_fault_in_on_complete_goes_to_the_handlers_of_this_place() -> None:
    fail = '<throwError type="E" errorMessage="no"/>'
    handler = '<sequence name="h"><property name="who" value="h"/>' + WHO + "<respond/></sequence>"
    inside = f'<inSequence><sequence name="o" onError="h">{_iterate(CALL)}{_aggregate(fail)}</sequence></inSequence>'
    assert _json(await _serve(inside, others=handler)) == {"who": "h", "all": [1, 2, 3], "set": ""}


# ---------------------------------------------------------------- timeout


def _slow_third() -> tuple[StubClient, asyncio.Event]:
    go_on = asyncio.Event()

    async def back_end(request: HttpRequest) -> HttpResponse:
        if request.body == b"3":
            await go_on.wait()
        return _echo(request)

    return StubClient(back_end), go_on


class _Released(StubExchange):
    """A client whose answer lets the slow back end go on."""

    def __init__(self, go_on: asyncio.Event) -> None:
        super().__init__()
        self.go_on = go_on

    async def answer(self, message: Any) -> None:
        await super().answer(message)
        self.go_on.set()


@pytest.mark.parametrize("respond_where", ["in onComplete", "after the aggregate"])
async def test_trap_28_a_timeout_completes_from_a_timer_and_the_late_part_is_dropped(
    respond_where: str, caplog: pytest.LogCaptureFixture
) -> None:
    http, go_on = _slow_third()
    inside, after = ("<respond/>", "") if respond_where == "in onComplete" else ("<log/>", "<respond/>")
    aggregate = _aggregate(inside, condition=_count(timeout='timeout="1"'))
    harness = Harness(
        f'<proxy name="p"><target><inSequence>{_iterate(CALL)}{aggregate}{after}</inSequence></target></proxy>',
        http=http,
    )
    exchange = _Released(go_on)
    await harness.serve("/services/p", harness.message(b'{"i": [1, 2, 3]}', exchange=exchange))
    assert [answer.body for answer in exchange.answers] == [b"[1,2]"]
    assert _groups_left(harness) == 0
    assert any("complete with 2 messages by timeout" in record.getMessage() for record in caplog.records)


async def test_a_fault_after_a_timeout_goes_to_the_fault_sequence() -> None:
    http, go_on = _slow_third()
    fail = '<throwError type="E" errorMessage="no"/>'
    aggregate = _aggregate(fail, condition=_count(timeout='timeout="1"'))
    harness = Harness(
        f"""<proxy name="p"><target><inSequence>{_iterate(CALL)}{aggregate}</inSequence>
        <faultSequence><property name="HTTP_SC" value="503" scope="axis2"/><respond/></faultSequence>
        </target></proxy>""",
        http=http,
    )
    exchange = _Released(go_on)
    await harness.serve("/services/p", harness.message(b'{"i": [1, 2, 3]}', exchange=exchange))
    assert [answer.status for answer in exchange.answers] == [503]


async def test_a_complete_group_does_not_wait_for_its_timer() -> None:
    aggregate = _aggregate(condition=_count(timeout='timeout="3600"'))
    assert _json(await _serve(f"<inSequence>{_iterate(CALL)}{aggregate}</inSequence>")) == [1, 2, 3]


# ---------------------------------------------------------------- at load, and size


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        ("<aggregate/>", "2:1: error[missing-element]: <aggregate> needs <onComplete>."),
        (
            "<aggregate><correlateOn/><onComplete/></aggregate>",
            "2:12: error[missing-attribute]: <correlateOn> needs the",
        ),
        (
            '<aggregate><onComplete aggregateElementType="x"/></aggregate>',
            "2:46: error[bad-choice]: 'x' is not one of root, child.",
        ),
    ],
)
def test_mistakes_are_problems_at_load(xml: str, problem: str) -> None:
    assert Harness().problems(f"\n{xml}")[0].startswith(problem)


async def test_a_thousand_parts() -> None:
    """Each message is merged once, and evaluated once."""
    body = json.dumps({"i": list(range(1000))})
    logging.getLogger("myelin.flow").setLevel(logging.WARNING)
    assert _json(await _serve(f"<inSequence>{_iterate(CALL)}{_aggregate()}</inSequence>", body)) == list(range(1000))
