from __future__ import annotations

import asyncio
from typing import Any

import pytest

from engine.core.env import env_of
from engine.core.http import HttpRequest
from engine.endpoints import _local
from engine.errors import ErrorCode, TransportError
from engine.testing.harness import Harness

PROXIES = """
  <proxy name="inner" transports="local"><target><inSequence>
    <property name="HTTP_SC" value="404" scope="axis2"/>
    <header name="X-Seen" scope="transport" expression="get-property('To')"/>
    <property name="rest" expression="get-property('axis2', 'REST_URL_POSTFIX')"/>
    <payloadFactory media-type="json"><format>{"got": $1, "rest": "$2"}</format>
      <args><arg evaluator="json" expression="$"/><arg expression="$ctx:rest"/></args></payloadFactory>
    <respond/></inSequence></target></proxy>
  <proxy name="silent"><target><inSequence><drop/></inSequence></target></proxy>
  <proxy name="resting" startOnLoad="false"><target><inSequence><respond/></inSequence></target></proxy>
  <proxy name="itself"><target><inSequence>
    <call><endpoint><address uri="local://services/itself"/></endpoint></call><respond/></inSequence></target></proxy>
  <proxy name="outer"><target><inSequence>
    <property name="kept" value="mine"/>
    <call><endpoint><address uri="local://services/inner"/></endpoint></call>
    <header name="X-Kept" scope="transport" expression="get-property('kept')"/>
    <header name="X-Status" scope="transport" expression="get-property('axis2', 'HTTP_SC')"/>
    <respond/></inSequence></target></proxy>"""


async def ask(url: str) -> Any:
    message = Harness(PROXIES).message(b'{"a": 1}', "application/json")
    headers = [(b"content-type", b"application/json")]
    return await _local.call(message, HttpRequest("POST", url, headers, b'{"a": 1}', 5))


@pytest.mark.parametrize(
    ("url", "to", "rest"),
    [
        ("local://services/inner", "/services/inner", ""),
        ("local:/services/inner", "/services/inner", ""),
        ("local://localhost/services/inner", "/services/inner", ""),
        ("local://services/inner/x/y?z=1", "/services/inner/x/y?z=1", "/x/y?z=1"),
    ],
)
async def test_the_answer_of_a_proxy(url: str, to: str, rest: str) -> None:
    response = await ask(url)
    assert (response.status, response.body) == (404, f'{{"got": {{"a": 1}}, "rest": "{rest}"}}'.encode())
    assert dict(response.headers)[b"x-seen"] == to.encode()


async def test_a_proxy_that_gives_no_answer() -> None:
    response = await ask("local://services/silent")
    assert (response.status, response.body) == (202, b"")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("local://services/none", "there is no proxy 'none'"),
        ("local://services/resting", "there is no proxy 'resting'"),
        ("local://elsewhere", "'local://elsewhere' is no address of a proxy; write it as local://services/NAME"),
    ],
)
async def test_no_proxy(url: str, problem: str) -> None:
    with pytest.raises(TransportError) as raised:
        await ask(url)
    assert (raised.value.message, raised.value.code) == (problem, ErrorCode.SENDING)


async def test_a_proxy_that_calls_itself_comes_to_an_end() -> None:
    response = await ask("local://services/itself")
    assert response.status == 500
    assert b"does it call itself?" in response.body


async def test_a_proxy_that_takes_too_long_goes_on_without_its_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    harness = Harness(PROXIES)
    go_on, ended = asyncio.Event(), asyncio.Event()

    class Slow:
        async def serve(self, message: Any) -> None:
            await go_on.wait()
            ended.set()

    message = harness.message()
    monkeypatch.setattr(env_of(message), "proxy", lambda name: Slow(), raising=False)
    with pytest.raises(TransportError) as raised:
        await _local.call(message, HttpRequest("POST", "local://services/slow", [], b"", 0.01))
    assert raised.value.code == ErrorCode.TIMEOUT
    go_on.set()
    await harness.services.drain(10)
    assert ended.is_set()


async def test_the_flow_goes_on_with_the_answer_and_its_own_properties() -> None:
    response = await ask("local://services/outer")
    headers = dict(response.headers)
    assert (headers[b"x-kept"], headers[b"x-status"]) == (b"mine", b"404")
    assert response.body == b'{"got": {"a": 1}, "rest": ""}'
