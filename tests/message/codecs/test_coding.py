"""gzip and deflate."""

from __future__ import annotations

import contextlib
import gzip
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.message.codecs.coding import (
    LONG,
    MOST,
    CodedStream,
    TooLongError,
    UnknownCodingError,
    codings_of,
    decode,
    encode,
    is_known,
)
from engine.message.codecs.errors import DecodeError


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


@pytest.mark.parametrize(
    ("header", "codings"),
    [("", []), ("identity", []), ("gzip", ["gzip"]), ("GZip , deflate", ["gzip", "deflate"]), (",br", ["br"])],
)
def test_codings_of(header: str, codings: list[str]) -> None:
    assert codings_of(header) == codings


@given(st.binary(max_size=5000))
def test_what_was_coded_comes_back(data: bytes) -> None:
    for coded, codings in (
        (gzip.compress(data), ["gzip"]),
        (gzip.compress(data), ["x-gzip"]),
        (zlib.compress(data), ["deflate"]),
        (raw_deflate(data), ["deflate"]),
        (gzip.compress(zlib.compress(data)), ["deflate", "gzip"]),
        (gzip.compress(data) + gzip.compress(b"more"), ["gzip"]),
    ):
        expected = data + b"more" if coded == gzip.compress(data) + gzip.compress(b"more") else data
        assert decode(coded, codings, 10_000) == expected


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate"]))
def test_any_bytes_are_content_or_a_decode_error(data: bytes, coding: str) -> None:
    with contextlib.suppress(DecodeError):
        assert len(decode(data, [coding], 1000)) <= 1000


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_is_stopped_at_the_limit(coding: str) -> None:
    bomb = {"gzip": gzip.compress, "deflate": zlib.compress}[coding](b"\0" * 10_000_000)
    assert len(decode(bomb, [coding], 10_000_000)) == 10_000_000
    with pytest.raises(TooLongError):
        decode(bomb, [coding], 9_999_999)


def test_the_limit_is_that_of_all_members_together() -> None:
    with pytest.raises(TooLongError):
        decode(gzip.compress(b"12345") + gzip.compress(b"12345"), ["gzip"], 9)


def test_only_so_many_codings_are_undone() -> None:
    data = b"a"
    for _ in range(MOST + 1):
        data = gzip.compress(data)
    with pytest.raises(UnknownCodingError, match="coded 6 times; 5 codings can be undone"):
        decode(data, ["gzip"] * (MOST + 1), 100)
    assert decode(gzip.decompress(data), ["gzip"] * MOST, 1000) == b"a"


def test_many_members_take_linear_time() -> None:
    large = gzip.compress(random.Random(1).randbytes(20_000_000), 1)
    small = gzip.compress(b"")
    assert len(decode(small * 9_000 + large, ["gzip"], 30_000_000)) == 20_000_000
    with pytest.raises(DecodeError, match="gzip of more than 10,000 members"):
        decode(small * 1_000_000, ["gzip"], 100)


@pytest.mark.parametrize(
    ("data", "coding", "message"),
    [
        (gzip.compress(b"abc")[:-1], "gzip", "not valid gzip: it ends early"),
        (b"", "gzip", "not valid gzip: it ends early"),
        (gzip.compress(b"abc") + b"rest", "gzip", "not valid gzip: Error -3"),
        (b"{}", "gzip", "not valid gzip: Error -3"),
        (b"{}", "deflate", "not valid deflate: "),
    ],
)
def test_damaged(data: bytes, coding: str, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(data, [coding], 100)
    assert str(caught.value).startswith(message)


def test_unknown() -> None:
    with pytest.raises(UnknownCodingError, match="coded as 'br'; gzip and deflate can be read"):
        decode(b"", ["br"], 100)


@pytest.mark.parametrize(
    ("codings", "known"),
    [
        ([], True),
        (["gzip", "deflate", "x-gzip"], True),
        (["br"], False),
        (["gzip", "br"], False),
        (["gzip"] * 6, False),
    ],
)
def test_is_known(codings: list[str], known: bool) -> None:
    assert is_known(codings) is known


@given(st.binary(max_size=3000), st.lists(st.sampled_from(["gzip", "x-gzip", "deflate"]), max_size=3))
def test_coding_there_and_back(data: bytes, codings: list[str]) -> None:
    assert decode(encode(data, codings), codings, len(data) + 3000) == data


class Pieces:
    """A stream of given pieces."""

    length: int | None = None

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = [*pieces]
        self.closed = False

    async def read(self) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    "pieces", [[], [b"a"], [b"a" * LONG, b"b" * (LONG + 1), b"c"], [bytes([each]) for each in range(200)]]
)
@pytest.mark.parametrize("codings", [["gzip"], ["deflate"], ["deflate", "gzip"]])
async def test_a_stream_is_coded_piece_by_piece(pieces: list[bytes], codings: list[str]) -> None:
    content = b"".join(pieces)
    for body in (Pieces(*pieces), content):
        stream, coded = CodedStream(body, codings), b""
        while piece := await stream.read():
            coded += piece
        assert decode(coded, codings, 1_000_000) == content
        assert await stream.read() == b""


async def test_a_stream_that_is_given_up_gives_up_its_source() -> None:
    source = Pieces(b"a", b"b")
    stream = CodedStream(source, ["gzip"])
    stream.close()
    stream.close()
    assert (await stream.read(), source.closed) == (b"", True)
    whole = CodedStream(b"abc", ["gzip"])
    whole.close()
    assert await whole.read() == b""
