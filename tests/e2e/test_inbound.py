"""Inbound endpoints: requests on a port of their own."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import requests

FLOWS = """<definitions xmlns="http://ws.apache.org/ns/synapse">
  <sequence name="take"><property name="who" expression="json-eval($.who)"/>
    <filter source="$ctx:who" regex="nobody">
      <then><throwError type="NOBODY" errorMessage="nobody came"/></then></filter>
    <payloadFactory media-type="json"><format>{{"hello": "$1", "at": "$2"}}</format>
      <args><arg expression="$ctx:who"/><arg expression="get-property('To')"/></args></payloadFactory>
    <respond/></sequence>
  <sequence name="refuse"><property name="HTTP_SC" value="409" scope="axis2"/><respond/></sequence>
  {endpoint}
</definitions>"""
ENDPOINT = """<inboundEndpoint name="i" protocol="http" sequence="take" onError="refuse">
  <parameters><parameter name="inbound.http.port">{port}</parameter></parameters></inboundEndpoint>"""


SERVICES = """<inboundEndpoint xmlns="http://ws.apache.org/ns/synapse" name="public" protocol="http"><parameters>
    <parameter name="inbound.http.port">{port}</parameter>
    <parameter name="dispatch.filter.pattern">/public/.*|/services/open(\\?.*)?</parameter></parameters>
  </inboundEndpoint>"""
ECHO = "<inSequence><respond/></inSequence>"
MANY = f"""<definitions xmlns="http://ws.apache.org/ns/synapse">
  <proxy name="open"><target>{ECHO}</target></proxy><proxy name="internal"><target>{ECHO}</target></proxy>
  <api name="a" context="/public"><resource methods="POST" uri-template="/{{id}}"><inSequence>
    <payloadFactory media-type="json"><format>{{"id": "$1"}}</format>
      <args><arg expression="get-property('uri.var.id')"/></args></payloadFactory>
    <respond/></inSequence></resource></api>
</definitions>"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def post(port: int, who: str) -> requests.Response:
    return requests.post(f"http://127.0.0.1:{port}/any/path", json={"who": who}, timeout=10)


def test_an_inbound_endpoint_listens_while_it_is_deployed(start: Callable[..., Any], until: Any) -> None:
    port = free_port()
    engine = start({"i.xml": FLOWS.format(endpoint=ENDPOINT.format(port=port))})
    answer = until(lambda: post(port, "Ada"))
    assert (answer.status_code, answer.json()) == (200, {"hello": "Ada", "at": "/any/path"})
    assert post(port, "nobody").status_code == 409
    engine.write("i.xml", FLOWS.format(endpoint=""))
    until(lambda: _refuses(port))


def test_a_port_that_is_taken_is_told_and_disturbs_nobody(start: Callable[..., Any], until: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        proxy = '<proxy name="p"><target><inSequence><respond/></inSequence></target></proxy>'
        engine = start({"i.xml": FLOWS.format(endpoint=ENDPOINT.format(port=port) + proxy)})
        until(lambda: f"inbound-endpoint 'i' ended: cannot listen on 127.0.0.1:{port}" in engine.log())
        assert engine.post("/services/p", {"a": 1}).json() == {"a": 1}


def test_a_port_for_some_of_the_services(start: Callable[..., Any], until: Any) -> None:
    port = free_port()
    engine = start({"many.xml": MANY, "i.xml": SERVICES.format(port=port)})
    until(lambda: not _refuses(port))
    paths = {
        "/public/7": (200, {"id": "7"}),
        "/services/open": (200, {"n": 1}),
        "/services/open?x=y": (200, {"n": 1}),
        "/services/internal": (404, None),
        "/public": (404, None),
    }
    for path, (status, body) in paths.items():
        answer = requests.post(f"http://127.0.0.1:{port}{path}", json={"n": 1}, timeout=10)
        assert (path, answer.status_code) == (path, status)
        assert body is None or answer.json() == body
    assert engine.post("/services/internal", {"n": 1}).status_code == 200


def _refuses(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0
