from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree

from engine.errors import Fault
from engine.testing.harness import Harness

SET = (
    '<payloadFactory media-type="json"><format>{"was": $1}</format>'
    '<args><arg expression="json-eval($)"/></args></payloadFactory>'
)
FAIL = '<filter source="json-eval($)" regex="2"><then><throwError type="E" errorMessage="no"/></then></filter>'
END = '<filter source="json-eval($)" regex="2"><then><drop/></then></filter>'
RENAME = (
    '<payloadFactory media-type="xml"><format><y xmlns="">$1</y></format>'
    '<args><arg expression="//x/text()"/></args></payloadFactory>'
)
COUNT = '<property name="seen" expression="fn:concat($ctx:seen, $ctx:FOREACH_COUNTER, \';\')"/>'


def _foreach(path: str, inside: str, more: str = "") -> str:
    return f'<foreach expression="{path}" {more}><sequence>{inside}</sequence></foreach>'


JSON = {
    "array": ("[1, 2]", "$", SET, [{"was": 1}, {"was": 2}]),
    "in its place": ('{"k": 1, "a": {"b": [1]}}', "$.a.b", SET, {"k": 1, "a": {"b": [{"was": 1}]}}),
    "64 bits": ("[9223372036854775807]", "$", SET, [{"was": 9223372036854775807}]),
    "nested": ("[[1], []]", "$", SET, [{"was": [1]}, {"was": []}]),
    "empty": ('{"a": []}', "$.a", SET, {"a": []}),
    "unchanged": ('["ü", null, 1.50]', "$", "<log/>", ["ü", None, 1.5]),
    "a body that ends the loop": ("[1, 2, 3]", "$", SET + "<drop/>", [{"was": 1}]),
}


@pytest.mark.parametrize(("body", "path", "inside", "result"), JSON.values(), ids=JSON)
async def test_trap_29_json_is_replaced_in_place(body: str, path: str, inside: str, result: Any) -> None:
    harness = Harness()
    message = harness.message(body.encode())
    assert await harness.run(_foreach(f"json-eval({path})", inside), message) is True
    assert message.payload.json() == result


WAS = SET.replace("($)", "($.n)")
FILTERED = {
    "some": ('{"d": [{"n": 5}, {"n": 6}]}', "$.d[?(@.n == 5)]", WAS, {"d": [{"was": 5}, {"n": 6}]}),
    "none": ('{"d": [{"n": 6}]}', "$.d[?(@.n == 5)]", WAS, {"d": [{"n": 6}]}),
    "equal ones": ('[{"n": 1}, {"n": 1}]', "$[?(@.n == 1)]", WAS, [{"was": 1}, {"was": 1}]),
    "several places": ('{"a": {"n": 1}, "b": {"n": 2}}', "$[*]", WAS, {"a": {"was": 1}, "b": {"was": 2}}),
    "a body that ends the loop": ('[{"n": 1}, {"n": 2}]', "$[*]", WAS + "<drop/>", [{"was": 1}, {"n": 2}]),
}


@pytest.mark.parametrize(("body", "path", "inside", "result"), FILTERED.values(), ids=FILTERED)
async def test_what_a_filter_finds_goes_back_to_its_place(body: str, path: str, inside: str, result: Any) -> None:
    harness = Harness()
    message = harness.message(body.encode())
    assert await harness.run(_foreach(f"json-eval({path})", inside), message) is True
    assert message.payload.json() == result


async def test_values_that_cannot_be_told_apart_are_a_fault() -> None:
    harness = Harness()
    with pytest.raises(Fault, match="finds values that are no objects"):
        await harness.run(_foreach("json-eval($.a[*])", SET), harness.message(b'{"a": [1, 1]}'))


@pytest.mark.parametrize("body", ['{"a": 1}', '{"a": {"b": 1}}', "{}", '{"a": null}'])
async def test_what_is_no_array_is_a_fault(body: str) -> None:
    harness = Harness()
    with pytest.raises(Fault, match="finds no JSON array"):
        await harness.run(_foreach("json-eval($.a)", SET), harness.message(body.encode()))


XML = {
    "elements": ("<r><x>1</x><x>2</x></r>", "//x", RENAME, "<r><y>1</y><y>2</y></r>"),
    "what else is there stays in front": ("<r>t<x>1</x>u<k/></r>", "//x", RENAME, "<r>tu<k/><y>1</y></r>"),
    "none": ("<r><k/></r>", "//x", RENAME, "<r><k/></r>"),
    "whole content": ("<x>1</x>", "/*/*/x", RENAME, "<y>1</y>"),
    "a body that ends the loop": ("<r><x>1</x><x>2</x></r>", "//x", RENAME + "<drop/>", "<r><y>1</y></r>"),
    "with a variable in the path": ("<r><x>1</x></r>", "//x[. = get-property('one')]", RENAME, "<r><y>1</y></r>"),
}


@pytest.mark.parametrize(("body", "path", "inside", "result"), XML.values(), ids=XML)
async def test_trap_29_xml_is_replaced_in_place(body: str, path: str, inside: str, result: str) -> None:
    harness = Harness()
    message = harness.message(body.encode(), "application/xml")
    message.properties["one"] = "1"
    assert await harness.run(_foreach(path, inside), message) is True
    assert message.payload.render("xml").decode() == result


async def test_soap_header_blocks_stay() -> None:
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    body = f'<e:Envelope xmlns:e="{soap}"><e:Header><h/></e:Header><e:Body><r><x>1</x></r></e:Body></e:Envelope>'
    harness = Harness()
    message = harness.message(body.encode(), "text/xml")
    await harness.run(_foreach("//x", RENAME), message)
    assert message.payload.kind == "soap11"
    assert message.payload.render("soap11").decode() == body.replace("x>", "y>")


@pytest.mark.parametrize(("id_", "prefix"), [("", ""), ('id="one"', "one_")])
async def test_trap_29_counter_and_original(id_: str, prefix: str) -> None:
    harness = Harness()
    message = harness.message(b"<r><x>1</x><x>2</x></r>", "application/xml")
    message.properties["seen"] = ""
    await harness.run(_foreach("//x", COUNT.replace("FOREACH", f"{prefix}FOREACH") + RENAME, id_), message)
    assert (message.properties["seen"], message.properties[f"{prefix}FOREACH_COUNTER"]) == ("0;1;", 2)
    original = message.properties[f"{prefix}FOREACH_ORIGINAL_MESSAGE"]
    assert etree.tostring(original.find("{*}Body")[0]).count(b"<x") == 2


@pytest.mark.parametrize(
    ("inside", "more", "result", "count"),
    [
        (FAIL + SET, 'continueLoopOnFailure="true"', [{"was": 1}, {"was": 3}], 2),
        (END + SET, 'continueLoopOnFailure="true"', [{"was": 1}, 2, {"was": 3}], 3),
        (END + SET, "", [{"was": 1}, 2], 2),
    ],
)
async def test_failures_and_early_ends(inside: str, more: str, result: Any, count: int) -> None:
    harness = Harness()
    message = harness.message(b"[1, 2, 3]")
    assert await harness.run(_foreach("json-eval($)", inside, more), message) is True
    assert (message.payload.json(), message.properties["FOREACH_COUNTER"]) == (result, count)


async def test_a_failure_is_a_fault_of_the_flow() -> None:
    harness = Harness()
    with pytest.raises(Fault, match="no"):
        await harness.run(_foreach("json-eval($)", FAIL), harness.message(b"[1, 2, 3]"))


async def test_xml_that_failed_stays_as_it_was() -> None:
    harness = Harness()
    message = harness.message(b"<r><x>1</x><x>2</x></r>", "application/xml")
    fail = '<throwError type="E" errorMessage="no"/>'
    assert await harness.run(_foreach("//x", fail, 'continueLoopOnFailure="true"'), message)
    assert message.payload.render("xml") == b"<r><x>1</x><x>2</x></r>"


async def test_trap_29_a_named_sequence_with_a_call_is_a_fault() -> None:
    harness = Harness('<sequence name="s"><call><endpoint><default/></endpoint></call></sequence>')
    with pytest.raises(Fault, match="sequence 's' has a call"):
        await harness.run('<foreach expression="json-eval($)" sequence="s"/>', harness.message(b"[1]"))


async def test_loops_inside_one_another() -> None:
    harness = Harness()
    message = harness.message(b"[[1, 2], [3]]")
    await harness.run(_foreach("json-eval($)", _foreach("json-eval($)", SET), 'id="outer"'), message)
    assert message.payload.json() == [[{"was": 1}, {"was": 2}], [{"was": 3}]]


async def test_ten_thousand_items() -> None:
    harness = Harness()
    message = harness.message(json.dumps(list(range(10_000))).encode())
    await harness.run(_foreach("json-eval($)", '<property name="last" expression="json-eval($)"/>'), message)
    assert (message.properties["last"], len(message.payload.json())) == ("9999", 10_000)
