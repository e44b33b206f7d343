"""``<connector.init>`` made from ``base_url`` and ``auth``, and the requests that follow it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from engine.core.http import HttpRequest, HttpResponse
from engine.core.sequence import run
from engine.errors import Fault
from engine.plugins.discovery import discover
from engine.runtime.catalog import language
from engine.testing.harness import Harness, StubClient, response

OPERATIONS = """
operations:
  list:
    summary: List.
    method: GET
    path: /things
    query: {q: "{q}"}
    headers: {X-Trace: "{trace}", X-Fixed: "1"}
    parameters: {q: {doc: Q.}, trace: {doc: T.}}
"""
OAUTH = "{type: oauth2, grant: %s, token_url: 'http://auth/token', scope: 'a b'%s}"


def harness(folder: Path, head: str, http: StubClient | None = None) -> Harness:
    (folder / "acme").mkdir(exist_ok=True)
    (folder / "acme" / "connector.yaml").write_text(f"connector: acme\nsummary: A.\n{head}{OPERATIONS}")
    specs, problems = discover([folder])
    assert [str(each) for each in problems] == []
    return Harness(catalog=language().with_specs(specs), http=http or StubClient())


async def called(folder: Path, head: str, init: str, http: StubClient | None = None) -> list[HttpRequest]:
    client = http or StubClient()
    engine = harness(folder, head, client)
    await engine.run(f"<acme.init>{init}</acme.init><acme.list><q>1</q></acme.list>", engine.message())
    return client.requests


WAYS = {
    "none": ("base_url: http://api/v1/\n", "", "http://api/v1/things?q=1", {}),
    "another host": (
        "base_url: http://api/v1\n",
        "<apiUrl>http://other/v2/</apiUrl>",
        "http://other/v2/things?q=1",
        {},
    ),
    "header key": (
        "base_url: http://api\nauth: {type: api-key, in: header, name: X-Key}\n",
        "<apiKey>k 1</apiKey>",
        "http://api/things?q=1",
        {"x-key": "k 1"},
    ),
    "query key": (
        "base_url: http://api\nauth: {type: api-key, in: query, name: key}\n",
        "<apiKey>k&amp;1</apiKey>",
        "http://api/things?q=1&key=k%261",
        {},
    ),
    "cookie key": (
        "base_url: http://api\nauth: {type: api-key, in: cookie, name: sid}\n",
        "<apiKey>k</apiKey>",
        "http://api/things?q=1",
        {"cookie": "sid=k"},
    ),
    "basic": (
        "base_url: http://api\nauth: {type: basic}\n",
        "<username>me</username><password>pä</password>",
        "http://api/things?q=1",
        {"authorization": "Basic " + base64.b64encode("me:pä".encode()).decode()},
    ),
    "bearer": (
        "base_url: http://api\nauth: {type: bearer}\n",
        "<accessToken>t</accessToken>",
        "http://api/things?q=1",
        {"authorization": "Bearer t"},
    ),
    "one of several": (
        "base_url: http://api\nauth: [{type: bearer}, {type: basic}]\n",
        "<auth>basic</auth><username>a</username><password>b</password>",
        "http://api/things?q=1",
        {"authorization": "Basic YTpi"},
    ),
}


@pytest.mark.parametrize(("head", "init", "url", "headers"), WAYS.values(), ids=WAYS)
async def test_ways(tmp_path: Path, head: str, init: str, url: str, headers: dict[str, str]) -> None:
    [request] = await called(tmp_path, head, init)
    assert request.url == url
    assert {name.decode(): value.decode() for name, value in request.headers} == {
        "accept": "application/json",
        "x-fixed": "1",
    } | headers


GRANTS = {
    "client_credentials": (
        "<clientId>i</clientId><clientSecret>s</clientSecret>",
        b"grant_type=client_credentials&scope=a+b",
    ),
    "password": (
        "<clientId>i</clientId><username>me</username><password>p</password>",
        b"grant_type=password&username=me&password=p&client_id=i&scope=a+b",
    ),
    "refresh_token": (
        "<clientId>i</clientId><refreshToken>r</refreshToken>",
        b"grant_type=refresh_token&refresh_token=r&client_id=i&scope=a+b",
    ),
}


def auth_server(api: HttpResponse | None = None) -> StubClient:
    def answer(request: HttpRequest) -> HttpResponse:
        if request.url == "http://auth/token":
            return response(200, json.dumps({"access_token": f"t{len(client.requests)}"}).encode())
        return api or response()

    client = StubClient(answer)
    return client


@pytest.mark.parametrize("grant", GRANTS)
async def test_oauth2_of_each_grant(tmp_path: Path, grant: str) -> None:
    init, form = GRANTS[grant]
    client = auth_server()
    await called(tmp_path, f"base_url: http://api\nauth: {OAUTH % (grant, '')}\n", init, client)
    token, call = client.requests
    assert token.body == form
    assert (b"authorization", b"Bearer t1") in call.headers


async def test_oauth2_refused_by_a_body_of_status_200(tmp_path: Path) -> None:
    client = auth_server(response(200, b'{"error":"expired_token"}'))
    rejected = ", rejected: {status: 200, body: expired_token}"
    init = GRANTS["client_credentials"][0]
    await called(tmp_path, f"base_url: http://api\nauth: {OAUTH % ('client_credentials', rejected)}\n", init, client)
    assert [request.url for request in client.requests] == [
        "http://auth/token",
        "http://api/things?q=1",
        "http://auth/token",
        "http://api/things?q=1",
    ]
    assert (b"authorization", b"Bearer t3") in client.requests[3].headers


@pytest.mark.parametrize(
    ("head", "init", "missing"),
    [
        ("auth: {type: basic}\n", "<apiUrl>http://a</apiUrl><username>{$ctx:none}</username>", "username"),
        ("base_url: http://a\nauth: [{type: bearer}, {type: basic}]\n", "", "accessToken"),
        ("base_url: http://a\nauth: [{type: bearer}, {type: basic}]\n", "<auth>basic</auth>", "username"),
    ],
)
async def test_what_is_missing_is_refused(tmp_path: Path, head: str, init: str, missing: str) -> None:
    engine = harness(tmp_path, head)
    more = "<password>p</password>" if "<username>" in init else ""
    with pytest.raises(Fault, match=f"{missing} is required") as raised:
        await engine.run(f"<acme.init>{init}{more}</acme.init>", engine.message())
    assert raised.value.status == 400


@pytest.mark.parametrize(
    ("init", "header"),
    [
        ("<accessToken>t</accessToken>", b"Bearer t"),
        ("<username>u</username><password>p</password>", b"Basic dTpw"),
        ("<accessToken>t</accessToken><username>u</username><password>p</password>", b"Bearer t"),
        (
            "<auth>basic</auth><accessToken>t</accessToken><username>u</username><password>p</password>",
            b"Basic dTpw",
        ),
        ("<auth>none</auth><accessToken>t</accessToken>", None),
    ],
)
async def test_of_several_ways_the_credentials_tell_which(tmp_path: Path, init: str, header: bytes | None) -> None:
    client = StubClient()
    head = "base_url: http://a\nauth: [{type: none}, {type: bearer}, {type: basic}]\n"
    engine = harness(tmp_path, head, client)
    await engine.run(f"<acme.init>{init}</acme.init><acme.list/>", engine.message())
    assert dict(client.requests[0].headers).get(b"authorization") == header


async def test_the_other_ways_are_named_when_credentials_are_missing(tmp_path: Path) -> None:
    engine = harness(tmp_path, "base_url: http://a\nauth: [{type: bearer}, {type: basic}]\n")
    with pytest.raises(Fault, match=r"accessToken is required\. Other ways, which auth names: basic\.$"):
        await engine.run("<acme.init/>", engine.message())


def test_secrets_are_not_in_the_repr(tmp_path: Path) -> None:
    from engine.core.clock import Clock
    from engine.core.oauth2 import TokenCache
    from engine.plugins.yaml_auth import Auth, Opening, connection

    for auth, given in (
        (Auth(type="api-key", name="k"), {"apiKey": "SECRET"}),
        (Auth(type="api-key", name="k", place="query"), {"apiKey": "SECRET"}),
        (Auth(type="bearer"), {"accessToken": "SECRET"}),
        (Auth(type="basic"), {"username": "u", "password": "SECRET"}),
        (Auth(type="oauth2"), {"clientId": "c", "clientSecret": "SECRET", "tokenUrl": "http://a"}),
    ):
        opening = Opening(connector="acme", base_url="http://a", auths=(auth,))
        shown = repr(connection(opening, given, TokenCache(Clock())))
        assert "SECRET" not in shown
        assert base64.b64encode(b"u:SECRET").decode() not in shown


async def test_the_same_arguments_give_the_same_connection(tmp_path: Path) -> None:
    engine = harness(tmp_path, "base_url: http://api\nauth: {type: bearer}\n")
    steps = engine.steps("<acme.init><accessToken>{$ctx:token}</accessToken></acme.init>")
    connections = []
    for token in ("one", "two", "one"):
        message = engine.message()
        message.properties["token"] = token
        assert await run(steps, message)
        connections.append(message.connections["acme"])
    assert connections[0] is connections[2] is not connections[1]
    assert await connections[0].authorization.header(engine.snapshot) == "Bearer one"
    assert await connections[1].authorization.header(engine.snapshot) == "Bearer two"


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ("base_url: api.example\n", "'base_url' must begin with http:// or https://."),
        ("auth: {type: digest}\n", "'digest' as 'type' is not one of none, api-key, basic, bearer, oauth2."),
        ("auth: {type: basic, name: x}\n", "'name' is not known here."),
        ("auth: {type: api-key}\n", "'name' is missing."),
        ("auth: {type: oauth2, grant: implicit}\n", "'implicit' as 'grant' is not one of client_credentials"),
    ],
)
def test_mistakes(tmp_path: Path, head: str, problem: str) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "connector.yaml").write_text(f"connector: acme\nsummary: A.\n{head}{OPERATIONS}")
    messages: list[Any] = [each.message for each in discover([tmp_path])[1]]
    assert len(messages) == 1
    assert messages[0].startswith(problem)
