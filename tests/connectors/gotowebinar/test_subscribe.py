from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from connectors.gotowebinar.operations import EVENTS
from connectors.gotowebinar.simulator import Simulator
from connectors.gotowebinar.subscribe import TOKEN, main

CALLBACK = "https://flows.example.com/services/events"


@pytest.fixture
def simulator(shared_simulator: Simulator) -> Simulator:
    shared_simulator.reset()
    return shared_simulator


def test_one_command_subscribes(simulator: Simulator, tmp_path: Path) -> None:
    key_file = tmp_path / "webhooks.key"
    arguments = [CALLBACK, "--api-url", simulator.base_url, "--key-file", str(key_file)]
    result = CliRunner().invoke(main, arguments, env={TOKEN: "the-token"})
    assert result.exit_code == 0, result.output
    secret = key_file.read_text()
    assert secret == simulator.store.secret_key
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert secret not in result.output
    assert "the-token" not in result.output
    webhooks = simulator.store.webhooks.values()
    assert sorted(webhook.event for webhook in webhooks) == sorted(EVENTS)
    assert {webhook.state for webhook in webhooks} == {"ACTIVE"}
    assert {(each.callback_url, each.state) for each in simulator.store.subscriptions.values()} == {
        (CALLBACK, "ACTIVE")
    }


def test_chosen_events_only(simulator: Simulator, tmp_path: Path) -> None:
    where = ["--api-url", simulator.base_url, "--key-file", str(tmp_path / "key")]
    result = CliRunner().invoke(main, [CALLBACK, *where, "--event", "registrant.added"], env={TOKEN: "t"})
    assert result.exit_code == 0, result.output
    assert [webhook.event for webhook in simulator.store.webhooks.values()] == ["registrant.added"]


def test_a_second_run_keeps_the_key(simulator: Simulator, tmp_path: Path) -> None:
    where = ["--api-url", simulator.base_url, "--key-file", str(tmp_path / "key")]
    for event in ("registrant.added", "webinar.created"):
        result = CliRunner().invoke(main, [CALLBACK, *where, "--event", event], env={TOKEN: "t"})
        assert result.exit_code == 0, result.output
    assert (tmp_path / "key").read_text() == simulator.store.secret_key
    assert "The secret key is in" in result.output
    assert [each.event for each in simulator.store.webhooks.values()] == ["registrant.added", "webinar.created"]


def test_without_a_token() -> None:
    result = CliRunner().invoke(main, [CALLBACK], env={TOKEN: ""})
    assert result.exit_code == 2
    assert f"must be in the environment variable {TOKEN}" in result.output


def test_a_refusal_is_told(simulator: Simulator, tmp_path: Path) -> None:
    simulator.expire("t")
    arguments = [CALLBACK, "--api-url", simulator.base_url, "--key-file", str(tmp_path / "key")]
    result = CliRunner().invoke(main, arguments, env={TOKEN: "t"})
    assert result.exit_code == 1
    assert f"POST {simulator.base_url}/G2W/rest/v2/webhooks/secretkey: 403" in result.output


def test_nobody_answers(tmp_path: Path) -> None:
    arguments = [CALLBACK, "--api-url", "http://127.0.0.1:9", "--key-file", str(tmp_path / "key")]
    result = CliRunner().invoke(main, arguments, env={TOKEN: "t"})
    assert result.exit_code == 1
    assert "no answer (ConnectionError)" in result.output
