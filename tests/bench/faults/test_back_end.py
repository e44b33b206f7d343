from __future__ import annotations

import socket

import pytest

from bench.faults import table
from bench.faults.back_end import BackEnd
from bench.faults.plays import begun, listening, resets, sends


def ask(connection: socket.socket, name: str) -> None:
    connection.sendall(f"POST /{name} HTTP/1.1\r\nContent-Length: 2\r\n\r\n{{}}".encode())


def test_plays_the_steps_of_the_row_and_tells_what_was_asked() -> None:
    back_end = BackEnd({"one": (sends(b"first "), begun, sends(b"second")), "reset": (resets,)})
    with listening(back_end.play) as port:
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            ask(connection, "one")
            assert connection.recv(100) == b"first "
            assert (back_end.was_asked("one"), back_end.reused("one"), back_end.open) == (True, False, 1)
            back_end.client_has_something("one")
            assert connection.recv(100) == b"second"
            ask(connection, "beside")
            assert connection.recv(100) == table.OK
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            ask(connection, "reset")
            with pytest.raises(ConnectionResetError):
                connection.recv(100)
    assert back_end.asked == [["one", "beside"], ["reset"]]
    assert [back_end.reused(name) for name in ("one", "beside", "reset")] == [True, False, False]
