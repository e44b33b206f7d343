"""Bodies that are still arriving: passed on unread, read with a limit, counted while somebody has them."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from engine.errors import ErrorCode, Fault, Overloaded
from engine.message import buffered
from engine.message.body import BodyStream
from engine.message.codecs import xml
from engine.message.headers import Headers
from engine.message.payload import Origin, Payload

SOAP = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><a>1</a></s:Body></s:Envelope>'


class Stream:
    """A body in pieces that notes what is done to it."""

    def __init__(self, *pieces: bytes, length: int | None = None) -> None:
        self.length = length
        self.closed = 0
        self._pieces = list(pieces)

    async def read(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def close(self) -> None:
        self.closed += 1

    @property
    def unread(self) -> int:
        return len(self._pieces)


async def test_a_stream_goes_out_unread() -> None:
    stream = Stream(b"a", b"b")
    payload = Payload(stream, "application/json", "client")
    assert payload.pending
    assert payload.stream is stream
    assert payload.body() is stream
    assert payload.raw() is None
    assert stream.unread == 2


async def test_load_reads_it_all_once() -> None:
    stream = Stream(b'{"a":', b"1}")
    payload = Payload(stream, "application/json", "client")
    await payload.load(8)
    await payload.load(0)
    assert not payload.pending
    assert payload.body() == b'{"a":1}'
    assert payload.json() == {"a": 1}


async def test_an_empty_stream_is_an_empty_payload() -> None:
    payload = Payload(Stream(), "application/json", "client")
    await payload.load(8)
    assert (payload.kind, payload.body(), payload.json()) == ("empty", b"", {})


@pytest.mark.parametrize(("origin", "status"), [("client", 413), ("backend", 502)])
@pytest.mark.parametrize("length", [None, 9])
async def test_load_refuses_what_is_over_the_limit(origin: Origin, status: int, length: int | None) -> None:
    stream = Stream(b"12345", b"6789", b"more", length=length)
    payload = Payload(stream, "text/plain", origin)
    with pytest.raises(Fault) as caught:
        await payload.load(8)
    sender = {"client": "request", "backend": "back end's answer"}[origin]
    assert caught.value.message == f"the {sender} has a body over 8 bytes, the limit for flows that look into it"
    assert (caught.value.status, caught.value.code) == (status, ErrorCode.BAD_PAYLOAD)
    assert stream.closed == 1
    assert stream.unread == (1 if length is None else 3)  # an announced size is refused without reading


async def test_what_was_read_counts_until_nobody_has_it(bodies: Callable[[], int]) -> None:
    buffered.use(10)
    payload = Payload(Stream(b"1234", b"567", length=7), "text/plain", "client")
    assert bodies() == 0
    await payload.load(8)
    assert bodies() == 7
    twin = payload.copy()
    payload.clear()
    assert bodies() == 7
    twin.set_text("a text that was made of it")
    assert bodies() == 7
    del twin
    assert bodies() == 0


@pytest.mark.parametrize(("pieces", "length", "unread"), [((b"1234", b"5678", b"9"), None, 1), ((b"12345678",), 8, 1)])
@pytest.mark.parametrize("origin", ["client", "backend"])
async def test_load_refuses_what_has_no_room(
    bodies: Callable[[], int], origin: Origin, pieces: tuple[bytes, ...], length: int | None, unread: int
) -> None:
    buffered.use(10)
    other = Payload(Stream(b"123"), "text/plain", "client")
    await other.load(8)
    stream = Stream(*pieces, length=length)
    with pytest.raises(Overloaded, match="those in memory may have 10 bytes together") as caught:
        await Payload(stream, "text/plain", origin).load(8)
    assert caught.value.status == 503
    assert (stream.closed, stream.unread) == (1, unread)  # an announced size is refused without reading
    assert bodies() == 3  # though the fault is still there, and has the frames it came through
    assert other.text() == "123"


async def test_a_client_that_leaves_gives_its_room_back(bodies: Callable[[], int]) -> None:
    class Broken(Stream):
        async def read(self) -> bytes:
            piece = await super().read()
            if not piece:
                raise Fault("the client left")
            return piece

    with pytest.raises(Fault, match="the client left"):
        await Payload(Broken(b"1234"), "text/plain", "client").load(8)
    assert bodies() == 0


async def test_coded_bytes_count_as_what_they_become(bodies: Callable[[], int]) -> None:
    buffered.use(1000)
    headers, coded = Headers([(b"content-encoding", b"gzip")]), gzip.compress(b"x" * 600)
    for bodies_of_both in ((coded, coded), (Stream(coded), Stream(coded))):
        first, second = (Payload.received(body, headers, "client") for body in bodies_of_both)
        await first.load(1000)
        assert bodies() == 600
        with pytest.raises(Overloaded):
            await second.load(1000)
        assert bodies() <= 600 + len(coded)
        del first, second
        assert bodies() == 0


async def test_load_takes_exactly_the_limit() -> None:
    payload = Payload(Stream(b"1234", b"5678", length=8), "text/plain", "client")
    await payload.load(8)
    assert payload.text() == "12345678"


@pytest.mark.parametrize(
    "change",
    [
        lambda payload: payload.set_json({}),
        lambda payload: payload.set_text("x"),
        lambda payload: payload.set_content(xml.decode(b"<a/>")),
        lambda payload: payload.set_envelope(xml.decode(SOAP)),
        lambda payload: payload.clear(),
    ],
)
def test_replacing_the_body_gives_up_the_stream(change: Callable[[Payload], None]) -> None:
    stream = Stream(b"a")
    payload = Payload(stream, "application/json", "client")
    change(payload)
    assert stream.closed == 1
    assert not payload.pending
    assert not payload.untouched


def test_close_is_for_streams_only() -> None:
    stream: BodyStream = Stream(b"a")
    payload = Payload(stream, "text/plain")
    payload.close()
    assert isinstance(stream, Stream)
    assert stream.closed == 1
    whole = Payload(b"x", "text/plain")
    whole.close()
    assert whole.body() == b"x"


def test_a_pending_stream_has_no_copy() -> None:
    with pytest.raises(AssertionError):
        Payload(Stream(b"x"), "text/plain").copy()
