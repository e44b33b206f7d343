from __future__ import annotations

import asyncio
import inspect
import logging
import ssl
from pathlib import Path

import pytest

from engine.errors import Fault, Overloaded
from engine.runtime.config import BackEnds, Config, Limits, Secrets
from engine.runtime.services import ProcessServices
from engine.stores.secrets import SecretStore
from engine.testing.harness import StubClient
from engine.transports.http_out_settings import HostTls


@pytest.fixture
def services(tmp_path: Path) -> ProcessServices:
    config = Config(registry=str(tmp_path), connectors={"gotowebinar": {"timeout": 20}})
    return ProcessServices(config, StubClient())


def test_settings_of_connectors(services: ProcessServices) -> None:
    assert services.connector_settings("gotowebinar") == {"timeout": 20}
    assert services.connector_settings("other") == {}


def test_the_properties_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "file.properties"
    file.write_text("host=localhost", "utf-8")
    found = ProcessServices(Config(registry=str(tmp_path), properties_file=str(file)), StubClient())
    assert found.settings == {"host": "localhost"}


def test_tls_to_brokers_is_as_the_settings_of_back_ends_say(tmp_path: Path) -> None:
    back_ends = BackEnds(hosts={"test": HostTls(verify=False), "test:8883": HostTls()})
    services = ProcessServices(Config(registry=str(tmp_path), back_ends=back_ends), StubClient())
    modes = [services.tls(host, port).verify_mode for host, port in (("h", 1), ("test", 1), ("test", 8883))]
    assert modes == [ssl.CERT_REQUIRED, ssl.CERT_NONE, ssl.CERT_REQUIRED]


def test_shared_state_is_made_once_per_kind_and_name(services: ProcessServices) -> None:
    counts = services.shared("counts", "a", list[int])
    counts.append(1)
    assert services.shared("counts", "a", list[int]) is counts
    assert services.shared("counts", "b", list[int]) == []
    assert services.shared("totals", "a", list[int]) == []


async def test_drain_waits_for_background_work(services: ProcessServices) -> None:
    done, go_on = [], asyncio.Event()

    async def work() -> None:
        await go_on.wait()
        done.append(True)

    services.spawn(work(), "work")
    draining = asyncio.create_task(services.drain(10))
    await asyncio.sleep(0)
    assert not draining.done()
    go_on.set()
    await draining
    assert done == [True]


async def test_drain_ends_at_its_limit(services: ProcessServices) -> None:
    cancelled = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    services.spawn(work(), "work")
    await services.drain(0.01)
    await asyncio.wait_for(cancelled.wait(), 5)


async def test_failures_are_logged_and_nothing_else(
    services: ProcessServices, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(error: Exception) -> None:
        raise error

    with caplog.at_level(logging.ERROR, "myelin.flow"):
        services.spawn(fail(Fault("no answer")), "out-only message 1")
        services.spawn(fail(KeyError("k")), "out-only message 2")
        await services.drain(5)
        await asyncio.sleep(0)
    assert sorted(record.getMessage().rstrip() for record in caplog.records) == [
        "out-only message 1: no answer at",
        "out-only message 2 failed",
    ]


def test_data_sources_come_from_the_configuration(tmp_path: Path) -> None:
    config = Config(registry=str(tmp_path), datasources={"shop": {"url": "jdbc:sqlite:x"}})
    services = ProcessServices(config, StubClient())
    assert services.datasource("shop") == {"url": "jdbc:sqlite:x"}
    assert services.datasource("none") is None


def test_what_is_shared_is_closed_with_the_process(tmp_path: Path) -> None:
    class Pool:
        closed = 0

        def close(self) -> None:
            self.closed += 1

    services = ProcessServices(Config(registry=str(tmp_path)), StubClient())
    pool = services.shared("pool", "a", Pool)
    services.shared("count", "a", lambda: 1)
    services.close()
    services.close()
    assert pool.closed == 1


def test_settings_may_refer_to_the_environment_and_to_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_DB", "jdbc:sqlite:shop.db")
    monkeypatch.delenv("NOWHERE", raising=False)
    secrets = Secrets(str(tmp_path / "secrets.enc"), str(tmp_path / "secrets.key"))
    config = Config(
        registry=str(tmp_path),
        secrets=secrets,
        datasources={"shop": {"url": "${env:SHOP_DB}", "password": "$secret{shop}", "maxactive": 3}},
        connectors={"c": {"oauth": {"scopes": ["${env:NOWHERE}"]}}},
    )
    services = ProcessServices(config, StubClient())
    with pytest.raises(Fault, match="settings of 'shop': There is no secret 'shop'"):
        services.datasource("shop")
    # A secret stays what it is, also when it looks like a reference.
    SecretStore(tmp_path / "secrets.enc", tmp_path / "secrets.key").set("shop", "hunter2${env:SHOP_DB}")
    expected = {"url": "jdbc:sqlite:shop.db", "password": "hunter2${env:SHOP_DB}", "maxactive": 3}
    assert services.datasource("shop") == expected
    assert services.datasource("shop") is services.datasource("shop")
    with pytest.raises(Fault, match="The environment variable 'NOWHERE' is not set"):
        services.connector_settings("c")


async def test_what_messages_leave_behind_is_bounded_and_the_rest_is_not(tmp_path: Path) -> None:
    services = ProcessServices(Config(registry=str(tmp_path), limits=Limits(background=2)), StubClient())
    go_on = asyncio.Event()

    async def work() -> None:
        await go_on.wait()

    async def flow() -> None:
        services.detach()
        services.detach()  # it is one piece of work
        await go_on.wait()

    for _ in range(3):
        services.spawn(work(), "the engine's own")
    services.spawn(work(), "a message's", counts=True)
    flows = [asyncio.create_task(flow()) for _ in range(2)]
    await asyncio.wait(flows, return_when=asyncio.FIRST_COMPLETED)
    text = r"^2 pieces of background work are under way, which is the limit \(limits.background\)$"
    with pytest.raises(Overloaded, match=text):
        await flows[1]
    refused = work()
    with pytest.raises(Overloaded, match=text):
        services.spawn(refused, "one too many", counts=True)
    assert inspect.getcoroutinestate(refused) == inspect.CORO_CLOSED
    services.spawn(work(), "the engine's own")

    go_on.set()
    await flows[0]
    await services.drain(5)
    for _ in range(2):
        services.spawn(work(), "a message's", counts=True)
    await services.drain(5)
