from __future__ import annotations

from pathlib import Path

import pytest

from engine.core.http import HttpRequest
from engine.errors import Problems
from engine.plugins.wso2_connector import read_connector
from tests.plugins.wso2 import ACME, files, template, write_folder
from tools.connector_calls import Expected, calls_of

MORE = {
    "either": template(
        "e",
        '<filter xpath="true()"><then><call><endpoint><http uri-template="http://a/"/></endpoint></call></then></filter>'
        '<class name="x.Y"/>',
    ),
    "default": template("d", "<call><endpoint><default/></endpoint></call>"),
    "broken": "<template",
}


@pytest.mark.parametrize(
    ("operation", "expected", "java"),
    [
        ("getOrder", [Expected("GET", "{+uri.var.url}/orders/{uri.var.id}")], False),
        ("getTwice", [Expected("GET", "{+uri.var.url}/orders/{uri.var.id}")], False),
        ("either", [Expected("POST", "http://a/", True)], True),
        ("default", [Expected("", "")], False),
        ("init", [], False),
        ("broken", [], False),
    ],
)
def test_calls(tmp_path: Path, operation: str, expected: list[Expected], java: bool) -> None:
    connector = read_connector(write_folder(tmp_path, files(ACME | MORE)), Problems())
    assert connector is not None
    assert calls_of(connector, connector.operations[operation]) == (expected, java)


@pytest.mark.parametrize(
    ("method", "url", "matches"),
    [
        ("GET", "http://h/orders/1?x=y", True),
        ("POST", "http://h/orders/1?x=y", False),
        ("GET", "http://h/other/1?x=y", False),
        ("GET", "http://h/orders/1", False),
    ],
)
def test_matching(method: str, url: str, matches: bool) -> None:
    expected = Expected("GET", "{+uri.var.url}/orders/{uri.var.id}?x={uri.var.x}")
    assert expected.matches(HttpRequest(method, url, [], b"")) is matches
