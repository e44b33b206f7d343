from __future__ import annotations

from typing import Any

import pytest

from engine.endpoints._member import Member, endpoint_of
from engine.errors import ErrorCode, Where
from engine.testing.harness import Harness, StubExchange


def member(**ports: int) -> Member:
    made = Member.spec.construct(where=Where("a.xml"), host="h", **ports)
    assert isinstance(made, Member)
    return made


@pytest.mark.parametrize(
    ("ports", "origin"),
    [
        ({"http_port": 80}, "http://h:80"),
        ({"https_port": 443}, "https://h:443"),
        ({"http_port": 80, "https_port": 443}, "http://h:80"),
    ],
)
def test_origin(ports: Any, origin: str) -> None:
    assert member(**ports).origin == origin


@pytest.mark.parametrize(
    ("to", "query", "address"),
    [
        (None, "", "http://h:80/services/test"),
        (None, "a=1", "http://h:80/services/test?a=1"),
        ("http://other/x/y?z=1", "a=1", "http://h:80/x/y"),
        ("/x?z=1", "", "http://h:80/x?z=1"),
    ],
)
def test_address_has_the_path_of_the_message(to: str | None, query: str, address: str) -> None:
    message = Harness().message(exchange=StubExchange(query=query))
    message.to = to
    endpoint: Any = endpoint_of(member(http_port=80), "e", rests=True)
    assert endpoint.type.address_for(message) == address


def test_a_member_that_failed_rests_for_half_a_second() -> None:
    endpoint: Any = endpoint_of(member(http_port=80), "e", rests=True)
    message = Harness().message()
    assert endpoint.ready(message)
    assert endpoint.fixed_property("loadbalance.weight") is None
    assert endpoint.type._suspension.policy.initial == 0.5


def test_a_member_of_a_recipient_list_never_rests() -> None:
    endpoint: Any = endpoint_of(member(http_port=80), "e", rests=False)
    assert endpoint.ready(Harness().message())
    for code in (ErrorCode.CONNECTION_FAILED, ErrorCode.TIMEOUT):
        endpoint.type._suspension.failed(code)
    assert endpoint.state == "ACTIVE"
