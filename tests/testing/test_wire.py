"""The client without a socket."""

from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.testing.wire import PlayedConnection, WrittenAnswer
from engine.transports.http_in_cycle import Cycle


async def test_pieces_come_one_by_one() -> None:
    connection = PlayedConnection([b"a", b"b"])
    cycle = Cycle(connection, "POST", "/", [], None)
    connection.play(cycle)
    assert cycle.more_body
    assert [await cycle.read() for _ in range(3)] == [b"a", b"b", b""]


async def test_a_client_may_leave() -> None:
    connection = PlayedConnection([b"a"], leaves=True)
    cycle = Cycle(connection, "POST", "/", [], None)
    connection.play(cycle, at_once=False)
    assert await cycle.read() == b"a"
    with pytest.raises(Fault):
        await cycle.read()


def test_an_answer_is_read_as_clients_do() -> None:
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n"
    answer = WrittenAnswer(chunked)
    assert (answer.status, answer.pieces, answer.complete) == (200, [b"a", b"bc"], False)
    assert WrittenAnswer(chunked + b"0\r\n\r\n").complete
    assert WrittenAnswer(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n", "HEAD").body == b""
