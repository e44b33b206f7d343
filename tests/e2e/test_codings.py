"""Content-Encoding: passes untouched where nobody looks, is undone where a mediator does, and done again at the end."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from typing import Any

import pytest

from engine.message.codecs import coding as coding_module

_LOOK = '<property name="n" expression="json-eval($.n)"/>'
_MAKE = (
    '<payloadFactory media-type="json"><format>{"made": "$1"}</format>'
    '<args><arg evaluator="json" expression="$.n"/></args></payloadFactory>'
)
_FIXED = '<payloadFactory media-type="json"><format>{"made": 1}</format><args/></payloadFactory>'


def proxy(name: str, uri: str, before: str = "", after: str = "") -> str:
    call = f'<call><endpoint><address uri="{uri}"/></endpoint></call>'
    return f'<proxy name="{name}"><target><inSequence>{before}{call}{after}<respond/></inSequence></target></proxy>'


def set_coding(value: str) -> str:
    return f'<property name="Content-Encoding" value="{value}" scope="transport"/>'


_PLAIN = '<property name="Content-Encoding" action="remove" scope="transport"/>'


@pytest.fixture(scope="module")
def engine(start: Any, back_end: Any) -> Any:
    uri = f"{back_end.url}/coded"
    copies = '<clone continueParent="true"><target><sequence><log level="full"/></sequence></target></clone>'
    flows = [
        proxy("pass", uri),
        proxy("looks", uri, _LOOK, _LOOK),
        proxy("makes", uri, _MAKE, _MAKE),
        proxy("fixed", uri, _FIXED, _FIXED),
        proxy("copies", uri, copies, copies),
        proxy("plain", uri, _LOOK + _PLAIN, _LOOK + _PLAIN),
        proxy("gzip", uri, set_coding("gzip"), set_coding("gzip")),
        proxy("deflate", uri, _FIXED + set_coding("deflate"), _FIXED + set_coding("deflate")),
        proxy("unknown", uri, _FIXED + set_coding("br"), _FIXED + set_coding("br")),
        proxy("get", uri, '<property name="HTTP_METHOD" value="GET" scope="axis2"/>', set_coding("gzip")),
    ]
    return start(
        {"a.xml": f'<definitions xmlns="http://ws.apache.org/ns/synapse">{"".join(flows)}</definitions>'},
        "limits: {buffered_body: 300000}",
    )


@pytest.fixture(autouse=True)
def _answers(back_end: Any) -> None:
    back_end.requests.clear()
    back_end.on("/coded", lambda _, connection: connection.answer(200, CODED, "Content-Encoding: gzip"))


CONTENT = b'{"n": 5, "filler": "' + b"x" * 200 + b'"}'
CODED = gzip.compress(CONTENT, mtime=0)
SENT = {"Content-Type": "application/json", "Content-Encoding": "gzip"}


def call(engine: Any, flow: str, body: bytes = CODED, coding: str = "gzip") -> tuple[int, str | None, bytes]:
    headers = SENT | {"Content-Encoding": coding}
    answer = engine.call("POST", f"/services/{flow}", data=body, headers=headers, stream=True)
    return answer.status_code, answer.headers.get("content-encoding"), answer.raw.read(decode_content=False)


def test_untouched_bodies_pass_as_they_are(engine: Any, back_end: Any) -> None:
    assert call(engine, "pass") == (200, "gzip", CODED)
    assert (back_end.last().header("content-encoding"), back_end.last().body) == ("gzip", CODED)


def test_untouched_streams_pass_as_they_are(engine: Any, back_end: Any) -> None:
    big = gzip.compress(os.urandom(500_000))
    back_end.on("/coded", lambda _, connection: connection.answer(200, big, "Content-Encoding: gzip"))
    assert call(engine, "pass", big) == (200, "gzip", big)
    assert back_end.last().body == big


@pytest.mark.parametrize("flow", ["looks", "copies"])
def test_what_was_looked_at_is_coded_again(engine: Any, back_end: Any, flow: str) -> None:
    status, header, body = call(engine, flow)
    assert (status, header, gzip.decompress(body)) == (200, "gzip", CONTENT)
    assert (back_end.last().header("content-encoding"), gzip.decompress(back_end.last().body)) == ("gzip", CONTENT)


def test_without_the_header_it_leaves_as_it_was_read(engine: Any, back_end: Any) -> None:
    assert call(engine, "plain") == (200, None, CONTENT)
    assert (back_end.last().header("content-encoding"), back_end.last().body) == (None, CONTENT)


@pytest.mark.parametrize("size", [0, 200, 256 * 1024, 5_000_000])
def test_a_flow_asks_for_gzip(engine: Any, back_end: Any, size: int) -> None:
    """Also of a body that nobody has read."""
    content = os.urandom(size)
    back_end.on("/coded", lambda _, connection: connection.answer(200, content))
    answer = engine.call("POST", "/services/gzip", data=content, headers={"Content-Type": "application/octet-stream"})
    assert answer.content == content
    asked = back_end.last()
    expected = "gzip" if size else None
    assert (answer.headers.get("content-encoding"), asked.header("content-encoding")) == (expected, expected)
    assert gzip.decompress(asked.body) == content


def test_a_flow_asks_for_deflate(engine: Any, back_end: Any) -> None:
    status, header, body = call(engine, "deflate")
    assert (status, header, zlib.decompress(body)) == (200, "deflate", b'{"made": 1}')
    assert (back_end.last().header("content-encoding"), zlib.decompress(back_end.last().body)) == (
        header,
        zlib.decompress(body),
    )


def test_a_name_that_is_not_known_is_the_flows_own_word(engine: Any, back_end: Any) -> None:
    assert call(engine, "unknown") == (200, "br", b'{"made": 1}')
    assert (back_end.last().header("content-encoding"), back_end.last().body) == ("br", b'{"made": 1}')


def test_a_request_without_body_has_no_coding(engine: Any, back_end: Any) -> None:
    assert call(engine, "get")[0] == 200
    assert (back_end.last().header("content-encoding"), back_end.last().body) == (None, b"")


@pytest.mark.parametrize(
    ("coding", "body"), [("deflate", zlib.compress(CONTENT)), ("x-gzip", CODED), ("gzip, identity", CODED)]
)
def test_other_names(engine: Any, back_end: Any, coding: str, body: bytes) -> None:
    assert call(engine, "looks", body, coding)[0] == 200
    assert coding_module.decode(back_end.last().body, coding_module.codings_of(coding), 10_000) == CONTENT


@pytest.mark.parametrize(("flow", "made"), [("makes", "5"), ("fixed", 1)])
def test_a_payload_made_here_is_coded_as_the_header_says(engine: Any, back_end: Any, flow: str, made: Any) -> None:
    answer = engine.call("POST", f"/services/{flow}", data=CODED, headers=SENT)
    assert (answer.json(), answer.headers.get("content-encoding")) == ({"made": made}, "gzip")
    assert back_end.last().header("content-encoding") == "gzip"
    assert json.loads(gzip.decompress(back_end.last().body)) == {"made": made}


@pytest.mark.parametrize(
    ("body", "coding", "status", "text"),
    [
        (CONTENT, "gzip", 400, "the request is not valid gzip"),
        (CODED[:-4], "gzip", 400, "the request is not valid gzip: it ends early"),
        (CODED, "br", 415, "the request is coded as 'br'; gzip and deflate can be read"),
        (gzip.compress(b" " * 300_001), "gzip", 413, "the request has a body over 300,000 bytes"),
        (b"x", ", ".join(["gzip"] * 5_000), 415, "coded 5,000 times; 5 codings can be undone"),
    ],
)
def test_what_a_client_cannot_send(engine: Any, body: bytes, coding: str, status: int, text: str) -> None:
    answer = call(engine, "looks", body, coding)
    assert answer[0] == status
    assert text in answer[2].decode()


@pytest.mark.parametrize(
    ("body", "coding"), [(CONTENT, "gzip"), (CODED, "br"), (gzip.compress(b" " * 300_001), "gzip")]
)
def test_what_a_back_end_cannot_send(engine: Any, back_end: Any, body: bytes, coding: str) -> None:
    back_end.on("/coded", lambda _, connection: connection.answer(200, body, f"Content-Encoding: {coding}"))
    status, header, answer = call(engine, "looks")
    assert (status, header) == (502, None)
    assert b"the back end's answer " in answer
