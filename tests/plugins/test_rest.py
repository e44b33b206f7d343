from __future__ import annotations

from typing import Any

import pytest

from engine.declare.spec import REQUIRED
from engine.errors import Fault
from engine.message.context import MessageContext
from engine.plugins.connection import Connection
from engine.plugins.exchange import Exchange
from engine.plugins.parameters import Parameter
from engine.plugins.policy import Clock
from engine.plugins.rest import RestOperation, rest_spec
from engine.plugins.settings import Settings
from engine.runtime.catalog import language
from engine.testing.harness import Harness, StubClient

OPERATION: dict[str, Any] = {
    "connector": "acme",
    "name": "put",
    "summary": "Put a thing.",
    "method": "PUT",
    "path": "/accounts/{account}/things/{where}",
    "query": {"dry": "{dry}"},
    "body": {"title": "{title}"},
    "parameters": (
        Parameter("where", "Which thing.", required=True),
        Parameter("title", "Its title."),
        Parameter("dry", "Whether to pretend.", "boolean"),
    ),
}


async def call(xml: str, **changes: Any) -> StubClient:
    http = StubClient()
    spec = rest_spec(RestOperation(**(OPERATION | changes)), "doc", Exchange("acme", Settings(), Clock()))
    harness = Harness(http=http, catalog=language().with_specs([spec]))
    message: MessageContext = harness.message(b"{}")
    message.connections["acme"] = Connection("https://acme.example", {"account": "a/1"})
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
    spec = rest_spec(RestOperation(**OPERATION), "Put a thing.\n\nMore.", Exchange("acme", Settings(), Clock()))
    assert (spec.tag, spec.kinds, spec.category) == ("acme.put", ("mediator",), "connector")
    assert [(each.name, each.default is REQUIRED, each.doc) for each in spec.fields] == [
        ("where", True, "Which thing."),
        ("title", False, "Its title."),
        ("dry", False, "Whether to pretend. Type: boolean."),
    ]
    assert spec.example == (
        "<acme.put>\n    <where>{$ctx:where}</where>\n    <title>{$ctx:title}</title>\n    <dry>{$ctx:dry}</dry>\n"
        "</acme.put>"
    )
