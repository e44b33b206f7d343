from __future__ import annotations

import inspect
import os
from typing import Any

import pytest

from engine.core.http import HttpRequest, HttpResponse
from engine.errors import Fault
from engine.message.context import MessageContext
from engine.ported import find
from engine.testing.harness import Harness, StubClient, response

PATH = "connectors/acme/accessTokenC"
CLIENT = {
    "tokenEndpointUrl": "https://t/token",
    "accessTokenRegistryPath": PATH,
    "clientId": "c",
    "clientSecret": "s",
    "refreshToken": "r",
}


def granted(request: HttpRequest) -> HttpResponse:
    return response(body=b'{"access_token": "T", "instance_url": "https://na1"}')


async def run(name: str, harness: Harness, properties: dict[str, str]) -> MessageContext:
    message = harness.message()
    message.properties.update({f"uri.var.{each}": value for each, value in properties.items()})
    found = find(name)
    assert found is not None
    result = found().mediate(message)
    assert inspect.isawaitable(result)
    await result
    return message


@pytest.mark.parametrize("package", ["org.wso2.carbon.connector.core", "org.wso2.integration.connector.core"])
@pytest.mark.parametrize(
    ("name", "properties", "form"),
    [
        (
            "RefreshAccessToken",
            CLIENT,
            "grant_type=refresh_token&client_id=c&client_secret=s&refresh_token=r&format=json",
        ),
        ("RefreshAccessToken", CLIENT | {"clientSecret": "", "refreshToken": "a=%2B"},
         "grant_type=refresh_token&client_id=c&refresh_token=a=%2B&format=json"),
        ("RefreshAccessToken", CLIENT | {"customRefreshUrl": "whole=form"}, "whole=form"),
        ("RefreshAccessTokenWithExpiry", CLIENT,
         "grant_type=refresh_token&client_id=c&client_secret=s&refresh_token=r&format=json"),
        ("GenerateAccessToken", CLIENT | {"scope": "a b"},
         "grant_type=client_credentials&client_id=c&client_secret=s&scope=a b&format=json"),
        ("GenerateAccessToken", CLIENT | {"customTokenGenerationUrl": "whole=form"}, "whole=form"),
    ],
)  # fmt: skip
async def test_the_form_and_what_comes_of_it(package: str, name: str, properties: dict[str, str], form: str) -> None:
    client = StubClient(granted)
    harness = Harness(http=client)
    message = await run(f"{package}.{name}", harness, properties)
    [request] = client.requests
    assert (request.method, request.url, request.body) == ("POST", "https://t/token", form.encode())
    assert dict(request.headers)[b"content-type"] == b"application/x-www-form-urlencoded"
    assert message.properties["uri.var.accessToken"] == "T"
    assert message.properties["uri.var.apiUrl"] == "https://na1"
    assert harness.services.registry.get(PATH) == b"T"


@pytest.mark.parametrize(
    ("properties", "answer", "text"),
    [
        (CLIENT | {"accessTokenRegistryPath": ""}, response(), "must say where the registry keeps"),
        (CLIENT, response(400, b'{"error": "invalid_grant"}'), "answered 400"),
        (CLIENT, response(body=b"{}"), "no access_token"),
        (CLIENT, response(body=b"[]"), "no access_token"),
        (CLIENT, response(body=b"nonsense"), "not JSON"),
        ({"accessTokenRegistryPath": PATH}, response(), "tokenEndpointUrl"),
    ],
)
async def test_no_token(properties: dict[str, str], answer: HttpResponse, text: str) -> None:
    harness = Harness(http=StubClient(lambda request: answer))
    with pytest.raises(Fault, match=text):
        await run("org.wso2.carbon.connector.core.RefreshAccessToken", harness, properties)
    assert harness.services.registry.get(PATH) is None


@pytest.mark.parametrize(
    ("age", "interval", "asked"),
    [(0, None, 0), (299, None, 0), (301, None, 1), (301, "600000", 0), (2, "1000", 1)],
)
async def test_a_token_is_used_again_until_it_is_old(age: int, interval: str | None, asked: int) -> None:
    client = StubClient(granted)
    harness = Harness(http=client)
    registry = harness.services.registry
    registry.put(PATH, b"kept")
    file = registry.file_of(PATH)
    written = file.stat().st_mtime - age
    os.utime(file, (written, written))
    properties: dict[str, Any] = CLIENT if interval is None else CLIENT | {"intervalTime": interval}
    message = await run("org.wso2.carbon.connector.core.RefreshAccessTokenWithExpiry", harness, properties)
    assert len(client.requests) == asked
    assert message.properties["uri.var.accessToken"] == ("T" if asked else "kept")


async def test_an_interval_that_is_none() -> None:
    with pytest.raises(Fault, match="must be milliseconds, and is 'soon'"):
        await run(
            "org.wso2.carbon.connector.core.RefreshAccessTokenWithExpiry", Harness(), CLIENT | {"intervalTime": "soon"}
        )
