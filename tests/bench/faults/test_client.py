from __future__ import annotations

import socket
import threading

import pytest

from bench.faults import client
from bench.faults.client import Received
from bench.faults.plays import Scene, listening

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 502 X\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n!\r\n"


@pytest.mark.parametrize(
    ("pieces", "text", "count", "body"),
    [
        ([], "nothing", 0, b""),
        ([OK], "200", 1, b"ok"),
        ([OK[:-2], OK[-2:]], "200", 1, b"ok"),
        ([OK[:-1]], "200, broken off", 1, b"o"),
        ([CHUNKED + b"0\r\n\r\n"], "502", 1, b"!"),
        ([CHUNKED], "502, broken off", 1, b"!"),
        ([OK[:20]], "nothing", 1, b""),
        ([OK + OK], "200", 2, b"okok"),
        ([OK + CHUNKED], "502, broken off", 2, b"ok!"),
        ([b"nothing like HTTP"], "nothing", 1, b""),
    ],
)
def test_what_came(pieces: list[bytes], text: str, count: int, body: bytes) -> None:
    received = Received()
    for piece in pieces:
        received.feed(piece)
    assert (str(received), received.count, received.body) == (text, count, body)


def test_asks_once_and_keeps_all_that_comes() -> None:
    requests: list[bytes] = []

    def play(scene: Scene) -> None:
        requests.append(scene.connection.recv(65536))
        scene.connection.sendall(OK)
        scene.begun.wait(0)
        scene.connection.sendall(OK)

    begun: list[None] = []
    with listening(play) as port:
        received = client.ask(port, "refused", "row-1", lambda: begun.append(None))
    assert (received.count, received.body) == (2, b"okok")
    assert begun
    assert requests == [
        b"POST /services/refused HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"activityid: row-1\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
    ]


def test_leaves_before_anything_comes() -> None:
    asked, left = threading.Event(), threading.Event()

    def play(scene: Scene) -> None:
        scene.connection.recv(65536)
        asked.set()
        assert scene.connection.recv(65536) == b""
        left.set()

    with listening(play) as port:
        received = client.leave(port, "refused", "row-1", lambda: asked.wait(10))
        assert left.wait(10)
    assert str(received) == "nothing"


def test_nobody_listens_any_more() -> None:
    with listening(lambda scene: None) as port:
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
