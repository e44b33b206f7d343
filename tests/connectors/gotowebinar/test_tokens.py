"""Tokens against the simulator's token endpoint: when they are renewed, how often, and what is kept where."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import stat
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from connectors.gotowebinar.simulator import Request, Simulator, TokenPolicy
from engine.errors import Fault

from .conftest import ORGANIZER, Engine, ManualClock, StartEngine, StartSimulator

PATH = "connectors/gotowebinar"


def form_of(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.body.decode()).items()}


def token_requests(simulator: Simulator) -> list[Request]:
    return [request for request in simulator.requests if request.path.startswith("/oauth")]


def used_tokens(simulator: Simulator) -> list[str]:
    return [each.headers.get("authorization", "") for each in simulator.requests if each.path.startswith("/G2W")]


def registry(folder: Path) -> dict[str, str]:
    return {
        file.name: file.read_text() for file in (folder / "local" / PATH).iterdir() if not file.name.startswith(".")
    }


async def test_good_token_is_not_renewed(engine: Engine) -> None:
    await engine.call("getAllWebinars")
    await engine.call("getAllWebinars")
    assert used_tokens(engine.simulator) == ["first-access"] * 2
    assert token_requests(engine.simulator) == []


async def test_missing_token_is_fetched_first(engine: Engine) -> None:
    await engine.call("getAllWebinars", account=engine.account(accessToken=""))
    [request] = token_requests(engine.simulator)
    assert (request.method, request.path) == ("POST", "/oauth/v2/token")
    assert form_of(request) == {
        "grant_type": "refresh_token",
        "refresh_token": "first-refresh",
        "client_id": "the-client",
    }
    assert "authorization" not in request.headers
    assert used_tokens(engine.simulator) == ["simulated-access-1"]


async def test_client_secret_goes_by_basic_authentication(engine: Engine) -> None:
    account = engine.account(accessToken="", clientId="the:client", clientSecret="s/cret ü")
    await engine.call("getAllWebinars", account=account)
    [request] = token_requests(engine.simulator)
    assert form_of(request) == {"grant_type": "refresh_token", "refresh_token": "first-refresh"}
    credentials = base64.b64encode(b"the%3Aclient:s%2Fcret+%C3%BC").decode()
    assert request.headers["authorization"] == f"Basic {credentials}"


async def test_token_url_of_its_own(engine: Engine) -> None:
    account = engine.account(accessToken="", tokenUrl=f"{engine.simulator.base_url}/oauth/token")
    await engine.call("getAllWebinars", account=account)
    assert [request.path for request in token_requests(engine.simulator)] == ["/oauth/token"]


@pytest.mark.parametrize(("passed", "renewed"), [(59.0, False), (60.0, False), (60.5, True)])
async def test_renewed_when_interval_time_has_passed(engine: Engine, passed: float, renewed: bool) -> None:
    account = engine.account(intervalTime="60000")
    await engine.call("getAllWebinars", account=account)
    engine.time.seconds += passed
    await engine.call("getAllWebinars", account=account)
    assert used_tokens(engine.simulator)[1] == ("simulated-access-1" if renewed else "first-access")


@pytest.mark.parametrize(
    ("lifetime", "passed", "renewed"),
    [(3600, 3539, False), (3600, 3541, True), (100, 89, False), (100, 91, True)],
)
async def test_renewed_before_expires_in_is_over(
    simulators: StartSimulator, engines: StartEngine, lifetime: int, passed: float, renewed: bool
) -> None:
    engine = engines(simulators(TokenPolicy(expires_in=lifetime)))
    account = engine.account(accessToken="")
    await engine.call("getAllWebinars", account=account)
    engine.time.seconds += passed
    await engine.call("getAllWebinars", account=account)
    assert len(token_requests(engine.simulator)) == (2 if renewed else 1)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("getAllWebinars", {}),
        ("createPanelists", {"webinarKey": "8274965567047301900", "name": "N", "email": "n@example.com"}),
    ],
)
async def test_refused_token_is_renewed_and_the_call_repeated_once(
    engine: Engine, operation: str, parameters: dict[str, str]
) -> None:
    engine.simulator.expire("first-access")
    message = await engine.call(operation, parameters)
    assert message.axis2["HTTP_SC"] in (200, 201)
    assert used_tokens(engine.simulator) == ["first-access", "simulated-access-1"]
    bodies = [request.body for request in engine.simulator.requests if request.path.startswith("/G2W")]
    assert bodies[0] == bodies[1]


async def test_call_is_repeated_only_once(engine: Engine) -> None:
    engine.simulator.expire("first-access")
    engine.simulator.expire("simulated-access-1")
    message = await engine.call("getAllWebinars")
    assert message.axis2["HTTP_SC"] == 403
    assert used_tokens(engine.simulator) == ["first-access", "simulated-access-1"]


async def test_other_403_is_no_matter_of_tokens(engine: Engine) -> None:
    engine.simulator.fail_next(403, {"errorCode": "Forbidden", "description": "Not yours."})
    message = await engine.call("getAllWebinars")
    assert message.axis2["HTTP_SC"] == 403
    assert token_requests(engine.simulator) == []


async def test_refused_token_without_a_way_to_renew(engine: Engine) -> None:
    engine.simulator.expire("first-access")
    message = await engine.call("getAllWebinars", account=engine.account(refreshToken=""))
    await message.payload.load(1000)
    assert message.axis2["HTTP_SC"] == 403
    assert message.payload.json()["int_err_code"] == "InvalidToken"


async def test_failed_refresh_gives_the_answer_of_the_api(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    engine.simulator.expire("first-access")
    engine.simulator.revoke("first-refresh")
    message = await engine.call("getAllWebinars")
    assert message.axis2["HTTP_SC"] == 403
    assert "the token endpoint refused to renew the access token: invalid_grant" in caplog.text


async def test_failed_refresh_without_any_token_is_a_fault(engine: Engine) -> None:
    engine.simulator.revoke("first-refresh")
    with pytest.raises(Fault, match="invalid_grant") as caught:
        await engine.call("getAllWebinars", account=engine.account(accessToken=""))
    assert caught.value.status == 403


@pytest.mark.parametrize(("status", "body"), [(500, "down"), (200, "{}"), (200, "[1]"), (200, "{"), (302, "")])
async def test_broken_token_endpoint(engine: Engine, status: int, body: str) -> None:
    engine.simulator.fail_next(status, body)
    with pytest.raises(Fault, match="gave no access token") as caught:
        await engine.call("getAllWebinars", account=engine.account(accessToken=""))
    assert caught.value.status == 502


async def test_no_new_try_right_after_a_failure(engine: Engine) -> None:
    account = engine.account(accessToken="")
    engine.simulator.fail_next(500)
    for _ in range(2):
        with pytest.raises(Fault):
            await engine.call("getAllWebinars", account=account)
    assert len(token_requests(engine.simulator)) == 1
    engine.time.seconds += 6
    await engine.call("getAllWebinars", account=account)
    assert used_tokens(engine.simulator) == ["simulated-access-1"]


@pytest.mark.parametrize("registry_path", ["", PATH])
async def test_fifty_calls_at_once_refresh_once(
    shared_simulator: Simulator, engines: StartEngine, registry_path: str
) -> None:
    shared_simulator.reset()
    engine = engines(shared_simulator, callsPerSecond=0)
    shared_simulator.expire("first-access")
    account = engine.account(registryPath=registry_path)
    messages = await asyncio.gather(*(engine.call("getAllWebinars", account=account) for _ in range(50)))
    assert [message.axis2["HTTP_SC"] for message in messages] == [200] * 50
    assert len(token_requests(shared_simulator)) == 1
    tokens = Counter(used_tokens(shared_simulator))
    assert tokens["simulated-access-1"] == 50
    assert set(tokens) == {"first-access", "simulated-access-1"}


async def test_workers_refresh_once(shared_simulator: Simulator, engines: StartEngine) -> None:
    """Two engines with one registry stand for two workers; the second finds what the first has fetched."""
    shared_simulator.reset()
    workers = [engines(shared_simulator, callsPerSecond=0) for _ in range(2)]
    accounts = [worker.account(registryPath=PATH) for worker in workers]
    for worker, account in zip(workers, accounts, strict=True):
        await worker.call("getAllWebinars", account=account)
    shared_simulator.expire("first-access")
    calls = [worker.call("getAllWebinars", account=accounts[0]) for worker in workers for _ in range(10)]
    assert [message.axis2["HTTP_SC"] for message in await asyncio.gather(*calls)] == [200] * 20
    assert len(token_requests(shared_simulator)) == 1


async def test_caller_that_leaves_does_not_stop_the_refresh(engine: Engine) -> None:
    """A cancelled refresh could lose a rotated refresh token for good."""
    account = engine.account(accessToken="")
    begun, gate, send = asyncio.Event(), asyncio.Event(), engine.http.send

    async def held(request: Any) -> Any:
        begun.set()
        await gate.wait()
        return await send(request)

    engine.http.send = held  # type: ignore[method-assign]
    leaving = asyncio.create_task(engine.call("getAllWebinars", account=account))
    await begun.wait()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    gate.set()
    await engine.call("getAllWebinars", account=account)
    assert len(token_requests(engine.simulator)) == 1
    assert used_tokens(engine.simulator) == ["simulated-access-1"]


async def test_rotated_refresh_token_is_kept(simulators: StartSimulator, engines: StartEngine) -> None:
    engine = engines(simulators(TokenPolicy(rotate_refresh_token=True)))
    account = engine.account(accessToken="", intervalTime="60000")
    for _ in range(3):
        await engine.call("getAllWebinars", account=account)
        engine.time.seconds += 61
    sent = [form_of(request)["refresh_token"] for request in token_requests(engine.simulator)]
    assert sent == ["first-refresh", "simulated-refresh-1", "simulated-refresh-2"]


@pytest.mark.parametrize("organizer_keys", [False, True])
async def test_absent_fields_keep_their_values(
    simulators: StartSimulator, engines: StartEngine, organizer_keys: bool
) -> None:
    """Today's server leaves out refresh_token and organizer_key; the paths keep the organizer, refreshing goes on."""
    engine = engines(simulators(TokenPolicy(organizer_keys=organizer_keys)))
    account = engine.account(accessToken="", intervalTime="60000")
    for _ in range(2):
        await engine.call("getAllWebinars", account=account)
        engine.time.seconds += 61
    sent = [form_of(request)["refresh_token"] for request in token_requests(engine.simulator)]
    assert sent == ["first-refresh", "first-refresh"]
    paths = {request.path for request in engine.simulator.requests if request.path.startswith("/G2W")}
    assert paths == {f"/G2W/rest/organizers/{ORGANIZER}/webinars"}


async def test_tokens_survive_a_restart(simulators: StartSimulator, engines: StartEngine, tmp_path: Path) -> None:
    simulator, time = simulators(TokenPolicy(rotate_refresh_token=True)), ManualClock()
    simulator.expire("first-access")
    before = engines(simulator, time)
    await before.call("getAllWebinars", account=before.account(registryPath=PATH))
    after = engines(simulator, time)
    await after.call("getAllWebinars", account=after.account(registryPath=PATH))
    assert used_tokens(simulator) == ["first-access", "simulated-access-1", "simulated-access-1"]
    assert len(token_requests(simulator)) == 1
    stored = registry(tmp_path)
    assert stored.pop("grant")
    milliseconds = str(round(time.seconds * 1000))
    assert stored == {"accessToken": "simulated-access-1", "refreshToken": "simulated-refresh-1", "time": milliseconds}


async def test_first_tokens_are_stored(engine: Engine, tmp_path: Path) -> None:
    await engine.call("getAllWebinars", account=engine.account(registryPath=f"{PATH}/"))
    stored = registry(tmp_path)
    assert json.loads(stored.pop("grant"))["expiresAt"] is None
    milliseconds = str(round(engine.time.seconds * 1000))
    assert stored == {"accessToken": "first-access", "refreshToken": "first-refresh", "time": milliseconds}


async def test_tokens_of_the_registry_go_before_those_given(engine: Engine, tmp_path: Path) -> None:
    """A registry written by WSO2's connector: three resources, no grant."""
    folder = tmp_path / "local" / PATH
    folder.mkdir(parents=True)
    for name, content in (("accessToken", "stored"), ("refreshToken", "stored-refresh"), ("time", "1700000000000")):
        (folder / name).write_text(content)
    await engine.call("getAllWebinars", account=engine.account(registryPath=PATH))
    assert used_tokens(engine.simulator) == ["stored"]


async def test_stored_refresh_token_that_is_dead_gives_way_to_the_given_one(engine: Engine) -> None:
    await engine.call("getAllWebinars", account=engine.account(registryPath=PATH, refreshToken="dead"))
    engine.simulator.expire("first-access")
    engine.simulator.revoke("dead")
    await engine.call("getAllWebinars", account=engine.account(registryPath=PATH, refreshToken="alive"))
    assert used_tokens(engine.simulator)[-1] == "simulated-access-1"


async def test_without_registry_path_no_registry_is_touched(engine: Engine, tmp_path: Path) -> None:
    engine.simulator.expire("first-access")
    await engine.call("getAllWebinars")
    await engine.call("getAllWebinars")
    assert os.listdir(tmp_path) == []
    assert used_tokens(engine.simulator) == ["first-access", "simulated-access-1", "simulated-access-1"]


async def test_files_are_for_the_owner_alone(engine: Engine, tmp_path: Path) -> None:
    engine.simulator.expire("first-access")
    await engine.call("getAllWebinars", account=engine.account(registryPath=PATH))
    folder = tmp_path / "local" / PATH
    modes = {name: stat.S_IMODE((folder / name).stat().st_mode) for name in os.listdir(folder)}
    assert modes == dict.fromkeys([".lock", "accessToken", "grant", "refreshToken", "time"], 0o600)


async def test_two_organizers_never_share_a_token(engine: Engine) -> None:
    engine.simulator.expire("first-access")
    await engine.call("getAllWebinars")
    await engine.call("getAllWebinars", account=engine.account(organizerKey="42"))
    assert used_tokens(engine.simulator) == ["first-access", "simulated-access-1", "first-access", "simulated-access-2"]


@pytest.mark.parametrize("changes", [{"organizerKey": "42"}, {"tokenUrl": "http://127.0.0.1:9/token"}])
async def test_stored_tokens_go_to_their_own_account_only(engine: Engine, changes: dict[str, str]) -> None:
    """Whoever chooses registryPath and the hosts must not get stored tokens sent to a host of his own."""
    account = engine.account(registryPath=PATH)
    await engine.call("getAllWebinars", account=account)
    with pytest.raises(Fault, match="holds the tokens of another host") as caught:
        await engine.call("getAllWebinars", account=account | changes)
    assert caught.value.status == 400
    assert len(engine.simulator.requests) == 1


async def test_get_access_token_from_refresh_token(engine: Engine) -> None:
    message = engine.harness.message(b"{}")
    parameters = {
        "clientId": "the-client",
        "refreshToken": "first-refresh",
        "tokenUrl": f"{engine.simulator.base_url}/oauth/token",
    }
    await engine.harness.run(engine.step("getAccessTokenFromRefreshToken", parameters, message), message)
    assert message.payload.json() == {
        "access_token": "simulated-access-1",
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "collab:",
        "principal": "organizer@example.com",
    }
    assert (message.axis2["HTTP_SC"], message.is_response) == (200, True)
