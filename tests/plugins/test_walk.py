from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.core.clock import Clock
from engine.core.http import HttpRequest, HttpResponse
from engine.errors import Fault
from engine.message.context import MessageContext
from engine.plugins import walk
from engine.plugins.connection import Connection, Static
from engine.plugins.exchange import Exchange
from engine.plugins.paging import Paging
from engine.plugins.settings import Settings
from engine.plugins.variant import Plan, Variant
from engine.testing.harness import Harness, StubClient, response

BASE = "https://acme.example/v1"
LINKED = Paging(style="link")
NUMBERED = Paging(largest=1)


async def read(
    paging: Paging, answers: Callable[[HttpRequest], HttpResponse]
) -> tuple[list[HttpRequest], MessageContext]:
    http = StubClient(answers)
    message = Harness(http=http).message(b"{}")
    plan = Plan("acme.list", Variant(method="GET", path="/things", paging=paging), (), Clock())
    connection = Connection(BASE, authorization=Static("Bearer t"))
    await walk.read_all(message, connection, Exchange("acme", Settings(), Clock(), ["X-Hidden"]), plan, {})
    return http.requests, message


def page(body: bytes, link: str = "") -> HttpResponse:
    return response(body=body, headers=[(b"link", link.encode()), (b"x-hidden", b"h"), (b"x-shown", b"s")])


async def test_links_are_followed_below_the_base() -> None:
    pages = {f"{BASE}/things": page(b"[1]", f"<{BASE}/things?p=2>; rel=next"), f"{BASE}/things?p=2": page(b"[2,3]")}
    requests, message = await read(LINKED, lambda request: pages[request.url])
    assert [request.url for request in requests] == list(pages)
    assert all((b"authorization", b"Bearer t") in request.headers for request in requests)
    assert message.payload.body() == b"[1,2,3]"
    assert message.headers.get("x-hidden") is None
    assert message.headers.get("x-shown") == "s"


@pytest.mark.parametrize("link", ["https://evil.example/v1/things", "https://acme.example/v2/things", f"{BASE}evil/"])
async def test_links_elsewhere_are_refused(link: str) -> None:
    with pytest.raises(Fault, match="outside its base URL"):
        await read(LINKED, lambda request: page(b"[1]", f"<{link}>; rel=next"))


@pytest.mark.parametrize(
    "answer",
    [response(404, b'{"errorCode": "NotFound"}'), response(200, b'"text"'), response(200, b"plain", "text/plain")],
)
async def test_what_is_no_page_becomes_the_message(answer: HttpResponse) -> None:
    requests, message = await read(NUMBERED, lambda request: answer)
    assert len(requests) == 1
    assert message.axis2["HTTP_SC"] == answer.status
    assert message.payload.body() == answer.body


async def test_broken_json_is_a_fault() -> None:
    with pytest.raises(Fault) as caught:
        await read(NUMBERED, lambda request: response(200, b"[1"))
    assert caught.value.status == 502


async def test_lists_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MAX_PAGES", 3)
    with pytest.raises(Fault, match="more than 3 pages"):
        await read(NUMBERED, lambda request: page(b"[1]"))


async def test_lists_that_fill_the_memory_are_refused() -> None:
    large = b'["' + b"x" * (20 << 20) + b'"]'
    with pytest.raises(Fault, match="over 33,554,432 bytes"):
        await read(NUMBERED, lambda request: page(large))
