from __future__ import annotations

import gc
from typing import Any

import pytest
from lxml import etree

from engine.errors import Fault
from engine.expressions.base import ExpressionError
from engine.expressions.xpath import compile_xpath

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NAMESPACES = {"": "urn:default", "soapenv": SOAP, "m": "urn:m"}
BODY = (
    b'<m:order xmlns:m="urn:m" id="7"><symbol/><name> Ada\xc2\xa0</name><item><n>1</n></item><item><n>2</n></item>'
    b"<total>12</total></m:order>"
)


@pytest.fixture
def message(make_message: Any) -> Any:
    message = make_message(BODY, "application/xml", s="text", i=5, d=2.5, t=True, digits="12", long=1700000000000)
    message.properties["key"] = 123456789012345678
    message.properties["xml"] = etree.fromstring("<p><q>1</q><q>2</q></p>")
    message.properties["uri.var.x-y"] = "dotted"
    return message


def text(message: Any, expression: str) -> str | None:
    return compile_xpath(expression, NAMESPACES).text(message)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("//symbol", "<symbol/>"),
        ("//item[1]", "<item><n>1</n></item>"),
        ("//name", "Ada"),
        ("//n", "<n>1</n><n>2</n>"),
        ("//n/text()", "12"),
        ("//@id", "7"),
        ("//nothing", ""),
    ],
)
def test_trap_02_node_sets_as_text(message: Any, expression: str, expected: str) -> None:
    assert text(message, expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("count(//n)", "2.0"),
        ("1 + 1", "2.0"),
        ("10000000000 * 1", "1.0E10"),
        ("0 div 0", "NaN"),
        ("concat('', count(//n))", "2"),
        ("//total = 12", "true"),
    ],
)
def test_trap_03_numbers_are_java_doubles(message: Any, expression: str, expected: str) -> None:
    assert text(message, expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$ctx:no = ''", False),
        ("$ctx:no != ''", False),
        ("$ctx:no = $ctx:none", False),
        ("not(get-property('no') = '')", True),
        ("not($ctx:no)", True),
        ("boolean($ctx:no)", False),
        ("string($ctx:no) = ''", True),
        ("$trp:no = ''", False),
        ("$url:no = ''", True),
        ("$ctx:no > 1", False),
    ],
)
def test_trap_04_null_comparison(message: Any, expression: str, expected: bool) -> None:
    compiled = compile_xpath(expression, {})
    assert compiled.truth(message) is expected
    assert compiled.evaluate(message) is expected


def test_trap_05_no_match_is_empty_and_only_a_missing_property_is_null(message: Any) -> None:
    assert text(message, "//nothing") == ""
    assert text(message, "string($ctx:no)") == ""
    assert text(message, "$ctx:no") is None
    assert text(message, "get-property('no')") is None


def test_trap_06_func_outside_a_template_is_a_fault(message: Any) -> None:
    with pytest.raises(Fault, match=r"\$func:p is used outside a template"):
        text(message, "$func:p = 'x'")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$ctx:i > 3", "true"),
        ("$ctx:i + 1", "6.0"),
        ("$ctx:d * 2", "5.0"),
        ("$ctx:t = true()", "true"),
        ("string-length($ctx:long)", "13.0"),
        ("substring($ctx:long, 1, 4)", "1700"),
        ("$ctx:long > 1699999999999", "true"),
        ("$ctx:key = '123456789012345678'", "true"),
        ("contains($ctx:key, '678')", "true"),
        ("$ctx:digits + 1", "13.0"),
    ],
)
def test_trap_09_typed_properties_work_as_numbers(message: Any, expression: str, expected: str) -> None:
    assert text(message, expression) == expected


@pytest.mark.parametrize("namespaces", [{}, {"fn": "http://www.w3.org/2005/xpath-functions"}])
def test_trap_10_fn_works_bound_or_not(message: Any, namespaces: dict[str, str]) -> None:
    compiled = compile_xpath("fn:concat(fn:upper-case($ctx:s), fn:string-length('abc'), 'fn:x')", namespaces)
    assert compiled.text(message) == "TEXT3fn:x"


def test_trap_11_the_default_namespace_is_not_used(message: Any) -> None:
    assert text(message, "//order") == ""
    assert text(message, "string(/soapenv:Envelope/soapenv:Body/m:order/@id)") == "7"


def test_names_with_dots_and_literals_with_dollars(message: Any) -> None:
    assert text(message, "$ctx:uri.var.x-y = 'dotted'") == "true"
    assert text(message, "translate('$ctx:s', '$', '#')") == "#ctx:s"


@pytest.mark.parametrize(
    ("expression", "value"),
    [("$ctx:s'", "text"), ("$ctx:s ')", "text"), ("concat('<', $ctx:s, '>')  \"more", "<text>"), ("1 + 2'", "3.0")],
)
def test_a_quote_without_its_partner_ends_the_expression(message: Any, expression: str, value: str) -> None:
    message.properties["s"] = "text"
    assert text(message, expression) == value
    quote = "'" if "more" not in expression else '"'
    assert compile_xpath(expression, {}).remark == f"the text that starts with {quote} has no end, and it is left out."
    assert compile_xpath("$ctx:s", {}).remark == ""


@pytest.mark.parametrize(("expression", "offset"), [("a = 'open", 4), ("'", 0), ("concat('a', 'b)", 12)])
def test_a_quote_without_its_partner_where_something_must_follow(expression: str, offset: int) -> None:
    with pytest.raises(ExpressionError, match="the text that starts with ' has no end") as caught:
        compile_xpath(expression, {})
    assert caught.value.offset == offset


def test_body_header_env(message: Any) -> None:
    assert text(message, "local-name($body/*)") == "order"
    assert text(message, "count($header)") == "0.0"
    assert text(message, "local-name($env)") == "Envelope"


@pytest.mark.parametrize(("expression", "expected"), [("//n", True), ("//no", False), ("count(//no)", False)])
def test_truth_is_xpath_boolean(message: Any, expression: str, expected: bool) -> None:
    assert compile_xpath(expression, {}).truth(message) is expected
    assert compile_xpath("0 div 0", {}).truth(message) is False


def test_elements_of_the_payload_are_its_own_nodes(message: Any) -> None:
    [order] = compile_xpath("//m:order", NAMESPACES).evaluate(message)
    assert order is message.payload.content()


def test_elements_of_a_property_survive_the_property(message: Any) -> None:
    nodes = compile_xpath("$ctx:xml/q", {}).evaluate(message)
    del message.properties["xml"]
    gc.collect()
    assert [etree.tostring(node) for node in nodes] == [b"<q>1</q>", b"<q>2</q>"]


def test_trap_07_argument_keeps_one_element(message: Any) -> None:
    item = compile_xpath("//item[1]", {}).argument(message)
    assert (item.tag, item[0].text) == ("item", "1")
    assert compile_xpath("//total/text()", {}).argument(message) == "12"
    assert compile_xpath("count(//n)", {}).argument(message) == "2.0"


def test_an_expression_without_the_body_never_parses_it(make_message: Any) -> None:
    message = make_message(b"<not xml", "application/xml", a="5")
    compiled = compile_xpath("$ctx:a > 3 and not($trp:b) and base64Encode($ctx:a) = 'NQ=='", {})
    assert compiled.reads_body is False
    assert compiled.truth(message) is True


def test_a_broken_body_is_a_fault_of_its_sender(make_message: Any) -> None:
    with pytest.raises(Fault, match="not XML") as caught:
        compile_xpath("//a", {}).evaluate(make_message(b"<not xml", "application/xml"))
    assert caught.value.status == 400


def test_a_failing_evaluation_is_a_fault(message: Any) -> None:
    with pytest.raises(Fault, match=r"count\('a'\) failed"):
        compile_xpath("count('a')", {}).evaluate(message)


def test_functions_see_the_message_of_their_own_evaluation(make_message: Any) -> None:
    compiled = compile_xpath("get-property(concat('', $ctx:name))", {})
    first, second = make_message(name="k", k="one"), make_message(name="k", k="two")
    assert [compiled.text(each) for each in (first, second, first)] == ["one", "two", "one"]


def test_json_payloads_are_seen_as_xml(make_message: Any) -> None:
    message = make_message(b'{"a":{"b":[1,2]}}', "application/json")
    assert text(message, "sum(//b)") == "3.0"
