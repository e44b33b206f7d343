"""What the API may do wrong, and what the client gets."""

from __future__ import annotations

import json
import logging
import socket
from typing import Any, Literal

import pytest

from connectors.gotowebinar.simulator import Simulator
from engine.errors import ErrorCode, Fault, Overloaded, TransportError
from engine.message.context import MessageContext

from .conftest import Engine, ManualClock, StartEngine, StartSimulator

KEY = {"webinarKey": "8274965567047301900"}
PANELIST = KEY | {"name": "N", "email": "n@example.com"}


async def body_of(message: MessageContext) -> bytes:
    """The body, which may still be on its way."""
    await message.payload.load(1_000_000)
    body = message.payload.body()
    assert isinstance(body, bytes)
    return body


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 500, 502, 504])
async def test_error_of_the_api_is_an_answer(engine: Engine, status: int) -> None:
    body = {"errorCode": "SomeCode", "description": "Why.", "incident": "4000000000000000001"}
    engine.simulator.fail_next(status, body)
    message = await engine.call("getWebinarById", KEY)
    assert message.axis2["HTTP_SC"] == status
    assert await body_of(message) == json.dumps(body).encode()
    assert len(engine.simulator.requests) == 1


async def test_unknown_webinar(engine: Engine) -> None:
    message = await engine.call("getWebinarById", {"webinarKey": "1"})
    assert message.axis2["HTTP_SC"] == 404
    assert json.loads(await body_of(message))["description"] == "Webinar with specified key does not exist."


RETRIES: list[tuple[str, dict[str, str], int, dict[str, str], int, int, list[float]]] = [
    ("getWebinarById", KEY, 429, {}, 1, 200, [0.5]),
    ("getWebinarById", KEY, 503, {}, 2, 200, [0.5, 1.0]),
    ("getWebinarById", KEY, 503, {}, 3, 503, [0.5, 1.0]),
    ("getWebinarById", KEY, 429, {"Retry-After": "2"}, 1, 200, [2.0]),
    ("getWebinarById", KEY, 429, {"Retry-After": "0"}, 2, 200, [0.0, 0.0]),
    ("getWebinarById", KEY, 503, {"Retry-After": "Tue, 14 Nov 2023 22:13:25 GMT"}, 1, 200, [5.0]),
    ("getWebinarById", KEY, 503, {"Retry-After": "Tue, 14 Nov 2023 22:13:10 GMT"}, 1, 200, [0.0]),
    ("getWebinarById", KEY, 429, {"Retry-After": "11"}, 1, 429, []),
    ("getWebinarById", KEY, 429, {"Retry-After": "soon"}, 1, 200, [0.5]),
    ("getWebinarById", KEY, 500, {}, 1, 500, []),
    ("cancelWebinar", KEY, 503, {}, 1, 204, [0.5]),
    ("updateWebinar", KEY | {"subject": "New"}, 429, {}, 1, 202, [0.5]),
    ("createPanelists", PANELIST, 429, {}, 1, 429, []),
    ("createPanelists", PANELIST, 503, {"Retry-After": "1"}, 1, 503, []),
]


@pytest.mark.parametrize(("operation", "parameters", "status", "headers", "times", "outcome", "waits"), RETRIES)
async def test_retries(
    engine: Engine,
    operation: str,
    parameters: dict[str, str],
    status: int,
    headers: dict[str, str],
    times: int,
    outcome: int,
    waits: list[float],
) -> None:
    engine.simulator.fail_next(status, headers=headers, times=times)
    message = await engine.call(operation, parameters)
    assert message.axis2["HTTP_SC"] == outcome
    assert engine.time.slept == waits
    assert len(engine.simulator.requests) == len(waits) + 1


async def test_retry_after_reaches_the_client(engine: Engine) -> None:
    engine.simulator.fail_next(429, headers={"Retry-After": "60"})
    message = await engine.call("getAllWebinars")
    assert message.headers.get("retry-after") == "60"


@pytest.mark.parametrize("how", ["init", "configuration"])
async def test_timeout(simulators: StartSimulator, engines: StartEngine, how: str) -> None:
    simulator = simulators()
    engine = engines(simulator, timeout=0.05) if how == "configuration" else engines(simulator)
    account = engine.account(timeout="0.05") if how == "init" else engine.account()
    simulator.delay_next(30)
    with pytest.raises(TransportError) as caught:
        await engine.call("getWebinarById", KEY, account)
    assert (caught.value.status, caught.value.code) == (504, ErrorCode.TIMEOUT)


async def test_refused_connection(engine: Engine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(TransportError) as caught:
        await engine.call("getAllWebinars", account=engine.account(apiUrl=f"http://127.0.0.1:{port}"))
    assert (caught.value.status, caught.value.code) == (502, ErrorCode.CONNECTION_FAILED)


@pytest.mark.parametrize(("how", "code"), [("json", ErrorCode.BAD_PAYLOAD), ("reset", None), ("truncate", None)])
async def test_broken_answer(engine: Engine, how: Literal["json", "reset", "truncate"], code: int | None) -> None:
    engine.simulator.break_next(how)
    with pytest.raises(Fault) as caught:
        await engine.call("createPanelists", PANELIST)
    assert caught.value.status == 502
    assert code is None or caught.value.code == code


@pytest.mark.parametrize(
    ("status", "body", "media", "kind"),
    [
        (200, b"<html>", "text/html", "text"),
        (500, b"{broken", "application/json", "json"),
        (200, b"", "application/json", "empty"),
        (202, b"", "application/json", "empty"),
    ],
)
async def test_other_bodies_pass(engine: Engine, status: int, body: bytes, media: str, kind: str) -> None:
    engine.simulator.fail_next(status, body, {"Content-Type": media})
    message = await engine.call("getAllWebinars")
    assert await body_of(message) == body
    assert (message.axis2["HTTP_SC"], message.payload.kind) == (status, kind)


def in_windows(times: list[float], seconds: float) -> int:
    """The largest number of times within any ``seconds``."""
    return max(sum(start <= each < start + seconds for each in times) for start in times)


async def test_ten_calls_a_second_for_each_organizer(engine: Engine) -> None:
    sent: list[float] = []
    send = engine.http.send

    async def noting(request: Any) -> Any:
        sent.append(engine.time.seconds)
        return await send(request)

    engine.http.send = noting  # type: ignore[method-assign]
    for _ in range(25):
        await engine.call("getAllWebinars")
    assert in_windows(sent, 1.0) == 10
    assert engine.time.slept == [pytest.approx(1.05, abs=1e-6)] * 2
    await engine.call("getAllWebinars", account=engine.account(organizerKey="1"))
    assert len(engine.time.slept) == 2


@pytest.mark.parametrize(("setting", "waits"), [(0, 0), (2, 4)])
async def test_rate_is_configurable(
    shared_simulator: Simulator, engines: StartEngine, setting: int, waits: int
) -> None:
    engine = engines(shared_simulator, callsPerSecond=setting)
    for _ in range(10):
        await engine.call("getAllWebinars")
    assert len(engine.time.slept) == waits


async def test_waiting_for_a_place_is_bounded(shared_simulator: Simulator, engines: StartEngine) -> None:
    class Frozen(ManualClock):
        async def sleep(self, seconds: float) -> None:
            self.slept.append(seconds)

    engine = engines(shared_simulator, Frozen(), callsPerSecond=1, timeout=2)
    await engine.call("getAllWebinars")
    await engine.call("getAllWebinars")
    with pytest.raises(Fault, match="which takes 1 per second") as caught:
        await engine.call("getAllWebinars")
    assert isinstance(caught.value, Overloaded)
    assert caught.value.status == 429


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"timeout": "10s"}, "connectors.gotowebinar.timeout in the configuration must be seconds, up to 600"),
        ({"timeout": 0}, "connectors.gotowebinar.timeout in the configuration must be seconds, up to 600"),
        ({"callsPerSecond": -1}, "connectors.gotowebinar.callsPerSecond in the configuration must be a whole number"),
    ],
)
async def test_wrong_settings(
    shared_simulator: Simulator, engines: StartEngine, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(Fault, match=message):
        await engines(shared_simulator, **settings).call("getAllWebinars")


async def test_no_secret_in_errors_and_logs(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = {"accessToken": "SECRET-A", "refreshToken": "SECRET-R", "clientSecret": "SECRET-C"}
    account = engine.account(**secrets)
    texts = []
    engine.simulator.revoke("SECRET-R")
    engine.simulator.expire("SECRET-A")
    message = await engine.call("getAllWebinars", account=account)
    assert message.axis2["HTTP_SC"] == 403
    texts.append(repr(message.connections))
    for changes in ({"accessToken": ""}, {"apiUrl": "x"}, {"apiUrl": "http://127.0.0.1:9"}):
        with pytest.raises(Fault) as caught:
            await engine.call("getAllWebinars", account=account | changes)
        texts.append(f"{caught.value!r} {caught.value.message} {caught.value.detail} {caught.value.details}")
    assert "invalid_grant" in caplog.text
    assert "SECRET" not in "".join([*texts, caplog.text])
