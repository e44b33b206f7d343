"""Authentication of http endpoints against a token endpoint and an API on real sockets."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from engine.core.http import BLOCKING
from engine.errors import TransportError
from engine.testing.harness import Harness, LoadError

CLIENT = "<clientId>id</clientId><clientSecret>s&amp;t</clientSecret><tokenUrl>{}/token</tokenUrl>"
BASIC = "basic " + base64.b64encode(b"id:s%26t").decode().lower()


def tokens(server: Any, access: str = "t1", **more: Any) -> None:
    server.says(json.dumps({"access_token": access} | more), "Content-Type: application/json")


def endpoint(api: Any, authentication: str, rest: str = "") -> str:
    inside = f"<authentication>{authentication}</authentication>{rest}"
    return f'<endpoint name="e"><http method="post" uri-template="{api.url}/x">{inside}</http></endpoint>'


def oauth(api: Any, server: Any, kind: str = "clientCredentials", more: str = "") -> str:
    return endpoint(api, f"<oauth><{kind}>{CLIENT.format(server.url)}{more}</{kind}></oauth>")


def header(head: str, name: str) -> list[str]:
    lines = [line.partition(":") for line in head.lower().split("\r\n")]
    return [value.strip() for key, _, value in lines if key == name]


GRANTS = {
    "client credentials": ("clientCredentials", "", {"grant_type": "client_credentials"}, BASIC),
    "in the form": (
        "clientCredentials",
        "<authMode>Payload</authMode>",
        {"grant_type": "client_credentials", "client_id": "id", "client_secret": "s&t"},
        None,
    ),
    "password": (
        "passwordCredentials",
        "<username>me</username><password>{$ctx:secret}</password>",
        {"grant_type": "password", "username": "me", "password": "p w"},
        BASIC,
    ),
    "refresh token": (
        "authorizationCode",
        "<refreshToken>r1</refreshToken>",
        {"grant_type": "refresh_token", "refresh_token": "r1"},
        BASIC,
    ),
    "more fields and headers": (
        "clientCredentials",
        '<requestParameters><parameter name="scope">a b</parameter><parameter name="who">{$ctx:who}</parameter>'
        '</requestParameters><customHeaders><header name="X-Tenant">acme</header></customHeaders>',
        {"grant_type": "client_credentials", "scope": "a b", "who": "you"},
        BASIC,
    ),
}


@pytest.mark.parametrize(("kind", "more", "form", "shown"), GRANTS.values(), ids=GRANTS)
async def test_token_request(
    back_ends: Any, caller: Any, kind: str, more: str, form: dict[str, str], shown: str | None
) -> None:
    api, server = await back_ends(2)
    tokens(server)
    e = caller(oauth(api, server, kind, more))
    for _ in range(2):
        await e.call(prepare=lambda message: message.properties.update({"secret": "p w", "who": "you"}))
    assert server.requests == 1
    assert {name: values[0] for name, values in parse_qs(server.bodies[0].decode()).items()} == form
    assert header(server.heads[0], "authorization") == ([shown] if shown else [])
    assert header(server.heads[0], "x-tenant") == (["acme"] if "X-Tenant" in more else [])
    assert [header(head, "authorization") for head in api.heads] == [["bearer t1"]] * 2


async def test_a_refused_token_brings_one_more_try_with_the_same_body(back_ends: Any, caller: Any) -> None:
    api, server = await back_ends(2)
    tokens(server, "old")
    e = caller(oauth(api, server))
    await e.call()
    tokens(server, "new")
    api.says("{}", status=401)
    message = await e.call(b'{"n": 2}')
    assert message.axis2["HTTP_SC"] == 401  # the second answer stands
    assert [header(head, "authorization")[0] for head in api.heads[1:]] == ["bearer old", "bearer new"]
    assert api.bodies[1:] == [b'{"n": 2}'] * 2
    assert server.requests == 2


async def test_a_token_that_stays_refused_is_an_answer_of_a_blocking_call_too(back_ends: Any, caller: Any) -> None:
    api, server = await back_ends(2)
    tokens(server)
    api.says("{}", status=401)
    message = await caller(oauth(api, server)).call(prepare=lambda message: message.axis2.update({BLOCKING: "true"}))
    assert message.axis2["HTTP_SC"] == 401


async def test_calls_at_the_same_time_share_one_token_request(back_ends: Any, caller: Any) -> None:
    api, server = await back_ends(2)
    tokens(server)
    e = caller(oauth(api, server))
    await asyncio.gather(*(e.call() for _ in range(50)))
    assert (server.requests, api.requests) == (1, 50)


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (401, '{"error": "invalid_client"}', "invalid_client"),
        (500, "oops", "status 500"),
        (200, '{"token": "x"}', "gave no access token"),
    ],
)
async def test_303003_without_a_token(back_ends: Any, caller: Any, status: int, body: str, text: str) -> None:
    api, server = await back_ends(2)
    server.says(body, status=status)
    e = caller(oauth(api, server))
    with pytest.raises(TransportError, match=text) as raised:
        await e.call()
    assert e.harness.snapshot.endpoint("e").state == "ACTIVE"
    assert (raised.value.code, raised.value.status, api.requests) == (303003, 502, 0)
    assert "s&t" not in raised.value.message


async def test_a_token_endpoint_that_is_down_fails_over(back_ends: Any, caller: Any) -> None:
    api, server, other = await back_ends(3)
    await server.stop()
    first = oauth(api, server).replace('name="e"', 'name="first"')
    xml = f'<endpoint name="e"><failover>{first}<endpoint><address uri="{other.url}"/></endpoint></failover></endpoint>'
    assert await caller(xml).who() == "c"


async def test_the_clients_own_authorization_does_not_go_out(back_ends: Any, caller: Any) -> None:
    [api] = await back_ends(1)
    basic = "<basicAuth><username>me</username><password>{$ctx:pass}</password></basicAuth>"
    e = caller(endpoint(api, basic))

    def prepare(message: Any) -> None:
        message.headers.set("Authorization", "Bearer mine")
        message.properties["pass"] = "pä"

    await e.call(prepare=prepare)
    wanted = "basic " + base64.b64encode("me:pä".encode()).decode().lower()
    assert header(api.heads[0], "authorization") == [wanted]


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ("<authentication/>", "one-of"),
        ("<authentication><oauth/></authentication>", "one-of"),
        ("<authentication><basicAuth/><oauth/></authentication>", "one-of"),
        (
            "<authentication><oauth><clientCredentials><clientId>i</clientId></clientCredentials></oauth>"
            "</authentication>",
            "missing-element",
        ),
        (
            f"<authentication><oauth><passwordCredentials>{CLIENT.format('u')}<username>n</username>"
            "</passwordCredentials></oauth></authentication>",
            "missing-element",
        ),
        (
            f"<authentication><oauth><authorizationCode>{CLIENT.format('u')}</authorizationCode></oauth>"
            "</authentication>",
            "missing-element",
        ),
        (
            f"<authentication><oauth><clientCredentials>{CLIENT.format('u')}<proxyConfigs/></clientCredentials></oauth>"
            "</authentication>",
            "unsupported",
        ),
        ("<enableSec policy='p'/>", "unsupported"),
        ("<enableRM/>", "unsupported"),
    ],
)
def test_mistakes_are_found_at_load(xml: str, code: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(f'<endpoint name="e"><http method="get" uri-template="http://b">{xml}</http></endpoint>')
    assert code in [problem.code for problem in raised.value.problems]
