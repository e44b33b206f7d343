"""Logins, tokens and paths of the management API, without a socket."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from engine import __version__
from engine.core.redaction import SECRETS
from engine.deploy.deployment import Deployment
from engine.errors import Fault
from engine.management import management_api
from engine.management.management_api import ManagementApi
from engine.runtime.catalog import language
from engine.runtime.config import Config
from engine.runtime.services import ProcessServices
from engine.testing.harness import StubClient

HERE = (b"host", b"localhost:9201")


class Tool:
    """A client of the API, and how long it was made to wait."""

    def __init__(self, deployment: Deployment) -> None:
        self.waited: list[float] = []
        self.api = ManagementApi(deployment, self._password, lambda: "http://here:8290", self._wait)

    async def _wait(self, seconds: float) -> None:
        self.waited.append(seconds)

    def _password(self, user: str) -> str | None:
        if user == "lost":
            raise Fault("there is no secret 'x'")
        return {"ann": "päss:word"}.get(user)

    async def get(
        self, path: str, authorization: str = "", client: str = "127.0.0.1", scheme: str = "http", query: str = ""
    ) -> tuple[int, Any]:
        headers = [HERE, *([(b"authorization", authorization.encode())] if authorization else [])]
        scope = {
            "path": f"/management{path}",
            "scheme": scheme,
            "client": (client, 0),
            "headers": headers,
            "query_string": query.encode(),
        }
        status, content = await self.api.answer(scope)
        return status, json.loads(content)

    async def log_in(
        self, user: str = "ann", password: str = "päss:word", client: str = "127.0.0.1"
    ) -> tuple[int, Any]:
        credential = base64.b64encode(f"{user}:{password}".encode()).decode()
        return await self.get("/login", f"Basic {credential}", client=client)

    async def token(self) -> str:
        status, content = await self.log_in()
        assert status == 200
        return f"Bearer {content['AccessToken']}"


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    (tmp_path / "p.xml").write_text(
        '<proxy xmlns="http://ws.apache.org/ns/synapse" name="p">'
        "<target><inSequence><respond/></inSequence></target></proxy>"
    )
    deployment = Deployment(tmp_path, language(), ProcessServices(Config(registry=str(tmp_path)), StubClient()))
    deployment.deploy()
    return Tool(deployment)


async def test_a_token_opens_the_lists_until_it_is_given_back(tool: Tool) -> None:
    token = await tool.token()
    assert await tool.get("/", token) == (200, {"Myelin": __version__, "ManagementApi": "Active"})
    status, content = await tool.get("/proxy-services", token)
    assert (status, content["count"], content["list"][0]["name"]) == (200, 1, "p")
    assert (await tool.get("/proxy-services", token, query="searchKey=q"))[1] == {"count": 0, "list": []}
    status, content = await tool.get("/proxy-services", token, query="proxyServiceName=p")
    assert (status, content["isRunning"]) == (200, True)
    assert (await tool.get("/server", token))[1]["productName"] == "Myelin"
    assert (await tool.get("/connectors", token))[1] == {"count": 0, "list": []}
    assert (await tool.get("/applications", token))[1]["totalCount"] == 0
    assert (await tool.get("/data-services", token))[1] == {"count": 0, "list": []}
    assert await tool.get("/logout", token) == (200, {})
    assert (await tool.get("/proxy-services", token))[0] == 401
    assert tool.waited == []


@pytest.mark.parametrize(
    ("user", "password"), [("ann", "wrong"), ("ann", ""), ("bob", "päss:word"), ("", ""), ("bob", "None")]
)
async def test_wrong_credentials_are_refused_after_a_while(tool: Tool, user: str, password: str) -> None:
    assert await tool.log_in(user, password) == (401, {"Error": "unknown user or wrong password"})
    assert tool.waited == [1.0]


@pytest.mark.parametrize("authorization", ["", "Basic", "Basic %%%", "Basic /w==", "Bearer x", "Digest YTpi"])
async def test_no_credentials_at_all(tool: Tool, authorization: str) -> None:
    assert (await tool.get("/login", authorization))[0] == 401
    assert (await tool.get("/apis", authorization))[0] == 401


async def test_guessing_is_stopped(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(9):
        assert (await tool.log_in("ann", "guess"))[0] == 401
    assert (await tool.log_in())[0] == 200  # which begins the count anew
    for _ in range(10):
        assert (await tool.log_in("ann", "guess"))[0] == 401
    assert await tool.log_in() == (429, {"Error": "too many wrong passwords; come again in 60 s"})
    assert (await tool.log_in(client="127.0.0.2"))[0] == 200
    now = management_api.time.monotonic()
    monkeypatch.setattr(management_api.time, "monotonic", lambda: now + 60)
    assert (await tool.log_in("ann", "guess"))[0] == 401
    assert (await tool.log_in())[0] == 200


async def test_a_secret_that_is_not_there(tool: Tool, caplog: pytest.LogCaptureFixture) -> None:
    status, content = await tool.log_in("lost", "x")
    assert (status, content) == (500, {"Error": "the password of this user cannot be read; the log says why"})
    assert "there is no secret 'x'" in caplog.text


async def test_from_elsewhere_only_over_tls(tool: Tool) -> None:
    token = await tool.token()
    error = {"Error": "passwords travel over TLS alone: set server.admin_tls"}
    assert await tool.get("/apis", token, client="10.0.0.5") == (403, error)
    assert (await tool.get("/apis", token, client="10.0.0.5", scheme="https"))[0] == 200


async def test_tokens_end(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await tool.token()
    now = management_api.time.monotonic()
    monkeypatch.setattr(management_api.time, "monotonic", lambda: now + 3601)
    assert (await tool.get("/apis", token))[0] == 401


async def test_the_oldest_token_goes_first(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(management_api, "_MOST", 2)
    first, second, third = [await tool.token() for _ in range(3)]
    assert [(await tool.get("/apis", each))[0] for each in (first, second, third)] == [401, 200, 200]


async def test_what_is_not_there(tool: Tool) -> None:
    token = await tool.token()
    status, content = await tool.get("/users", token)
    assert status == 404
    assert content["Error"].startswith("there is no 'users' here, only apis, applications, connectors, ")
    missing = await tool.get("/apis", token, query="apiName=x")
    assert missing == (404, {"Error": "there is no api 'x'"})


async def test_secrets_do_not_show(tool: Tool, tmp_path: Path) -> None:
    SECRETS.add("p.xml-hunter2")
    token = await tool.token()
    _, content = await tool.get("/proxy-services", token, query="searchKey=p.xml-hunter2")
    assert content == {"count": 0, "list": []}
    _, content = await tool.get("/proxy-services", token, query="proxyServiceName=p.xml-hunter2")
    assert content == {"Error": "there is no proxy '***'"}
