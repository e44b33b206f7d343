from __future__ import annotations

import logging
from typing import Any

import pytest
from lxml import etree

from engine.errors import Fault
from engine.expressions.base import ExpressionError
from engine.expressions.jsonpath import JsonPath
from engine.expressions.jsonpath_steps import MISSING

BODY_2 = '{"a":7,"c":{"d":8},"i":1,"list":["one","two"]}'
BODY = b'{ "key": 123456789012345678, "n": null, "t": true, "price": 25.0000, "o": {"a": [1, "x"]}, "s": "text" }'


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.missing", ""),
        ("$.o.missing.deeper", ""),
        ("$.n", "null"),
        ("$.t", "true"),
        ("$.key", "123456789012345678"),
        ("$.price", "25.0000"),
        ("$.s", "text"),
        ("$.o", '{"a":[1,"x"]}'),
        ("$.o.a", '[1,"x"]'),
        ("$..a[1]", '["x"]'),
        ("$..none", "[]"),
        ("$", BODY.decode()),
    ],
)
def test_trap_01_text_of_a_path(make_message: Any, path: str, expected: str) -> None:
    assert JsonPath(path).text(make_message(BODY, "application/json")) == expected


def test_trap_01_values_of_a_path(make_message: Any) -> None:
    message = make_message(BODY, "application/json")
    assert JsonPath("$.missing").evaluate(message) is MISSING
    assert JsonPath("$.n").evaluate(message) is None
    assert JsonPath("$.o").evaluate(message) == {"a": [1, "x"]}
    assert JsonPath("$.o").argument(message) == '{"a":[1,"x"]}'


def test_trap_01_xml_is_converted_to_json_first(make_message: Any) -> None:
    message = make_message(b"<order><n>5</n></order>", "application/xml")
    assert JsonPath("$.order.n").evaluate(message) == 5
    assert JsonPath("$").text(message) == '{"order":{"n":5}}'


@pytest.mark.parametrize(("body", "content_type"), [(b"plain", "text/plain"), (b"\x00", "image/png"), (b"", "")])
def test_trap_01_no_json_view_is_empty_with_a_warning(
    make_message: Any, caplog: pytest.LogCaptureFixture, body: bytes, content_type: str
) -> None:
    with caplog.at_level(logging.WARNING, "myelin.expressions"):
        assert JsonPath("$.a").text(make_message(body, content_type)) == ""
    assert "json-eval($.a)" in caplog.text


def test_broken_json_is_a_fault_of_its_sender(make_message: Any) -> None:
    with pytest.raises(Fault, match="not JSON") as caught:
        JsonPath("$.a").text(make_message(b'{"a":', "application/json"))
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", True), ("TRUE", True), (True, True), ("false", False), ("yes", False), (1, False), ("", False)],
)
def test_trap_16_only_true_is_true(make_message: Any, value: Any, expected: bool) -> None:
    assert JsonPath("$ctx:p").truth(make_message(p=value)) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('{"a": {"b": 7}}', "7"),
        ({"a": {"b": 7}}, "7"),
        (etree.fromstring("<jsonObject><a><b>7</b></a></jsonObject>"), "7"),
        ("not json", ""),
        (None, ""),
    ],
)
def test_a_path_may_begin_at_a_property(make_message: Any, value: Any, expected: str) -> None:
    path = JsonPath("$ctx:p.a.b")
    assert path.reads_body is False
    assert path.text(make_message(p=value)) == expected


def test_properties_are_substituted_at_run_time(make_message: Any, caplog: pytest.LogCaptureFixture) -> None:
    path = JsonPath("$.list[{$ctx:i}].{ $ctx:name }")
    body = b'{"list":[{"a":"x"},{"a":"y"}]}'
    assert path.text(make_message(body, "application/json", i=1, name="a")) == "y"
    assert path.text(make_message(body, "application/json", i=0, name="a")) == "x"
    assert path.text(make_message(body, "application/json", i="[", name="a")) == ""
    assert "which is no path" in caplog.text


def test_reads_body() -> None:
    assert JsonPath("$.a").reads_body is True


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$trp:json.a[1]", "2"),
        ("$axis2:json.b", "x"),
        ("$axis2:none.b", ""),
        ("$ctx:p[?(@.n > 1)].k", '["b"]'),
        ("$.{$ctx:name}", "7"),
        ("$.{ $ctx:name }", "7"),
        ("$.{$trp:field}.d", "8"),
        ("$.{get-property('name')}", "7"),
        ("$.list[{json-eval($.i)}]", "two"),
        ("$.list[?(@ == '{$ctx:wanted}')]", '["two"]'),
        ("$.{$ctx:none}", BODY_2),
        ("$.a.", "7"),
        ("$.", BODY_2),
    ],
)
def test_properties_and_expressions_in_a_path(make_message: Any, path: str, expected: str) -> None:
    headers = ((b"json", b'{"a":[1,2]}'), (b"field", b"c"))
    message = make_message(BODY_2.encode(), "application/json", headers=headers, name="a", wanted="two")
    message.properties["p"] = [{"n": 1, "k": "a"}, {"n": 2, "k": "b"}]
    message.axis2["json"] = {"b": "x"}
    assert JsonPath(path).text(message) == expected


def test_a_wrong_expression_in_a_path_has_its_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        JsonPath("$.a[{$ctx:a = }]")
    assert caught.value.offset == 13


def test_repeated_elements_of_xml_have_indexes(make_message: Any) -> None:
    message = make_message(b"<o><n>1</n><n>2</n><t a='x'>y</t><e/></o>", "application/xml")
    expected = {
        "$.o.n[1]": "2",
        "$.o.n[*]": "[1,2]",
        "$.o.t": '{"@a":"x","$":"y"}',
        "$.o.t.@a": "x",
        "$.o.e": "null",
        "$.o": '{"n":[1,2],"t":{"@a":"x","$":"y"},"e":null}',
    }
    assert {path: JsonPath(path).text(message) for path in expected} == expected
