from __future__ import annotations

import base64
from dataclasses import dataclass, field

import pytest

from engine.core.env import Cors
from engine.testing.harness import Answer, Harness, LoadError

BODY = '<payloadFactory media-type="json"><format>{"a": 1}</format><args/></payloadFactory>'
FLOW = f"<inSequence>{BODY}<respond/></inSequence>"
PACKAGE = "org.wso2.micro.integrator.security.handler"


def api(handler: str, settings: dict[str, str] | None = None, methods: str = "GET POST") -> str:
    properties = "".join(f'<property name="{name}" value="{value}"/>' for name, value in (settings or {}).items())
    return (
        f'<api name="a" context="/a"><resource methods="{methods}">{FLOW}</resource>'
        f'<handlers><handler class="{PACKAGE}.{handler}">{properties}</handler></handlers></api>'
    )


CORS = {
    "allowedOrigins": "https://one.example, https://*.two.example",
    "allowedMethods": "GET,PUT",
    "allowHeaders": "Content-Type",
    "maxAge": "60",
}


def cors_headers(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers if name.startswith("access-control-") or name == "vary"}


async def test_a_preflight_request_is_answered() -> None:
    answer = await Harness(api("CORSRequestHandler", CORS)).request(
        "OPTIONS", "/a", headers={"Origin": "https://one.example", "Access-Control-Request-Method": "GET"}
    )
    assert (answer.status, answer.body) == (200, b"")
    assert cors_headers(answer) == {
        "access-control-allow-origin": "https://one.example",
        "access-control-allow-methods": "GET",
        "access-control-allow-headers": "Content-Type",
        "access-control-max-age": "60",
        "vary": "Origin",
    }


@pytest.mark.parametrize(
    ("settings", "origin", "allowed"),
    [
        ({}, "https://one.example", "https://one.example"),
        ({}, "https://x.two.example", "https://x.two.example"),
        ({}, "https://x.two.example.evil.net", None),
        ({}, "https://three.example", None),
        ({}, None, None),
        ({"allowedOrigins": "*"}, "https://three.example", "*"),
        ({"allowedOrigins": "*", "allowCredentials": "true"}, "https://three.example", "https://three.example"),
    ],
)
async def test_origins(settings: dict[str, str], origin: str | None, allowed: str | None) -> None:
    headers = {"Origin": origin} if origin is not None else {}
    answer = await Harness(api("CORSRequestHandler", CORS | settings)).request("GET", "/a", headers=headers)
    assert (answer.status, answer.body) == (200, b'{"a": 1}')
    assert answer.headers.get("access-control-allow-origin") == allowed


async def test_credentials_and_the_headers_asked_for() -> None:
    settings = CORS | {"allowCredentials": "true", "allowHeaders": "*"}
    answer = await Harness(api("CORSRequestHandler", settings)).request(
        "OPTIONS", "/a", headers={"Origin": "https://one.example", "Access-Control-Request-Headers": "x-a, x-b"}
    )
    assert answer.headers.get("access-control-allow-credentials") == "true"
    assert answer.headers.get("access-control-allow-headers") == "x-a, x-b"


async def test_a_resource_with_options_answers_itself() -> None:
    answer = await Harness(api("CORSRequestHandler", CORS, "GET OPTIONS")).request("OPTIONS", "/a")
    assert answer.body == b'{"a": 1}'


PLAIN = f'<api name="a" context="/a"><resource methods="GET POST">{FLOW}</resource></api>'


def with_cors(origins: str, headers: str = "X-A", artifacts: str = PLAIN) -> Harness:
    harness = Harness(artifacts)
    harness.snapshot.cors = Cors(origins, headers)
    return harness


@pytest.mark.parametrize(
    ("origins", "origin", "status", "allowed"),
    [
        ("", "https://one.example", 200, None),
        ("*", "https://one.example", 200, "*"),
        ("https://one.example", "https://one.example", 200, "https://one.example"),
        ("https://one.example", "https://two.example", 403, None),
        ("https://one.example", None, 200, None),
    ],
)
async def test_the_setting_is_for_all_apis(origins: str, origin: str | None, status: int, allowed: str | None) -> None:
    headers = {"Origin": origin} if origin is not None else {}
    harness = with_cors(origins)
    answer = await harness.request("OPTIONS", "/a", headers=headers)
    assert (answer.status, answer.headers.get("access-control-allow-origin")) == (status, allowed)
    if allowed:
        assert answer.headers.get("access-control-allow-methods") == "GET,POST"
        assert answer.headers.get("access-control-allow-headers") == "X-A"
        assert answer.headers.get("allow") == "GET, POST"
    read = await harness.request("GET", "/a", headers=headers)
    assert (read.status, read.headers.get("access-control-allow-origin")) == (200, allowed)


async def test_an_api_with_a_handler_of_its_own_has_its_rules() -> None:
    harness = with_cors("*", artifacts=api("CORSRequestHandler", CORS))
    answer = await harness.request("GET", "/a", headers={"Origin": "https://one.example"})
    assert answer.headers.get_all("access-control-allow-origin") == ["https://one.example"]


@dataclass
class Secrets:
    known: dict[str, str] = field(default_factory=lambda: {"users/alice": "s3:cret", "users/é": "ü"})

    def __call__(self, alias: str) -> str | None:
        return self.known.get(alias)


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (None, 401),
        (basic("alice:s3:cret"), 200),
        (basic("é:ü"), 200),
        (basic("alice:wrong"), 403),
        (basic("bob:"), 403),
        (basic("alice"), 403),
        (basic(":"), 403),
        ("Basic ???", 403),
        ("Bearer x", 403),
        ("Basic " + base64.b64encode(b"\xff:\xff").decode(), 403),
    ],
)
async def test_basic_authentication(authorization: str | None, status: int) -> None:
    harness = Harness(api("RESTBasicAuthHandler"))
    harness.snapshot.secret = Secrets()
    headers = {"Authorization": authorization} if authorization is not None else {}
    answer = await harness.request("POST", "/a", b"{}", headers=headers)
    assert answer.status == status
    assert (answer.headers.get("www-authenticate") is not None) is (status == 401)
    assert b"s3" not in answer.body


async def test_a_broken_secret_store_is_an_answer() -> None:
    from engine.errors import Fault

    harness = Harness(api("RESTBasicAuthHandler"))

    def broken(alias: str) -> str | None:
        raise Fault("the file of secrets cannot be read")

    harness.snapshot.secret = broken
    answer = await harness.request("GET", "/a", headers={"Authorization": basic("alice:x")})
    assert answer.status == 500


def test_another_handler_is_an_error_with_a_way_out() -> None:
    with pytest.raises(LoadError) as raised:
        Harness(api("CorsRequestHandler"))
    [problem] = raised.value.problems
    assert (problem.code, problem.hint) == ("unsupported", "Did you mean 'CORSRequestHandler'?")
    with pytest.raises(LoadError) as raised:
        Harness(api("com.example.Mine"))
    assert "inSequence" in raised.value.problems[0].hint
