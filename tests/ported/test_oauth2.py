from __future__ import annotations

import asyncio
import inspect
from urllib.parse import parse_qsl

import pytest

from engine.core.http import HttpRequest, HttpResponse
from engine.errors import Fault
from engine.message.context import MessageContext
from engine.message.parameters import Parameters
from engine.ported import find
from engine.testing.harness import Harness, StubClient, response

CORE = "org.wso2.integration.connector.core.authentication.ClientCredentialsHandler"
SHAREPOINT = "org.wso2.carbon.sharepoint.connector.ClientCredentialsAccessTokenHandler"
MARKETING = "org.wso2.carbon.salesforce.marketingcloud.connector.ClientCredentialsAccessTokenHandler"
SALESFORCE = "org.wso2.carbon.salesforce.connector.SalesforceOAuthAccessTokenHandler"

TWITTER = "org.wso2.carbon.twitter.connector.OAuthAccessTokenHandler"

CLIENT = {"name": "n", "clientId": "c", "clientSecret": "s"}


def granted(request: HttpRequest) -> HttpResponse:
    return response(body=b'{"access_token": "T", "expires_in": 3600}')


async def run(name: str, harness: Harness, parameters: dict[str, str]) -> MessageContext:
    message = harness.message()
    message.functions.append(Parameters(parameters))
    found = find(name)
    assert found is not None
    result = found().mediate(message)
    assert inspect.isawaitable(result)
    await result
    return message


@pytest.mark.parametrize(
    ("name", "parameters", "url", "form", "properties"),
    [
        (
            CORE,
            CLIENT | {"tokenEndpoint": "https://t/token", "refreshToken": "r", "base": "https://api/"},
            "https://t/token",
            {"grant_type": "refresh_token", "refresh_token": "r"},
            {"uri.var.base": "https://api", "_ACTIVE_ACCESS_TOKEN_": "T"},
        ),
        (
            SHAREPOINT,
            CLIENT | {"tenant": "acme"},
            "https://login.microsoftonline.com/acme/oauth2/v2.0/token",
            {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"},
            {"_ACCESS_TOKEN_": "Bearer T"},
        ),
        (
            MARKETING,
            CLIENT | {"subdomain": "mc1", "accountId": "7"},
            "https://mc1.auth.marketingcloudapis.com/v2/token",
            {"grant_type": "client_credentials", "account_id": "7"},
            {
                "uri.var.base": "https://mc1.rest.marketingcloudapis.com",
                "uri.var.auth": "https://mc1.auth.marketingcloudapis.com",
                "_OH_INTERNAL_ACCESS_TOKEN_": "T",
            },
        ),
        (
            SALESFORCE,
            CLIENT | {"tokenUrl": "https://s/token", "scope": "api web", "instanceUrl": "https://i"},
            "https://s/token",
            {"grant_type": "client_credentials", "scope": "api web"},
            {"_OH_INTERNAL_ACCESS_TOKEN_": "T", "_OH_INTERNAL_INSTANCE_URL_": "https://i"},
        ),
        (
            SALESFORCE,
            CLIENT | {"tokenUrl": "https://s/token"},
            "https://s/token",
            {"grant_type": "client_credentials"},
            {"_OH_INTERNAL_ACCESS_TOKEN_": "T"},
        ),
    ],
)
async def test_a_token(
    name: str, parameters: dict[str, str], url: str, form: dict[str, str], properties: dict[str, str]
) -> None:
    client = StubClient(granted)
    message = await run(name, Harness(http=client), parameters)
    [request] = client.requests
    assert isinstance(request.body, bytes)
    assert (request.method, request.url) == ("POST", url)
    assert dict(parse_qsl(request.body.decode())) == form | {"client_id": "c", "client_secret": "s"}
    assert dict(message.properties) == properties


async def test_a_token_of_x() -> None:
    client = StubClient(granted)
    parameters = {"clientId": "c", "clientSecret": "s", "refreshToken": "r", "accessToken": "old"}
    message = await run(TWITTER, Harness(http=client), parameters)
    [request] = client.requests
    assert isinstance(request.body, bytes)
    assert (request.method, request.url) == ("POST", "https://api.twitter.com/2/oauth2/token")
    assert dict(parse_qsl(request.body.decode())) == {
        "grant_type": "refresh_token",
        "refresh_token": "r",
        "client_id": "c",
    }
    assert dict(request.headers)[b"authorization"] == b"Basic Yzpz"
    assert dict(message.properties) == {"_OH_INTERNAL_ACCESS_TOKEN_": "T", "uri.var.accessToken": "T"}


async def test_a_token_of_x_that_cannot_be_renewed_is_used_as_it_is() -> None:
    client = StubClient(granted)
    message = await run(TWITTER, Harness(http=client), {"clientId": "c", "accessToken": "old"})
    assert client.requests == []
    assert dict(message.properties) == {"_OH_INTERNAL_ACCESS_TOKEN_": "old", "uri.var.accessToken": "old"}


async def test_calls_share_one_token_and_connections_do_not() -> None:
    client = StubClient(granted)
    harness = Harness(http=client)
    parameters = CLIENT | {"tenant": "acme"}
    await asyncio.gather(*(run(SHAREPOINT, harness, parameters) for _ in range(5)))
    await run(SHAREPOINT, harness, parameters)
    assert len(client.requests) == 1
    await run(SHAREPOINT, harness, parameters | {"name": "other"})
    assert len(client.requests) == 2


@pytest.mark.parametrize(
    ("name", "parameters", "code", "message"),
    [
        (TWITTER, {"clientId": "c"}, 0, "needs the parameters: refreshToken, clientSecret"),
        (CORE, CLIENT, 701002, "needs the parameters: tokenEndpoint, refreshToken"),
        (SHAREPOINT, {"clientId": " "}, 701002, "needs the parameters: clientId, clientSecret, tenant"),
        (SHAREPOINT, CLIENT | {"tenant": "t"}, 701001, "there is no access token: .* refused .*: invalid_client"),
        (SALESFORCE, CLIENT | {"tokenUrl": "http://t"}, 701003, "there is no access token: .* refused"),
    ],
)
async def test_no_token(name: str, parameters: dict[str, str], code: int, message: str) -> None:
    refusal = b'{"error": "invalid_client", "error_description": "the secret s is wrong"}'
    harness = Harness(http=StubClient(lambda request: response(400, body=refusal)))
    with pytest.raises(Fault, match=message) as raised:
        await run(name, harness, parameters)
    assert raised.value.code == code
    assert "secret s" not in raised.value.message
