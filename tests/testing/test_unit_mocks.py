"""Which requests a mock service takes, and what it answers."""

from __future__ import annotations

import pytest

from engine.core.http import HttpRequest
from engine.errors import ErrorCode, TransportError
from engine.message.body import BodyStream
from engine.testing.unit_mocks import MockServices, type_of
from engine.testing.unit_suite import Mock


def mock(path: str = "/a", **more: object) -> Mock:
    given = {"port": "", "method": "GET", "headers": (), "payload": None, "status": 200, "answer": "", **more}
    return Mock(path=path, answer_headers=given.pop("answer_headers", ()), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "request_", "fits"),
    [
        (mock(), HttpRequest("GET", "http://any.example:1/a"), True),
        (mock("/a/"), HttpRequest("GET", "http://h/a"), True),
        (mock("/"), HttpRequest("GET", "http://h"), True),
        (mock(), HttpRequest("GET", "http://h/a?b=c"), True),
        (mock(), HttpRequest("POST", "http://h/a"), False),
        (mock(), HttpRequest("GET", "http://h/b"), False),
        (mock("/a?b=c&d=e"), HttpRequest("GET", "http://h/a?d=e&b=c"), True),
        (mock("/a?b=c"), HttpRequest("GET", "http://h/a?b=d"), False),
        (mock(headers=(("X-A", "1"),)), HttpRequest("GET", "http://h/a", [(b"x-a", b"1")]), True),
        (mock(headers=(("X-A", "1"),)), HttpRequest("GET", "http://h/a"), False),
        (mock(payload='{"a": 1}', method="PUT"), HttpRequest("PUT", "http://h/a", body=b'{"a":1}'), True),
        (mock(payload='{"a": 1}', method="PUT"), HttpRequest("PUT", "http://h/a", body=b'{"a":2}'), False),
    ],
)
async def test_what_fits(one: Mock, request_: HttpRequest, fits: bool) -> None:
    mocks = MockServices([one])
    if fits:
        assert (await mocks.send(request_)).status == 200
        assert mocks.unanswered == []
        return
    with pytest.raises(TransportError) as raised:
        await mocks.send(request_)
    told = f"{request_.method} {request_.url}"
    assert (str(raised.value), raised.value.code) == (f"no mock service answers {told}", ErrorCode.CONNECTION_FAILED)
    assert mocks.unanswered == [told]


async def test_of_several_the_one_with_the_port() -> None:
    mocks = MockServices([mock(port="1", answer="one"), mock(port="2", answer="two")])
    assert (await mocks.send(HttpRequest("GET", "http://h:2/a"))).body == b"two"
    assert (await mocks.send(HttpRequest("GET", "http://h:3/a"))).body == b"one"


async def test_the_answer_has_a_type() -> None:
    answer = await MockServices([mock(status=201, answer="{}")]).send(HttpRequest("GET", "http://h/a"))
    assert (answer.status, answer.headers, answer.body) == (201, [(b"content-type", b"application/json")], b"{}")
    given = (("Content-Type", "text/csv"), ("X-B", "c"))
    answer = await MockServices([mock(answer="{}", answer_headers=given)]).send(HttpRequest("GET", "http://h/a"))
    assert answer.headers == [(b"content-type", b"text/csv"), (b"x-b", b"c")]


class Pieces:
    """A body that comes in two pieces."""

    length: int | None = None

    def __init__(self) -> None:
        self._pieces = [b'{"a"', b": 1}"]

    async def read(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def close(self) -> None: ...


async def test_a_streamed_body_is_read() -> None:
    body: BodyStream = Pieces()
    one = mock(method="POST", payload='{"a":1}')
    assert (await MockServices([one]).send(HttpRequest("POST", "http://h/a", body=body))).status == 200


@pytest.mark.parametrize(
    ("text", "type_"),
    [(' {"a"', "application/json"), ("[1]", "application/json"), ("<a/>", "application/xml"), ("a", "text/plain")],
)
def test_types(text: str, type_: str) -> None:
    assert type_of(text) == type_
