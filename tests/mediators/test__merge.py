from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree

from engine.errors import Fault
from engine.expressions.base import Expression
from engine.expressions.compile import compile_expression
from engine.mediators import _merge
from engine.message.context import MessageContext
from engine.testing.harness import Harness

HARNESS = Harness()


def _expression(text: str) -> Expression:
    return compile_expression(text, {"m": "urn:m"})


def _json(*bodies: str) -> list[MessageContext]:
    return [HARNESS.message(body.encode()) for body in bodies]


def _xml(*bodies: str) -> list[MessageContext]:
    return [HARNESS.message(body.encode(), "application/xml") for body in bodies]


@pytest.mark.parametrize(
    ("path", "bodies", "merged"),
    [
        ("$", ['{"a": 1}', '{"a": 2}'], '[{"a":1},{"a":2}]'),
        ("$.a", ['{"a": 9223372036854775807}', '{"a": 25.0000}'], "[9223372036854775807,25.0000]"),
        ("$.a", ['{"a": [1]}', '{"a": [1, 2]}'], "[1,[1,2]]"),
        ("$.a", ['{"a": []}', '{"a": null}'], "[null,null]"),
        ("$.a", ['{"a": "5"}', '{"a": "ü"}'], '["5","ü"]'),
        ("$.a", ['{"a": true}'], "[true]"),
    ],
)
def test_json_gives_one_item_for_each_message(path: str, bodies: list[str], merged: str) -> None:
    result = _merge.merge_json(_json(*bodies), _expression(f"json-eval({path})"))
    payload = HARNESS.message().payload
    payload.set_json(result)
    assert payload.render("json").decode() == merged


def test_json_that_is_not_there_is_a_fault() -> None:
    with pytest.raises(Fault, match=r"json-eval\(\$.a\) finds nothing to aggregate"):
        _merge.merge_json(_json('{"a": 1}', "{}"), _expression("json-eval($.a)"))


@pytest.mark.parametrize(
    ("bodies", "merged"),
    [
        (['{"a": 1}', '{"b": 2}'], {"a": 1, "b": 2}),
        (['{"a": 1}', '{"a": 2}', '{"a": 3}'], {"a": [1, 2, 3]}),
        (['{"a": [1]}', '{"a": [2, 3]}'], {"a": [1, 2, 3]}),
        (['{"a": [1]}', '{"a": 2}'], {"a": [1, 2]}),
        (['{"a": 1}', '{"a": [2]}'], {"a": [1, [2]]}),
        (['{"a": {"x": 1}}', '{"a": {"x": 2, "y": 3}}'], {"a": {"x": [1, 2], "y": 3}}),
        (['{"a": null}', '{"a": null}'], {"a": [None, None]}),
        (['{"a": {"x": 1}}', '{"a": 2}'], {"a": [{"x": 1}, 2]}),
    ],
)
def test_objects_become_one(bodies: list[str], merged: Any) -> None:
    messages = _json(*bodies)
    assert _merge.merge_objects(messages, _expression("json-eval($)")) == merged
    assert [message.payload.json() for message in messages] == [json.loads(body) for body in bodies]


def test_what_is_no_object_cannot_be_one() -> None:
    with pytest.raises(Fault, match="needs objects"):
        _merge.merge_objects(_json('{"a": 1}', "2"), _expression("json-eval($)"))


def _body(messages: list[MessageContext], path: str | None) -> str:
    payload = _merge.merge_xml(messages, _expression(path) if path else None)
    body = payload.envelope().find("{*}Body")
    assert body is not None
    clean = [etree.fromstring(etree.tostring(child)) for child in body]
    for each in clean:
        etree.cleanup_namespaces(each)
    return "".join(etree.tostring(each, encoding="unicode") for each in clean)


XML = {
    "first elements": (None, ["<a>1</a>", "<b/>"], "<a>1</a><b/>"),
    "matches in place of what was around them in the first": (
        "//x",
        ["<r><k/><x>1</x></r>", "<r><x>2</x><x>3</x></r>"],
        "<x>1</x><x>2</x><x>3</x>",
    ),
    "deeper": ("//x", ["<r><l><x>1</x></l></r>", "<x>2</x>"], "<x>1</x><x>2</x>"),
    "the element itself": ("//r", ["<r>1</r>", "<r>2</r>"], "<r>1</r><r>2</r>"),
    "nothing in the first: it stays": ("//x", ["<r/>", "<x/>"], "<r/><x/>"),
    "namespaces": (
        "//m:x",
        ['<r xmlns="urn:m"><x/></r>', '<m:x xmlns:m="urn:m"/>'],
        '<x xmlns="urn:m"/><m:x xmlns:m="urn:m"/>',
    ),
    "mixed content": ("//x", ["<r>a<x>b<i/>c</x>d</r>", "<x>ü</x>"], "<x>b<i/>c</x><x>ü</x>"),
}


@pytest.mark.parametrize(("path", "bodies", "merged"), XML.values(), ids=XML)
def test_xml(path: str | None, bodies: list[str], merged: str) -> None:
    messages = _xml(*bodies)
    assert _body(messages, path) == merged
    assert [message.payload.render("xml").decode() for message in messages] == bodies


@pytest.mark.parametrize(("path", "text"), [("//x", "finds no element"), ("/*", "finds a whole SOAP envelope")])
def test_xml_that_cannot_be_taken_is_a_fault(path: str, text: str) -> None:
    with pytest.raises(Fault, match=text):
        _merge.merge_xml(_xml("<x/>", "<y/>"), _expression(path))


def test_a_soap_message_stays_one() -> None:
    soap = '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Header><h/></e:Header><e:Body><x/></e:Body></e:Envelope>'
    first, second = (HARNESS.message(soap.encode(), "application/soap+xml") for _ in range(2))
    payload = _merge.merge_xml([first, second], _expression("//x"))
    assert payload.kind == "soap12"
    assert len(payload.envelope().findall("{*}Header/h")) == 1
    assert len(payload.envelope().findall("{*}Body/x")) == 2


def test_an_element_around_the_result() -> None:
    payload = _merge.merge_xml(_xml("<x>1</x>", "<x>2</x>"), None)
    _merge.enclose(payload, etree.fromstring("<all a='1'/>"))
    assert payload.render("xml") == b'<all a="1"><x>1</x><x>2</x></all>'
