"""A client of one request, which keeps everything that comes until the engine closes the connection."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

import httptools

from bench.client import post
from bench.faults.plays import PATIENCE


class Received:
    """What came. ``status`` None: nothing; ``count`` is the number of answers; ``whole``: the last one is complete."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.count = 0
        self.body = b""
        self.whole = False
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        with contextlib.suppress(httptools.HttpParserError):  # an answer that is none is not whole
            self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self.count += 1
        self.whole = False

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.whole = True

    def __str__(self) -> str:
        if self.status is None:
            return "nothing"
        return str(self.status) if self.whole else f"{self.status}, broken off"


def ask(port: int, flow: str, identity: str, begun: Callable[[], None] = lambda: None) -> Received:
    """Ask a flow, and call ``begun`` when the answer has begun. Raises OSError when nothing comes for too long."""
    received = Received()
    with _asking(port, flow, identity) as connection:
        while data := connection.recv(65536):
            received.feed(data)
            begun()
    return received


def leave(port: int, flow: str, identity: str, wait: Callable[[], object]) -> Received:
    """Ask a flow, ``wait``, and close the connection without a look at it."""
    with _asking(port, flow, identity):
        wait()
    return Received()


def _asking(port: int, flow: str, identity: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
    connection.sendall(post(f"/services/{flow}", b"{}", f"activityid: {identity}", "Connection: close"))
    return connection
