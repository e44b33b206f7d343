"""The answers of the admin port, without a socket."""

from __future__ import annotations

import json
import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest

from engine import __version__
from engine.deploy.deployment import Deployment
from engine.endpoints._states import states_of
from engine.endpoints.suspension import SuspensionPolicy
from engine.errors import ErrorCode
from engine.management.health import HealthApp
from engine.runtime.catalog import language
from engine.runtime.config import Config
from engine.runtime.services import ProcessServices
from engine.testing.harness import StubClient

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    (tmp_path / "s.xml").write_text(f'<sequence {NAMESPACE} name="s"><drop/></sequence>')
    (tmp_path / "p.xml").write_text(f'<proxy {NAMESPACE} name="p"><target inSequence="s"/></proxy>')
    deployment = Deployment(tmp_path, language(), ProcessServices(Config(registry=str(tmp_path)), StubClient()))
    deployment.deploy()
    return deployment


async def ask(
    deployment: Deployment, path: str, method: str = "GET", client: str = "127.0.0.1", host: str = "localhost:9201"
) -> tuple[int, Any]:
    """Status, and the content: of JSON, else the text."""
    events: list[MutableMapping[str, Any]] = []

    async def send(event: MutableMapping[str, Any]) -> None:
        events.append(event)

    path, _, query = path.partition("?")
    scope = {
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(b"host", host.encode())],
        "client": (client, 0),
    }
    await HealthApp(deployment)(scope, None, send)
    start, body = events
    assert (b"content-length", b"%d" % len(body["body"])) in start["headers"]
    text = body["body"].decode()
    return start["status"], json.loads(text) if (b"content-type", b"application/json") in start["headers"] else text


async def test_ready(deployment: Deployment, tmp_path: Path) -> None:
    assert await ask(deployment, "/healthz") == (
        200,
        {
            "status": "ready",
            "version": __version__,
            "problems": [],
            "running": [
                {"kind": "proxy", "name": "p", "file": str(tmp_path / "p.xml"), "path": "/services/p"},
                {"kind": "sequence", "name": "s", "file": str(tmp_path / "s.xml")},
            ],
        },
    )


async def test_faulty(deployment: Deployment, tmp_path: Path) -> None:
    (tmp_path / "s.xml").write_text(f'<sequence {NAMESPACE} name="s">\n<lgo/></sequence>')
    deployment.deploy()
    status, report = await ask(deployment, "/healthz")
    assert (status, report["status"]) == (503, "faulty")
    assert report["problems"] == [
        {
            "code": "unknown-mediator",
            "file": str(tmp_path / "s.xml"),
            "line": 2,
            "column": 1,
            "message": "<lgo> is not a mediator. Did you mean 'log'?",
        }
    ]
    assert [(each["name"], each.get("lastGood")) for each in report["running"]] == [("p", None), ("s", True)]
    assert (await ask(deployment, "/liveness"))[0] == 200


async def test_warning_is_no_fault(deployment: Deployment, tmp_path: Path) -> None:
    (tmp_path / "s.xml").write_text(f'<sequence {NAMESPACE} name="s" nmae="x"><drop/></sequence>')
    deployment.deploy()
    status, report = await ask(deployment, "/healthz")
    assert (status, report["problems"]) == (200, [])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/flow?kind=proxy&name=nothing", 404),
        ("POST", "/healthz", 405),
        ("HEAD", "/healthz", 200),
    ],
)
async def test_other_requests(deployment: Deployment, method: str, path: str, status: int) -> None:
    assert (await ask(deployment, path, method))[0] == status


async def test_states_of_endpoints(deployment: Deployment) -> None:
    states_of(deployment.snapshot).of("orders", SuspensionPolicy()).failed(ErrorCode.CONNECTION_FAILED)
    status, report = await ask(deployment, "/endpoints")
    [endpoint] = report["endpoints"]
    assert (status, report["worker"]) == (200, os.getpid())
    assert (endpoint["name"], endpoint["state"]) == ("orders", "SUSPENDED")
    assert 29 < endpoint["nextTryIn"] <= 30


@pytest.mark.parametrize(("path", "begin"), [("/", "<!doctype html>"), ("/flow?kind=proxy&name=p", "<!doctype html>")])
async def test_pages(deployment: Deployment, path: str, begin: str) -> None:
    status, text = await ask(deployment, path)
    assert (status, text[: len(begin)]) == (200, begin)


@pytest.mark.parametrize(
    ("client", "host", "status"),
    [
        ("127.0.0.1", "localhost:9201", 200),
        ("127.0.0.1", "127.0.0.1", 200),
        ("::1", "[::1]:9201", 200),
        ("127.0.0.1", "rebound.example:9201", 403),
        ("127.0.0.1", "127.0.0.1.rebound.example", 403),
        ("127.0.0.1", "", 403),
        ("127.0.0.1", "[::1", 403),
        ("192.0.2.7", "localhost:9201", 403),
    ],
)
async def test_pages_are_for_browsers_on_this_machine(
    deployment: Deployment, client: str, host: str, status: int
) -> None:
    got, content = await ask(deployment, "/", client=client, host=host)
    assert (got, "error" in content) == (status, status == 403)
    assert (await ask(deployment, "/liveness", client=client, host=host))[0] == 200
