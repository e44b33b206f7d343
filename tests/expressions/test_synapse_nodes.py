from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from engine.errors import Fault
from engine.expressions.compile import compile_expression

BODY = (
    b'{"name":"Ada","age":36,"price":25.0000,"key":123456789012345678,"null":null,"yes":true,"i":1,"pick":"b",'
    b'"list":["a","b","c"],"nested":[[1,2],[3]],"items":[{"n":1,"k":"a"},{"n":2,"k":"b"}],"vars":{"payload":5}}'
)


@pytest.fixture
def message(make_message: Any) -> Any:
    headers = ((b"Count", b"10"), (b"Zip", b"007"), (b"ETag", b'"abc"'), (b"Content-Type", b"application/json"))
    message = make_message(BODY, "application/json", headers=headers, query="q=5&name=A%20B", s="text", n=5, t=True)
    message.properties["uri.var.id"] = "42"
    message.properties["query.param.q"] = "6"
    message.axis2["HTTP_SC"] = 404
    message.variables.update(
        a=1,
        name="Ada",
        json='{"x":[1,{"y":2}]}',
        list=[5, 6, 7],
        obj={"a b": {"c": 1}},
        i=2,
        min=1,
        wanted="b",
        no=None,
    )
    message.variables["xml"] = etree.fromstring("<o><id>7</id><id>8</id></o>")
    message.variables["answer"] = {
        "payload": etree.fromstring('<o id="1"><n>x</n></o>'),
        "attributes": {"statusCode": 200},
        "headers": {"Content-Type": "text/xml"},
    }
    return message


def text(message: Any, expression: str) -> str | None:
    return compile_expression(f"${{{expression}}}", {"m": "urn:m"}).text(message)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("true && false == false", "true"),
        ("1 == 1 and true", ""),
        ("(1 == 1) and (2 == 2)", "true"),
        ("false or true and false", "false"),
        ("5 == 5.0", "false"),
        ("'5' == 5", "true"),
        ("10 / 4", "2.5"),
        ("9 / 3", "3"),
        ("3 - 1", "2"),
        ("3 + -1", "2"),
        ("vars.undefined", ""),
        ("vars.undefined == null", ""),
        ("payload.null == null", "true"),
        ("not(true)", "false"),
        ("false and vars.undefined", ""),
        ("1 > 'a'", ""),
    ],
)
def test_trap_14_precedence_and_errors(message: Any, expression: str, expected: str) -> None:
    assert text(message, expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("payload.name", "Ada"),
        ("$.name", "Ada"),
        ('payload["name"]', "Ada"),
        ("payload.['name']", "Ada"),
        ("payload . name", "Ada"),
        ("payload.price", "25.0000"),
        ("payload.price + 1", "26.0"),
        ("payload.key", "123456789012345678"),
        ("payload.key + 1", "123456789012345679"),
        ("payload.null", ""),
        ("payload.missing", ""),
        ("payload.yes", "true"),
        ("payload.list", '["a","b","c"]'),
        ("payload.list[-1]", "c"),
        ("payload.list[payload.i]", "b"),
        ("payload.list[vars.i]", "c"),
        ("payload.list[vars.i - 1]", "b"),
        ("payload.list[payload.i, 2]", '["b","c"]'),
        ("payload.list[payload.i:]", '["b","c"]'),
        ("payload.list[:payload.i]", '["a"]'),
        ("payload.list[-vars.i:]", '["b","c"]'),
        ("payload.list[0:2]", '["a","b"]'),
        ("payload.list[*]", '["a","b","c"]'),
        ("payload[payload.missing]", ""),
        ("payload['na' + 'me']", "Ada"),
        ("payload.list[payload.name]", ""),
        ("payload.nested[0][1]", "2"),
        ("payload..n", "[1,2]"),
        ("payload.items[?(@.n > vars.min)].k", '["b"]'),
        ("payload.items[?(@.k == vars.wanted)].n", "[2]"),
        ("payload.items[?(@.k == $.pick)].n", "[2]"),
        ("payload.items[?(@.n >= integer(vars.min))].n", "[1,2]"),
        ("payload.items[?(@.k == vars.undefined)]", ""),
        ("payload.list.length()", "3"),
        ("payload.items[*].n.sum()", "3.0"),
        ("payload.list.last()", "c"),
        ("payload.vars.payload", "5"),
        ("payload.list[5]", ""),
    ],
)
def test_the_payload(message: Any, expression: str, expected: str) -> None:
    assert text(message, expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("vars.name", "Ada"),
        ('vars["name"]', "Ada"),
        ('vars."name"', "Ada"),
        ("vars.list[1]", "6"),
        ("vars.json.x[1].y", "2"),
        ("vars.obj['a b'].c", "1"),
        ("vars.answer.attributes.statusCode", "200"),
        ("vars.answer.headers['Content-Type']", "text/xml"),
        ("vars.answer.payload", '<o id="1"><n>x</n></o>'),
        ("vars.a.b", ""),
        ("vars.name.x", ""),
        ("vars.xml.id", ""),
        ("vars.no", ""),
        ("vars.xml", "<o><id>7</id><id>8</id></o>"),
        ("vars.list[?(@ > 5)]", "[6,7]"),
    ],
)
def test_variables(message: Any, expression: str, expected: str) -> None:
    assert text(message, expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("headers.count + 1", "11"),
        ("headers['Content-Type']", "application/json"),
        ("headers.Content-Type", "application/json"),
        ("headers.zip", "007"),
        ("headers.etag", '"abc"'),
        ("headers.missing", ""),
        ("props.synapse.s", "text"),
        ("properties.synapse.n + 1", "6"),
        ("props.synapse.t", "true"),
        ("not(props.synapse.t)", "false"),
        ("props.axis2.HTTP_SC == 404", "true"),
        ("properties.axis2['HTTP_SC']", "404"),
        ("props.synapse.missing", ""),
        ("params.pathParams.id", "42"),
        ("params.queryParams.q", "6"),
        ("params.queryParams.name", "A B"),
        ("params.queryParams.missing", ""),
    ],
)
def test_what_is_looked_up_by_name(message: Any, expression: str, expected: str) -> None:
    assert text(message, expression) == expected


def test_configuration_values(message: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    message.env.settings["host"] = "localhost"
    assert text(message, "configs.host") == "localhost"
    assert text(message, "configs.no") == ""
    monkeypatch.setenv("host", "elsewhere")
    assert text(message, "configs.host") == "elsewhere"


def test_template_parameters(message: Any) -> None:
    from engine.message.parameters import Parameters

    message.functions.append(Parameters({"p": "5"}))
    assert text(message, "params.functionParams.p + 1") == "6"
    assert text(message, "params.functionParams.q") == ""
    message.functions.pop()
    with pytest.raises(Fault, match="outside a template"):
        text(message, "params.functionParams.p")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("payload.age > 18 ? 'adult' : 'minor'", "adult"),
        ("payload.age > 40 ? 'old' : payload.age > 18 ? 'adult' : 'minor'", "adult"),
        ("payload.name ? 1 : 2", ""),
        ("null ? 1 : 2", ""),
        ("exists(payload.full) ? payload.full : payload.name", "Ada"),
        ("exists(payload.null)", "false"),
        ("[1, 'a', payload.age]", '[1,"a",36]'),
        ("length([])", "0"),
        ("split('a,b', ',')[1]", "b"),
        ("toUpper(subString('Lahiru', 2, 4))", "HI"),
        ("trim(null)", ""),
        ("'a\\'b'", "a\\'b"),
    ],
)
def test_conditions_and_functions(message: Any, expression: str, expected: str) -> None:
    assert text(message, expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("xpath('//id', 'xml')", "<id>7</id><id>8</id>"),
        ("xpath('//id[1]/text()', 'xml')", "7"),
        ("xpath('/o/@id', 'answer.payload')", "1"),
        ("toUpper(xpath('//n/text()', 'answer.payload'))", "X"),
        ("xpath('//n', 'answer.headers')", ""),
        ("xpath('//n', 'ghost.payload')", ""),
        ("xpath('//n', 'ghost')", ""),
        ("xpath('$ctx:s')", "text"),
        ("xpath(vars.name + '[')", ""),
        ("xpath('$ctx:s', 'answer.payload')", ""),
    ],
)
def test_xpath(message: Any, expression: str, expected: str) -> None:
    assert text(message, expression) == expected


def test_xml_payloads(make_message: Any) -> None:
    message = make_message(b'<m:o xmlns:m="urn:m"><m:id>7</m:id><list>1</list><list>2</list></m:o>', "application/xml")
    assert text(message, "xpath('//m:id/text()')") == "7"
    assert text(message, "payload.o.list[1]") == "2"
    body = text(message, "payload")
    assert body is not None
    assert body.startswith("<soapenv:Body")
    nodes = compile_expression("${xpath('//list')}", {}).evaluate(message)
    assert [node.text for node in nodes] == ["1", "2"]
    assert compile_expression("${true ? xpath('//list') : 1}", {}).evaluate(message)[0].tag == "list"


def test_other_payloads(make_message: Any) -> None:
    assert text(make_message(), "payload") == ""
    assert text(make_message(b"hello", "text/plain"), "payload.text") == "hello"
    assert text(make_message(b"[1,2]", "application/json"), "payload[1]") == "2"
    with pytest.raises(Fault, match="not JSON"):
        text(make_message(b"{", "application/json"), "payload.a")


def test_the_registry(message: Any) -> None:
    message.env.registry.put("conf:/a.json", b'{"b": [1, 2]}')
    assert text(message, "registry('conf:/a.json').b[1]") == "2"
    assert text(message, "registry('conf:/a.json')") == '{"b": [1, 2]}'
    assert text(message, "registry('conf:/none')") == ""
    assert text(message, "registry('conf:/a.json').property('x')") == ""
