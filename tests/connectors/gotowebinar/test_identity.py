from __future__ import annotations

import pytest

from connectors.gotowebinar.identity import PATH, Identity
from engine.core.clock import Clock
from engine.core.http import HttpResponse
from engine.errors import Fault
from engine.plugins.connection import Connection, Static
from engine.plugins.exchange import Exchange
from engine.plugins.settings import Settings
from engine.testing.harness import Harness, StubClient, response

HOST = Connection("https://api.example.com", authorization=Static("Bearer t"))


def identity(owner: str = "a") -> Identity:
    return Identity(Exchange("gotowebinar", Settings(), Clock()), HOST, owner)


def harness(answer: HttpResponse) -> tuple[StubClient, Harness]:
    http = StubClient(lambda request: answer)
    return http, Harness(http=http)


async def test_asked_once_for_each_account() -> None:
    http, engine = harness(response(body=b'{"key": 9007199254740993, "accountKey": "22", "email": "x"}'))
    for owner in ("a", "a", "b"):
        keys = await identity(owner).keys(engine.snapshot)
        assert keys == {"organizerKey": "9007199254740993", "accountKey": "22"}
    assert [request.url for request in http.requests] == [f"https://api.example.com{PATH}"] * 2


@pytest.mark.parametrize("body", [b"{}", b"[]"])
async def test_an_answer_without_keys_gives_none(body: bytes) -> None:
    assert await identity().keys(harness(response(body=body))[1].snapshot) == {}


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_a_refusal_says_what_to_do(status: int) -> None:
    _, engine = harness(response(status))
    with pytest.raises(Fault, match=f"answered {status} to {PATH}; give organizerKey and accountKey in init"):
        await identity().keys(engine.snapshot)
