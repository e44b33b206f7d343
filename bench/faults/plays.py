"""What a back end may do with a connection once it has read a request: steps, of which a fault is made."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

PATIENCE = 20.0
"""Seconds for which a back end waits for the engine, or for the client to see something."""
DRIP = 0.05
"""Seconds between two small pieces of an answer that has no end."""

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


@dataclass(frozen=True, slots=True)
class Scene:
    """A connection; ``begun`` is set when the client has the beginning of the answer."""

    connection: socket.socket
    begun: threading.Event = field(default_factory=threading.Event)


Step = Callable[[Scene], None]


def sends(data: bytes) -> Step:
    return lambda scene: scene.connection.sendall(data)


def begun(scene: Scene) -> None:
    """Go on when the client has the beginning of the answer: what follows cannot change it."""
    scene.begun.wait(PATIENCE)


def waits(scene: Scene) -> None:
    """Nothing, until the engine closes the connection."""
    while scene.connection.recv(65536):
        pass


def resets(scene: Scene) -> None:
    scene.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    scene.connection.close()


def closes(scene: Scene) -> None:
    scene.connection.close()


def half_closes(scene: Scene) -> None:
    scene.connection.shutdown(socket.SHUT_WR)


def repeats(data: bytes) -> Step:
    """The same small piece again and again: there is progress, and no end."""

    def play(scene: Scene) -> None:
        while True:
            scene.connection.sendall(data)
            time.sleep(DRIP)

    return play


def speaks_smtp(scene: Scene) -> None:
    """What a TLS client does not understand."""
    scene.connection.recv(1)
    scene.connection.sendall(b"220 mail.test ESMTP\r\n")
    waits(scene)


def speaks_tls(context: ssl.SSLContext) -> Step:
    """A handshake, and nothing more."""

    def play(scene: Scene) -> None:
        with context.wrap_socket(scene.connection, server_side=True) as secured:
            waits(Scene(secured))

    return play


@contextlib.contextmanager
def listening(step: Step) -> Iterator[int]:
    """Plays the step on each connection, in a thread of its own, until the block ends; gives the port."""

    def play(connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        with contextlib.suppress(OSError), connection:
            step(Scene(connection))

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=play, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)  # closing alone would not wake the thread
