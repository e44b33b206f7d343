from __future__ import annotations

import ipaddress
import re
import socket
import time
from typing import Any

import pytest

from engine.errors import Fault
from engine.expressions.compile import compile_expression
from engine.message.parameters import Parameters

SOAP = b"""<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://www.w3.org/2005/08/addressing">
<s:Header><a:MessageID>urn:1</a:MessageID><a:RelatesTo>urn:0</a:RelatesTo><a:Action>urn:act</a:Action>
<a:From><a:Address>urn:from</a:Address></a:From><a:ReplyTo><a:Address>urn:reply</a:Address></a:ReplyTo></s:Header>
<s:Body><s:Fault/></s:Body></s:Envelope>"""


def read(message: Any, expression: str) -> str | None:
    return compile_expression(expression, {}).text(message)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("get-property('p')", "default"),
        ("get-property('default', 'p')", "default"),
        ("get-property('synapse', 'p')", "default"),
        ("get-property('axis2', 'p')", "200"),
        ("get-property('axis2-client', 'p')", "client"),
        ("get-property('transport', 'p')", "header"),
        ("get-property('transport', 'Action')", "http action"),
        ("get-property('operation', 'p')", "operation"),
        ("get-property('func', 'p')", "parameter"),
        ("get-property('env', 'MYELIN_TEST')", "environment"),
        ("get-property('system', 'MYELIN_TEST')", "environment"),
        ("get-property('registry', 'conf:/r')", "resource"),
        ("get-property('registry', 'conf:/none')", ""),
        ("get-property('registry', 'conf:/r@size')", "12"),
        ("get-property('registry', 'conf:/r/@size')", "12"),
        ("get-property('registry', 'conf:/r@none')", ""),
        ("get-property('registry', 'conf:/none@size')", ""),
        ("get-property('entry')", "local entry"),
        ("get-property('none')", None),
        ("get-property('axis2', 'none')", None),
        ("get-property('transport', 'none')", None),
        ("get-property('env', 'MYELIN_NONE')", ""),
        ("get-property('')", ""),
        ("get-property(concat('', 'p'))", "default"),
        ("get-property(concat('axis', '2'), 'p')", "200"),
    ],
)
def test_trap_12_scopes(
    make_message: Any, monkeypatch: pytest.MonkeyPatch, expression: str, expected: str | None
) -> None:
    monkeypatch.setenv("MYELIN_TEST", "environment")
    message = make_message(headers=((b"P", b"header"), (b"Action", b"http action")), p="default")
    message.axis2["p"], message.axis2_client["p"], message.operation["p"] = 200, "client", "operation"
    message.functions = [Parameters({"p": "parameter"})]
    message.env.registry.put("conf:/r", b"resource")
    message.env.registry.put("conf:/r.properties", b"# of r\nsize=12\n")
    message.env.entries["entry"] = "local entry"
    assert read(message, expression) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("MessageID", "urn:1"),
        ("RelatesTo", "urn:0"),
        ("Action", "urn:act"),
        ("From", "urn:from"),
        ("ReplyTo", "urn:reply"),
        ("FaultTo", ""),
        ("To", "http://next"),
        ("MESSAGE_FORMAT", "soap11"),
        ("FAULT", "TRUE"),
        ("OperationName", "mediate"),
        ("OperationNamespace", ""),
        ("TRANSPORT_IN_NAME", "http"),
        ("SERVER_HOST", socket.gethostname()),
    ],
)
def test_trap_12_names_that_describe_the_message(make_message: Any, name: str, expected: str) -> None:
    message = make_message(SOAP, "text/xml")
    message.to = "http://next"
    assert read(message, f"get-property('{name}')") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Action", ""), ("From", ""), ("To", ""), ("FAULT", ""), ("MESSAGE_FORMAT", "pox"), ("MessageID", "id-1")],
)
def test_trap_12_without_soap_they_are_empty(make_message: Any, name: str, expected: str) -> None:
    message = make_message(b"<a/>", "text/xml")
    message.correlation = b"id-1"
    assert read(message, f"get-property('{name}')") == expected


def test_the_soap_action_header_is_the_action(make_message: Any) -> None:
    message = make_message(headers=((b"SOAPAction", b'"urn:a"'),))
    assert read(message, "get-property('Action')") == "urn:a"


@pytest.mark.parametrize("expression", ["get-property('SYSTEM_TIME')", "get-property('axis2', 'SYSTEM_TIME')"])
def test_trap_12_system_time_is_milliseconds(make_message: Any, expression: str) -> None:
    before = int(time.time() * 1000)
    now = int(read(make_message(), expression) or "")
    assert before <= now <= int(time.time() * 1000)


def test_trap_12_a_second_argument_that_is_no_scope_is_a_date_pattern(make_message: Any) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", read(make_message(), "get-property('SYSTEM_DATE', 'yyyy-MM-dd')") or "")
    assert re.fullmatch(r"\d\d:\d\d", read(make_message(), "get-property('axis2', 'SYSTEM_DATE', 'HH:mm')") or "")
    assert re.fullmatch(r"\d+/\d+/\d\d, \d+:\d\d [AP]M", read(make_message(), "get-property('SYSTEM_DATE')") or "")


def test_the_file_scope_is_the_properties_file(make_message: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    message = make_message(scope="file")
    message.env.settings["db.host"] = "localhost"
    assert read(message, "get-property('file', 'db.host')") == "localhost"
    assert read(message, "get-property($ctx:scope, 'db.host')") == "localhost"
    assert read(message, "get-property('file', 'no')") == ""
    monkeypatch.setenv("db.host", "elsewhere")
    assert read(message, "get-property('file', 'db.host')") == "elsewhere"


def test_a_resource_that_is_no_text_is_a_fault(make_message: Any) -> None:
    message = make_message()
    message.env.registry.put("conf:/b", b"\xff")
    with pytest.raises(Fault, match="not utf-8"):
        read(message, "get-property('registry', 'conf:/b')")


def test_the_address_of_the_server(make_message: Any) -> None:
    assert ipaddress.ip_address(read(make_message(), "get-property('SERVER_IP')") or "")
