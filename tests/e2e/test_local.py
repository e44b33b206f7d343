"""Flows that call proxies of the same engine without a connection, through a running engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

FLOWS = """<definitions xmlns="http://ws.apache.org/ns/synapse">
  <proxy name="outer"><target>
    <inSequence><send><endpoint><address uri="local://services/inner"/></endpoint></send></inSequence>
    <outSequence><header name="X-Outer" scope="transport" expression="get-property('axis2', 'HTTP_SC')"/><send/>
    </outSequence></target></proxy>
  <proxy name="inner" transports="local"><target>
    <inSequence><send><endpoint><address uri="{url}/inner"/></endpoint></send></inSequence>
    <outSequence><header name="X-Inner" scope="transport" value="yes"/><send/></outSequence></target></proxy>
  <proxy name="open"><target><inSequence>
    <property name="uri.var.base" expression="get-property('transport', 'base')"/>
    <call><endpoint><http method="post" uri-template="{{uri.var.base}}/x"/></endpoint></call><respond/>
  </inSequence></target></proxy>
  <proxy name="address"><target><inSequence>
    <property name="base" expression="get-property('transport', 'base')"/>
    <call><endpoint><address uri="${{base}}/x"/></endpoint></call><respond/></inSequence></target></proxy>
</definitions>"""


@pytest.fixture(scope="module")
def engine(start: Callable[..., Any], back_end: Any) -> Any:
    return start({"f.xml": FLOWS.format(url=back_end.url)})


def test_a_request_goes_through_two_proxies_to_the_back_end(engine: Any, back_end: Any) -> None:
    back_end.on("/inner/x", lambda message, connection: connection.answer(404, b'{"no": 1}', "X-Back: end"))
    answer = engine.call("PUT", "/services/outer/x?y=z", json={"a": 1}, headers={"X-Shop": "north"})
    assert (answer.status_code, answer.json()) == (404, {"no": 1})
    names = ("x-outer", "x-inner", "x-back")
    assert [answer.headers.get(name) for name in names] == ["404", "yes", "end"]
    sent = back_end.last()
    assert (sent.method, sent.target, sent.body) == ("PUT", "/inner/x?y=z", b'{"a": 1}')
    assert sent.header("x-shop") == "north"


def test_a_large_body(engine: Any) -> None:
    body = b"x" * 3_000_000
    answer = engine.call("POST", "/services/outer", data=body, headers={"Content-Type": "application/octet-stream"})
    assert (answer.status_code, answer.content) == (200, body)


def test_nobody_else_reaches_a_proxy_with_the_transport_local_alone(engine: Any) -> None:
    assert engine.post("/services/inner", {}).status_code == 404


@pytest.mark.parametrize("path", ["open", "address"])
def test_a_client_does_not_choose_a_proxy(engine: Any, back_end: Any, path: str) -> None:
    for base, status in ((back_end.url, 200), ("local://services/inner", 502)):
        answer = engine.call("POST", f"/services/{path}", json={}, headers={"base": base})
        assert (base, answer.status_code) == (base, status)
