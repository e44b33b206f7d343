from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from engine.core.clock import Clock
from engine.core.http import HttpRequest, HttpResponse
from engine.declare.spec import REQUIRED
from engine.errors import Fault
from engine.message.codecs import json
from engine.message.context import MessageContext
from engine.plugins import call_options
from engine.plugins.connection import Connection
from engine.plugins.exchange import Exchange
from engine.plugins.paging import Paging
from engine.plugins.parameters import BrokenRule, Parameter
from engine.plugins.rest import RestOperation, rest_spec
from engine.plugins.settings import Settings
from engine.plugins.variant import Variant
from engine.runtime.catalog import language
from engine.testing.harness import Harness, StubClient, response

PARAMETERS = (
    Parameter("where", "Which thing.", required=True),
    Parameter("title", "Its title."),
    Parameter("dry", "Whether to pretend.", "boolean"),
)
VARIANT = Variant(
    method="PUT", path="/accounts/{account}/things/{where}", query={"dry": "{dry}"}, body={"title": "{title}"}
)


def operation(**changes: Any) -> RestOperation:
    return RestOperation(
        connector="acme",
        name="put",
        summary="Put a thing.",
        variants={"": replace(VARIANT, **changes)},
        parameters=PARAMETERS,
    )


ACCOUNT = Connection("https://acme.example", {"account": "a/1"})


async def call(xml: str, connection: Connection = ACCOUNT, **changes: Any) -> StubClient:
    http = StubClient()
    spec = rest_spec(operation(**changes), "doc", Exchange("acme", Settings(), Clock()))
    harness = Harness(http=http, catalog=language().with_specs([spec]))
    message: MessageContext = harness.message(b"{}")
    message.connections["acme"] = connection
    await harness.run(xml, message)
    return http


@pytest.mark.parametrize(
    ("inside", "url", "body"),
    [
        ("<where>x</where>", "https://acme.example/accounts/a%2F1/things/x", b"{}"),
        (
            "<where>../admin?x</where><title>T</title><dry>true</dry>",
            "https://acme.example/accounts/a%2F1/things/..%2Fadmin%3Fx?dry=true",
            b'{"title":"T"}',
        ),
    ],
)
async def test_request(inside: str, url: str, body: bytes) -> None:
    [request] = (await call(f"<acme.put>{inside}</acme.put>")).requests
    assert (request.method, request.url, request.body) == ("PUT", url, body)


async def test_body_from_a_function() -> None:
    http = await call("<acme.put><where>x</where></acme.put>", body_from=lambda values: sorted(values))
    assert http.requests[0].body == b'["account","where"]'


@pytest.mark.parametrize("dots", [".", ".."])
async def test_dot_segments_are_refused(dots: str) -> None:
    """Servers resolve them even when they are percent-encoded (RFC 3986 section 6.2.2.3)."""
    with pytest.raises(Fault, match="where must be no dot segment") as caught:
        await call(f"<acme.put><where>{dots}</where></acme.put>")
    assert caught.value.status == 400


def test_spec() -> None:
    spec = rest_spec(operation(), "Put a thing.\n\nMore.", Exchange("acme", Settings(), Clock()))
    assert (spec.tag, spec.kinds, spec.category) == ("acme.put", ("mediator",), "connector")
    assert [(each.name, each.default is REQUIRED, each.doc) for each in spec.fields] == [
        ("where", True, "Which thing."),
        ("title", False, "Its title."),
        ("dry", False, "Whether to pretend. Type: boolean."),
        *((each.name, False, each.doc) for each in call_options.FIELDS),
    ]
    assert spec.example == (
        "<acme.put>\n    <where>{$ctx:where}</where>\n    <title>{$ctx:title}</title>\n    <dry>{$ctx:dry}</dry>\n"
        "</acme.put>"
    )


VERSIONS = RestOperation(
    connector="acme",
    name="list",
    summary="List things.",
    variants={
        "v1": Variant(method="GET", path="/things"),
        "v2": Variant(
            method="GET",
            path="/things",
            query={"since": "{since}"},
            defaults={"since": "now-1d"},
            paging=Paging(size="size", largest=2, items="data"),
            results={"v1": lambda things: [thing["key"] for thing in things]},
        ),
    },
    parameters=(
        Parameter("since", "From when on.", "time"),
        Parameter("page", "Which page.", "integer"),
        Parameter("all", "All pages.", "boolean"),
        Parameter("resultShape", "Form of the result.", choices=("v1",)),
    ),
)


def pages(request: HttpRequest) -> HttpResponse:
    """Three things with 64-bit keys, two a page."""
    query = dict(parse_qsl(urlsplit(request.url).query))
    keys = [9007199254740993 + 2 * int(query.get("page", 0)) + index for index in (0, 1)]
    things = [{"key": key} for key in keys if key < 9007199254740996]
    return response(body=json.encode({"data": things}))


async def listed(version: str, inside: str, values: dict[str, str] | None = None) -> tuple[StubClient, bytes]:
    http = StubClient(pages)
    clock = Clock(now=lambda: 86_400.0 * 2)
    spec = rest_spec(VERSIONS, "doc", Exchange("acme", Settings(), clock))
    harness = Harness(http=http, catalog=language().with_specs([spec]))
    message = harness.message(b"{}")
    message.connections["acme"] = Connection("https://acme.example", values or {}, version=version)
    await harness.run(f"<acme.list>{inside}</acme.list>", message)
    body = message.payload.body()
    assert isinstance(body, bytes)
    return http, body


ONE_PAGE = b'{"data":[{"key":9007199254740993},{"key":9007199254740994}]}'


@pytest.mark.parametrize(
    ("version", "inside", "urls", "body"),
    [
        ("v1", "", ["/things"], ONE_PAGE),
        ("v2", "", ["/things?since=1970-01-02T00%3A00%3A00Z"], ONE_PAGE),
        ("v2", "<since>1970-01-01T00:00:00Z</since>", ["/things?since=1970-01-01T00%3A00%3A00Z"], ONE_PAGE),
        (
            "v2",
            "<since>1970-01-01T00:00:00Z</since><all>true</all>",
            [
                "/things?since=1970-01-01T00%3A00%3A00Z&page=0&size=2",
                "/things?since=1970-01-01T00%3A00%3A00Z&page=1&size=2",
            ],
            b'[{"key":9007199254740993},{"key":9007199254740994},{"key":9007199254740995}]',
        ),
        (
            "v2",
            "<since>1970-01-01T00:00:00Z</since><resultShape>v1</resultShape>",
            [
                "/things?since=1970-01-01T00%3A00%3A00Z&page=0&size=2",
                "/things?since=1970-01-01T00%3A00%3A00Z&page=1&size=2",
            ],
            b"[9007199254740993,9007199254740994,9007199254740995]",
        ),
    ],
)
async def test_versions(version: str, inside: str, urls: list[str], body: bytes) -> None:
    http, given = await listed(version, inside)
    assert [request.url.removeprefix("https://acme.example") for request in http.requests] == urls
    assert given == body


async def test_the_connection_may_ask_for_the_shape() -> None:
    assert (await listed("v2", "", {"resultShape": "v1"}))[1].startswith(b"[9007199254740993,")


async def test_an_operation_of_another_version() -> None:
    with pytest.raises(Fault, match=r"<acme.list> is an operation of v1, v2, and this connection speaks v3"):
        await listed("v3", "")


ALIASED = Parameter("key", "Which thing.", "key", required=True, also="oldKey")


@pytest.mark.parametrize(
    ("inside", "path"),
    [
        ("<key>1</key>", "/things/1"),
        ("<oldKey>2</oldKey>", "/things/2"),
        ("<key>1</key><oldKey>2</oldKey>", "/things/1"),
    ],
)
async def test_a_parameter_with_two_names(inside: str, path: str) -> None:
    http = StubClient()
    got = RestOperation(
        connector="acme",
        name="get",
        summary="Get.",
        variants={"": Variant(method="GET", path="/things/{key}")},
        parameters=(ALIASED,),
    )
    spec = rest_spec(got, "doc", Exchange("acme", Settings(), Clock()))
    harness = Harness(http=http, catalog=language().with_specs([spec]))
    message = harness.message(b"{}")
    message.connections["acme"] = Connection("https://acme.example")
    await harness.run(f"<acme.get>{inside}</acme.get>", message)
    assert http.requests[0].url == f"https://acme.example{path}"
    with pytest.raises(Fault, match="key is required"):
        await harness.run("<acme.get/>", message)


async def test_what_the_connection_lacks_is_named() -> None:
    with pytest.raises(Fault, match="account is required, here or in init"):
        await call("<acme.put><where>x</where></acme.put>", connection=Connection("https://acme.example"))


async def test_a_body_may_be_refused() -> None:
    def refuse(values: object) -> None:
        raise BrokenRule("shorter", parameter="title")

    with pytest.raises(Fault, match="title must be shorter") as caught:
        await call("<acme.put><where>x</where><title>T</title></acme.put>", body_from=refuse)
    assert caught.value.details["violations"] == [{"parameter": "title", "value": "T", "rule": "shorter"}]
