from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree

from engine.core.http import HttpRequest, HttpResponse
from engine.declare.convert import Unacceptable
from engine.errors import Fault, TransportError
from engine.mediators._foreach_collection import Place, place_of
from engine.message.context import MessageContext
from engine.testing.harness import Harness, StubClient, StubExchange, response

SET = (
    '<payloadFactory media-type="json"><format>{"was": $1}</format>'
    '<args><arg expression="json-eval($)"/></args></payloadFactory>'
)
RENAME = (
    '<payloadFactory media-type="xml"><format><y xmlns="">$1</y></format>'
    '<args><arg expression="//x/text()"/></args></payloadFactory>'
)
CALL = '<call><endpoint><http method="post" uri-template="http://b/"/></endpoint></call>'
PARALLEL = ["true", "false"]


def _foreach(collection: str, inside: str, more: str = "") -> str:
    return f'<foreach collection="{collection}" {more}><sequence>{inside}</sequence></foreach>'


def _echo(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.body, bytes)
    return response(200, b'{"got": ' + request.body + b"}")


async def _run(xml: str, body: str, type_: str = "application/json", **variables: Any) -> tuple[bool, MessageContext]:
    harness = Harness(http=StubClient(_echo))
    message = harness.message(body.encode(), type_)
    message.variables.update(variables)
    goes_on = await harness.run(xml, message)
    await harness.services.drain(5)
    return goes_on, message


JSON = {
    "all": ("[1, 2]", "$", SET, [{"was": 1}, {"was": 2}]),
    "in its place": ('{"k": 1, "a": [1, 2]}', "$.a", SET, {"k": 1, "a": [{"was": 1}, {"was": 2}]}),
    "with a call": ('{"a": [1, 2]}', "$.a", CALL, {"a": [{"got": 1}, {"got": 2}]}),
    "empty": ('{"a": []}', "$.a", SET, {"a": []}),
    "64 bits, text, null": ('["ü", null, 9223372036854775807]', "$", "<log/>", ["ü", None, 9223372036854775807]),
}


@pytest.mark.parametrize("parallel", PARALLEL)
@pytest.mark.parametrize(("body", "path", "inside", "result"), JSON.values(), ids=JSON)
async def test_trap_29_results_replace_the_collection(
    body: str, path: str, inside: str, result: Any, parallel: str
) -> None:
    xml = _foreach(f"json-eval({path})", inside, f'parallel-execution="{parallel}"')
    goes_on, message = await _run(xml, body)
    assert (goes_on, message.payload.json()) == (True, result)


@pytest.mark.parametrize("parallel", PARALLEL)
@pytest.mark.parametrize(
    ("body", "path", "result"),
    [
        ("<r><x>1</x><x>2</x></r>", "//x", "<r><y>1</y><y>2</y></r>"),
        ("<r><x>1</x><k/></r>", "//x", "<r><k/><y>1</y></r>"),
        ("<r/>", "//x", "<r/>"),
    ],
)
async def test_xml_results_replace_the_elements(body: str, path: str, result: str, parallel: str) -> None:
    goes_on, message = await _run(_foreach(path, RENAME, f'parallel-execution="{parallel}"'), body, "application/xml")
    assert (goes_on, message.payload.render("xml").decode()) == (True, result)


async def test_results_go_to_a_variable_as_json() -> None:
    more = 'update-original="false" target-variable="v" result-content-type="JSON"'
    goes_on, message = await _run(_foreach("json-eval($.a)", SET, more), '{"a": [1, 2]}')
    assert goes_on
    assert message.variables["v"] == [{"was": 1}, {"was": 2}]
    assert message.payload.json() == {"a": [1, 2]}


async def test_results_go_to_a_variable_as_xml() -> None:
    more = 'update-original="false" target-variable="v" result-content-type="XML" result-enclosing-element="all"'
    _, message = await _run(_foreach("//x", RENAME, more), "<r><x>1</x><x>2</x></r>", "application/xml")
    assert etree.tostring(message.variables["v"]) == b"<all><y>1</y><y>2</y></all>"
    assert message.payload.render("xml") == b"<r><x>1</x><x>2</x></r>"


async def test_an_empty_collection_leaves_the_variable_alone() -> None:
    more = 'update-original="false" target-variable="v" result-content-type="JSON"'
    goes_on, message = await _run(_foreach("json-eval($)", SET, more), "[]")
    assert (goes_on, message.variables) == (True, {})


async def test_the_counter_begins_at_0() -> None:
    inside = '<property name="n" expression="$var:n"/>' + SET.replace("json-eval($)", "$ctx:n")
    more = 'parallel-execution="false" counter-variable="n"'
    _, message = await _run(_foreach("json-eval($)", inside, more), "[5, 6]")
    assert message.payload.json() == [{"was": 0}, {"was": 1}]
    assert message.variables == {}


@pytest.mark.parametrize("parallel", PARALLEL)
async def test_nobody_waits_when_nobody_wants_the_results(parallel: str) -> None:
    http = StubClient(_echo)
    harness = Harness(http=http)
    message = harness.message(b"[1, 2]")
    more = f'continue-without-aggregation="true" parallel-execution="{parallel}"'
    assert await harness.run(_foreach("json-eval($)", CALL, more), message) is True
    assert message.payload.json() == [1, 2]
    await harness.services.drain(5)
    assert len(http.requests) == 2


@pytest.mark.parametrize("body", ['{"a": 1}', "{}"])
async def test_what_is_no_collection_is_a_fault(body: str) -> None:
    with pytest.raises(Fault, match="finds no array"):
        await _run(_foreach("json-eval($.a)", SET), body)


async def test_an_array_that_cannot_be_put_back_is_a_fault() -> None:
    with pytest.raises(Fault, match="nothing can be put in place"):
        await _run(_foreach("$var:list", SET), "{}", list=[1])


@pytest.mark.parametrize("parallel", PARALLEL)
async def test_an_element_that_fails_ends_the_flow_and_its_handler_runs_once(parallel: str) -> None:
    def back_end(request: HttpRequest) -> HttpResponse:
        if request.body == b"2":
            raise TransportError("refused", code=101503)
        return _echo(request)

    harness = Harness(
        f"""<proxy name="p"><target>
        <inSequence>{_foreach("json-eval($)", CALL, f'parallel-execution="{parallel}"')}<respond/></inSequence>
        <faultSequence><property name="HTTP_SC" value="503" scope="axis2"/><respond/></faultSequence>
        </target></proxy>""",
        http=StubClient(back_end),
    )
    exchange = StubExchange()
    await harness.serve("/services/p", harness.message(b"[1, 2]", exchange=exchange))
    assert [(answer.status, answer.body) for answer in exchange.answers] == [(503, b"2")]


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("${payload}", Place(None, ())),
        ("${payload.a[0].b}", Place(None, ("a", 0, "b"))),
        ("${ $.a }", Place(None, ("a",))),
        ("${vars.x}", Place("x", ())),
        ("${vars.my-list.a}", Place("my-list", ("a",))),
        ("${vars['a b'].c}", Place("a b", ("c",))),
        ("json-eval($.a)", Place(None, ("a",))),
        ("${xpath('//x')}", None),
        ("//x", None),
    ],
)
def test_where_an_array_is(source: str, place: Place | None) -> None:
    assert place_of(source) == place


def test_a_place_nothing_can_be_written_at_is_a_mistake() -> None:
    with pytest.raises(Unacceptable):
        place_of("${payload..a}")


async def test_ten_thousand_items() -> None:
    body = json.dumps(list(range(10_000)))
    _, message = await _run(_foreach("json-eval($)", "<log category='TRACE'/>"), body)
    assert message.payload.json() == list(range(10_000))
