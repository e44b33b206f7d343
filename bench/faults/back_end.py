"""The back end that plays the table: the path that is asked for names the row."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping

from bench.faults.plays import Scene, Step
from bench.faults.table import OK


class BackEnd:
    """Knows what each of its connections was asked for, in order. Paths that no row has are answered well."""

    def __init__(self, steps: Mapping[str, tuple[Step, ...]]) -> None:
        self._steps = steps
        self._lock = threading.Lock()
        self._begun: dict[str, threading.Event] = {name: threading.Event() for name in steps}
        self.asked: list[list[str]] = []
        self.open = 0

    def client_has_something(self, name: str) -> None:
        """Let the steps of this row that wait for it go on."""
        self._begun[name].set()

    def was_asked(self, name: str) -> bool:
        return any(name in names for names in self.asked)

    def reused(self, name: str) -> bool:
        """Whether a connection served another request after this row."""
        return any(name in names[:-1] for names in self.asked)

    def play(self, scene: Scene) -> None:
        """One connection, to its end."""
        names: list[str] = []
        with self._lock:
            self.asked.append(names)
            self.open += 1
        try:
            while head := _request(scene.connection):
                name = head.split(b" ")[1].decode().removeprefix("/")
                names.append(name)
                if name not in self._steps:
                    scene.connection.sendall(OK)
                    continue
                for step in self._steps[name]:
                    step(Scene(scene.connection, self._begun[name]))
        finally:
            with self._lock:
                self.open -= 1


def _request(connection: socket.socket) -> bytes:
    """A request with a body of two bytes, or nothing at the end."""
    received = b""
    while not received.endswith(b"\r\n\r\n{}"):
        piece = connection.recv(65536)
        if not piece:
            return b""
        received += piece
    return received
