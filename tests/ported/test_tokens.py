from __future__ import annotations

import inspect
from typing import Any

import pytest

from engine.errors import Fault
from engine.message.context import MessageContext
from engine.message.parameters import Parameters
from engine.ported import find
from engine.testing.harness import Harness, StubClient, response


async def ran(name: str, message: MessageContext) -> None:
    found = find(f"org.wso2.carbon.connector.{name}")
    assert found is not None
    result = found().mediate(message)
    if inspect.isawaitable(result):
        await result


async def test_power_bi() -> None:
    client = StubClient(lambda request: response(body=b'{"access_token": "T"}'))
    message = Harness(http=client).message()
    message.properties |= {"uri.var.authApiUrl": "https://login/token", "uri.var.requestQuery": "a=b&c=d"}
    await ran("powerbi.auth.PowerBIAccessTokenGenerator", message)
    [request] = client.requests
    assert (request.method, request.url, request.body) == ("POST", "https://login/token", b"a=b&c=d")
    assert dict(request.headers)[b"content-type"] == b"application/x-www-form-urlencoded"
    assert message.properties["uri.var.resultObject"] == '{"access_token": "T"}'


@pytest.mark.parametrize(("cookies", "token"), [(["a=1", "b=2"], "b=2"), (["a=1"], "a=1")])
async def test_good_data(cookies: list[str], token: str) -> None:
    message = Harness().message()
    for cookie in cookies:
        message.headers.add("Set-Cookie", cookie)
    await ran("auth.GoodDataAuthentication", message)
    assert message.properties["uri.var.superSecureToken"] == token


async def test_good_data_without_a_cookie() -> None:
    with pytest.raises(Fault, match="no cookie"):
        await ran("auth.GoodDataAuthentication", Harness().message())


@pytest.mark.parametrize("package", ["", "gmail."])
@pytest.mark.parametrize(
    ("name", "parameters", "mode", "properties"),
    [
        (
            "GmailConfig",
            {"username": "u", "oauthAccessToken": "t"},
            "OAUTH",
            {"gmail.oauth.username": "u", "gmail.oauth.accessToken": "t"},
        ),
        ("GmailPasswordLogin", {"username": "u"}, "SASL", {"gmail.user.username": "u"}),
        ("GmailEndSession", {}, None, {}),
    ],
)
async def test_gmail(
    package: str, name: str, parameters: dict[str, Any], mode: str | None, properties: dict[str, Any]
) -> None:
    message = Harness().message()
    message.axis2["login.mode"] = "old"
    message.functions.append(Parameters(parameters))
    await ran(package + name, message)
    assert message.axis2.get("login.mode") == mode
    assert message.properties == properties
