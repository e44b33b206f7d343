from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from engine.core.http import HttpRequest, HttpResponse
from engine.errors import Fault, TransportError
from engine.message.codecs import xml
from engine.message.context import MessageContext
from engine.testing.harness import Harness, StubClient, StubExchange

CALL = '<call><endpoint><http method="post" uri-template="http://b/{}"/></endpoint></call>'
FAIL = '<throwError type="E" errorMessage="no"/>'
TO_VARIABLE = 'target="variable" target-variable="v"'


def made(by: str) -> str:
    return f'<payloadFactory media-type="json"><format>{{"by": "{by}"}}</format><args/></payloadFactory>'


def made_xml(by: str) -> str:
    return f'<payloadFactory media-type="xml"><format><by xmlns="">{by}</by></format><args/></payloadFactory>'


def scatter(*sequences: str, more: str = 'target="body"', aggregation: str = 'expression="json-eval($)"') -> str:
    inner = "".join(f"<sequence>{each}</sequence>" for each in sequences)
    type_ = "" if "result-content-type" in more else 'result-content-type="JSON"'
    return f"<scatter-gather {more} {type_}><aggregation {aggregation}/>{inner}</scatter-gather>"


async def _run(xml: str, http: StubClient | None = None) -> tuple[bool, MessageContext]:
    harness = Harness(http=http)
    message = harness.message(b'{"a": 1}')
    goes_on = await harness.run(xml, message)
    await harness.services.drain(5)
    return goes_on, message


@pytest.mark.parametrize("parallel", ["true", "false"])
async def test_results_are_the_body_in_the_order_of_the_sequences(parallel: str) -> None:
    more = f'target="body" parallel-execution="{parallel}"'
    goes_on, message = await _run(scatter(made("1"), CALL.format(""), made("3"), more=more))
    assert (goes_on, message.payload.json()) == (True, [{"by": "1"}, {}, {"by": "3"}])
    assert (message.message_type, message.resumed) == ("application/json", True)


async def test_results_are_a_variable_and_the_message_stays() -> None:
    change = '<property name="p" value="branch"/><property name="X" value="branch" scope="transport"/>'
    goes_on, message = await _run(scatter(made("1") + change, made("2") + change, more=TO_VARIABLE))
    assert goes_on
    assert message.variables == {"v": [{"by": "1"}, {"by": "2"}]}
    assert (message.payload.json(), message.properties, message.headers.get("X")) == ({"a": 1}, {}, None)


async def test_with_the_body_the_last_branch_goes_on() -> None:
    set_ = '<property name="p" value="{}"/>'
    goes_on, message = await _run(
        scatter(
            made("1") + set_.format("1"), made("2") + set_.format("2"), more='target="body" parallel-execution="false"'
        )
    )
    assert (goes_on, message.properties["p"]) == (True, "2")


@pytest.mark.parametrize("target", ['target="body"', TO_VARIABLE])
async def test_xml_results_are_in_one_element(target: str) -> None:
    more = f'{target} result-content-type="XML" result-enclosing-element="all"'
    goes_on, message = await _run(scatter(made_xml("1"), made_xml("ü"), more=more, aggregation='expression="$body/*"'))
    assert goes_on
    element = message.variables["v"] if "variable" in target else message.payload.content()
    assert xml.text_of(element) == "<all><by>1</by><by>ü</by></all>"


async def test_what_is_no_xml_is_a_fault() -> None:
    more = 'target="body" result-content-type="XML" result-enclosing-element="all"'
    with pytest.raises(Fault, match="in one of the branches is not XML"):
        await _run(scatter(made("1"), more=more))


AGGREGATION = {
    "condition on JSON": ('expression="json-eval($.by)" condition="json-eval($.wanted)"', []),
    "minimum": ('expression="json-eval($.by)" min-messages="2"', ["1", "2"]),
    "maximum": ('expression="json-eval($.by)" max-messages="{1}"', ["1"]),
    "more than there are": ('expression="json-eval($.by)" min-messages="9"', ["1", "2", "3"]),
    "not counted": ('expression="json-eval($.by)" min-messages="-1" max-messages="-1"', ["1", "2", "3"]),
}


@pytest.mark.parametrize(("aggregation", "result"), AGGREGATION.values(), ids=AGGREGATION)
async def test_when_there_is_enough(aggregation: str, result: Any) -> None:
    more = 'target="body" parallel-execution="false"'
    goes_on, message = await _run(scatter(made("1"), made("2"), made("3"), more=more, aggregation=aggregation))
    assert goes_on is bool(result)
    assert message.payload.json() == (result or {"a": 1})


async def test_a_condition_chooses() -> None:
    aggregation = 'expression="json-eval($.by)" condition="//by = 2"'
    _, message = await _run(scatter(made("1"), made("2"), aggregation=aggregation))
    assert message.payload.json() == ["2"]


@pytest.mark.parametrize("limit", ["min-messages", "max-messages"])
async def test_a_limit_that_is_no_number_is_a_fault(limit: str) -> None:
    with pytest.raises(Fault, match="'x' is no number of messages"):
        await _run(scatter(made("1"), aggregation=f'expression="json-eval($)" {limit}="x"'))


@pytest.mark.parametrize("parallel", ["true", "false"])
async def test_a_branch_that_fails_or_ends_gives_no_result(parallel: str) -> None:
    more = f'target="body" parallel-execution="{parallel}"'
    goes_on, message = await _run(scatter(made("1"), FAIL, made("3") + "<drop/>", made("4"), more=more))
    assert (goes_on, message.payload.json()) == (True, [{"by": "1"}, {"by": "4"}])


async def test_without_any_result_the_flow_ends_and_the_client_is_told() -> None:
    harness = Harness(
        f'<proxy name="p"><target><inSequence>{scatter(FAIL, FAIL)}<respond/></inSequence></target></proxy>'
    )
    answer = await harness.serve("/services/p", harness.message(b"{}"))
    assert answer is not None
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (500, "E")


async def test_a_branch_that_hangs_is_left_behind_by_the_timeout() -> None:
    go_on = asyncio.Event()

    async def back_end(request: HttpRequest) -> HttpResponse:
        await go_on.wait()
        raise TransportError("timeout", code=101504)

    aggregation = 'expression="json-eval($)" timeout="30"'
    inside = scatter(made("1"), CALL.format("slow"), aggregation=aggregation)

    class Exchange(StubExchange):
        async def answer(self, message: MessageContext) -> None:
            await super().answer(message)
            go_on.set()

    exchange = Exchange()
    harness = Harness(
        f'<proxy name="p"><target><inSequence>{inside}<respond/></inSequence></target></proxy>',
        http=StubClient(back_end),
    )
    await harness.serve("/services/p", harness.message(b"{}", exchange=exchange))
    assert [answer.body for answer in exchange.answers] == [b'[{"by":"1"}]']


async def test_one_inside_another() -> None:
    _, message = await _run(scatter(scatter(made("1"), made("2")), made("3")))
    assert message.payload.json() == [[{"by": "1"}, {"by": "2"}], {"by": "3"}]


async def test_no_json_for_a_variable_is_a_fault() -> None:
    with pytest.raises(Fault, match="finds no JSON in one of the branches"):
        await _run(scatter(made("1"), more=TO_VARIABLE, aggregation='expression="json-eval($.nothing)"'))


PROBLEMS = {
    "no sequence": ("", 'target="body" result-content-type="JSON"', "missing-element"),
    "no variable": ("<sequence/>", 'target="variable" result-content-type="JSON"', "missing-attribute"),
    "no element": ("<sequence/>", 'target="body" result-content-type="XML"', "missing-attribute"),
    "no target": ("<sequence/>", 'result-content-type="JSON"', "missing-attribute"),
    "no type": ("<sequence/>", 'target="body"', "missing-attribute"),
    "another target": ("<sequence/>", 'target="head" result-content-type="JSON"', "bad-choice"),
}


@pytest.mark.parametrize(("inside", "more", "code"), PROBLEMS.values(), ids=PROBLEMS)
def test_mistakes_are_problems_at_load(inside: str, more: str, code: str) -> None:
    text = f'<scatter-gather {more}><aggregation expression="1"/>{inside}</scatter-gather>'
    [problem] = Harness().problems(text)
    assert f"error[{code}]" in problem


def test_the_aggregation_is_needed() -> None:
    text = '<scatter-gather target="body" result-content-type="JSON"><sequence/></scatter-gather>'
    [problem] = Harness().problems(text)
    assert problem.endswith("<scatter-gather> needs <aggregation>.")
