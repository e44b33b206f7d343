from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.expressions.values import element_xml
from engine.message.context import MessageContext
from engine.message.parameters import Parameters
from engine.ported import find
from engine.testing.harness import Harness

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


def ran(parameters: dict[str, str], *computed: str, base: str = "http://h", body: str = '{"id": 7}') -> MessageContext:
    message = Harness().message(body.encode(), "application/json")
    message.functions.append(Parameters(parameters, computed=frozenset(computed)))
    message.properties["HTTP_CONN_BASE_PATH"] = base
    message.variables |= {"name": 'A "B" <C>', "list": [1, 2]}
    found = find("org.wso2.carbon.http.connector.RestURLBuilder")
    assert found is not None
    found().mediate(message)
    return message


@pytest.mark.parametrize(
    ("base", "path", "expected"),
    [
        ("http://h", "a", ("http://h/", "a")),
        ("http://h/", "/a?b=c", ("http://h/", "a?b=c")),
        (" http://h/x ", " /a ", ("http://h/x/", "a")),
        ("http://h", "?b=c", ("http://h", "?b=c")),
        ("http://h", "", ("http://h", "")),
        ("", "http://h/a", ("", "http://h/a")),
        ("http://h", "/orders/${payload.id}/${vars.none}", ("http://h/", "orders/7/")),
    ],
)
def test_the_address(base: str, path: str, expected: tuple[str, str]) -> None:
    properties = ran({"relativePath": path}, base=base).properties
    assert (properties["uri.var.base"], properties["uri.var.path"], properties["uri.var.query"]) == (*expected, "")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ('[["X-A", "1"], ["X-B", " ${payload.id} "]]', {"x-a": "1", "x-b": "7"}),
        ('[{"X-A": "${vars.name}"}, {"X-B": 2}]', {"x-a": 'A "B" <C>', "x-b": "2"}),
        ('[["X-A"], [], {}, "no", [" ", "no"]]', {}),
        ("[]", {}),
        ("", {}),
        ('\'[["X-A", "1"]]\'', {"x-a": "1"}),
    ],
)
def test_headers(headers: str, expected: dict[str, str]) -> None:
    message = ran({"headers": headers})
    assert {name: value for name, value in dict(message.headers).items() if name.startswith("x-")} == expected


@pytest.mark.parametrize(
    ("parameters", "body", "media"),
    [
        ({"requestBodyType": "JSON", "requestBodyJson": "'{\"n\": \"${vars.name}\", \"l\": ${vars.list}}'"},
         b'{"n": "A \\"B\\" <C>", "l": [1,2]}', "application/json"),
        ({"requestBodyType": "TEXT", "requestBodyText": "Hello ${payload.id}"}, b"Hello 7", "text/plain"),
        ({"requestBodyType": "JSON"}, b'{"id": 7}', "application/json"),
        ({"requestBodyJson": "{}"}, b'{"id": 7}', "application/json"),
    ],
)  # fmt: skip
def test_the_body(parameters: dict[str, str], body: bytes, media: str) -> None:
    message = ran(parameters)
    assert message.payload.render(message.payload.kind) == body
    assert message.message_type.partition(";")[0] == media


def test_an_xml_body() -> None:
    message = ran({"requestBodyType": "XML", "requestBodyXml": "<a><b>${vars.name}</b></a>"})
    content = message.payload.content()
    assert content is not None
    assert element_xml(content) == '<a><b>A "B" &lt;C&gt;</b></a>'
    assert message.message_type == "application/xml"


def test_an_envelope() -> None:
    envelope = f'<e:Envelope xmlns:e="{SOAP}"><e:Header><h/></e:Header><e:Body><a/></e:Body></e:Envelope>'
    message = ran({"requestBodyType": "XML", "requestBodyXml": envelope})
    assert message.payload.envelope().find("{*}Header/h") is not None


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("relativePath", "/${payload.id}", lambda message: message.properties["uri.var.path"]),
        ("requestBodyText", "/${payload.id}", lambda message: "/" + message.payload.text().removeprefix("/")),
    ],
)
def test_what_an_expression_gave_is_no_expression(name: str, value: str, read: Any) -> None:
    message = ran({name: value, "requestBodyType": "TEXT"}, name)
    assert read(message).removeprefix("/") == "${payload.id}"


@pytest.mark.parametrize(
    ("parameters", "fault"),
    [
        ({"headers": "[["}, "the parameter 'headers' is not JSON"),
        ({"relativePath": "/${payload.}"}, "has a mistake at character"),
        ({"requestBodyType": "JSON", "requestBodyJson": "{"}, "not JSON"),
        ({"requestBodyType": "XML", "requestBodyXml": "<a>"}, "the body made of the parameters is not XML"),
    ],
)
def test_mistakes(parameters: dict[str, str], fault: str) -> None:
    with pytest.raises(Fault, match=fault):
        ran(parameters)
