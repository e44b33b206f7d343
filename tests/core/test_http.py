"""Reading an answer's body; which headers are of one hop."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from engine.core.http import HttpResponse, RawHeaders, end_to_end, load_body
from engine.errors import Fault

GZIP = gzip.compress(b"content")


@pytest.mark.parametrize(
    ("headers", "body", "left"),
    [
        ([], b"content", []),
        ([(b"content-encoding", b"gzip")], GZIP, []),
        ([(b"a", b"1"), (b"content-encoding", b"gzip, identity"), (b"a", b"2")], GZIP, [(b"a", b"1"), (b"a", b"2")]),
        ([(b"content-encoding", b"identity")], b"content", [(b"content-encoding", b"identity")]),
    ],
)
async def test_coded_bodies(headers: RawHeaders, body: bytes, left: RawHeaders) -> None:
    response = HttpResponse(200, "", headers, body)
    await load_body(response, 100)
    assert (response.body, response.headers) == (b"content", left)


async def test_an_empty_body_keeps_its_headers() -> None:
    response = HttpResponse(304, "", [(b"content-encoding", b"gzip")], b"")
    await load_body(response, 100)
    assert (response.body, response.headers) == (b"", [(b"content-encoding", b"gzip")])


@pytest.mark.parametrize(
    ("coding", "body", "text"),
    [
        (b"gzip", b"content", "the back end's answer is not valid gzip"),
        (b"br", b"content", "the back end's answer is coded as 'br'; gzip and deflate can be read"),
        (b"gzip", gzip.compress(b"x" * 101), "the back end's answer has a body over 100 bytes"),
    ],
)
async def test_damaged_bodies(coding: bytes, body: bytes, text: str) -> None:
    with pytest.raises(Fault, match=text) as caught:
        await load_body(HttpResponse(200, "", [(b"content-encoding", coding)], body), 100)
    assert caught.value.status == 502


@pytest.mark.parametrize(
    ("connection", "left"),
    [
        ([], [b"host", b"x-a", b"x-b"]),
        ([b"close"], [b"host", b"x-a", b"x-b"]),
        ([b"keep-alive, X-A"], [b"host", b"x-b"]),
        ([b" x-b ,,close", b"X-A"], [b"host"]),
        ([b"Host, Content-Length, X-Forwarded-For"], [b"host", b"x-a", b"x-b"]),
        ([b"x-a\tx-b"], [b"host", b"x-a", b"x-b"]),
    ],
)
def test_what_connection_names_is_of_one_hop(connection: list[bytes], left: list[bytes]) -> None:
    headers = [(b"host", b"h"), (b"x-a", b"1"), (b"x-b", b"2"), *((b"connection", value) for value in connection)]
    assert [name for name, _ in end_to_end(headers) if name != b"connection"] == left


async def test_the_bytes_of_an_answer_count_as_long_as_somebody_has_it(bodies: Callable[[], int]) -> None:
    response = HttpResponse(200, "", [(b"content-encoding", b"gzip")], GZIP)
    await load_body(response, 100)
    assert bodies() == len(b"content")
    del response
    assert bodies() == 0
