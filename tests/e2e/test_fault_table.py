"""What happens to the client, the log and the connection at each fault of a back end: one table, printed by ``-s``."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.certificates import Certificates

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
OK = HEAD + b"Content-Length: 2\r\n\r\nok"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
LENGTH = HEAD + b"Content-Length: 20\r\n\r\n"
STREAMED = b"0123456789"

Play = Callable[[socket.socket], None]


class RawBackEnd:
    """Plays one script per path on sockets, and knows which connection got which requests."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.tls = tls
        self.played: list[list[str]] = []
        """The paths that each connection was asked for."""
        self.open = 0
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        paths: list[str] = []
        with self.lock:
            self.played.append(paths)
            self.open += 1
        connection.settimeout(20)
        with contextlib.suppress(OSError), contextlib.closing(connection):
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            while head := _request(connection):
                path = head.split(b" ")[1].decode().removeprefix("/")
                paths.append(path)
                SCRIPTS.get(path, _ok)(connection)
        connection.close()
        with self.lock:
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


def _ok(connection: socket.socket) -> None:
    connection.sendall(OK)


def _sends(*pieces: bytes, then: Play | None = None) -> Play:
    """Each piece when the one before has left; then, or nothing until the engine closes."""

    def play(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, piece in enumerate(pieces):
            if number:
                GATE.wait(0.15)  # so that it arrives in a read of its own
            connection.sendall(piece)
        (then or _waits)(connection)

    return play


GATE = threading.Event()


def _waits(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def _reset(connection: socket.socket) -> None:
    GATE.wait(0.15)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _half_close(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)
    _waits(connection)


def _close(connection: socket.socket) -> None:
    connection.close()


def _drip(connection: socket.socket) -> None:
    """An answer that makes progress, and has no end."""
    connection.sendall(CHUNKED)
    while True:
        connection.sendall(b"1\r\nx\r\n")
        GATE.wait(0.05)


def _trickle(connection: socket.socket) -> None:
    connection.sendall(HEAD)
    while True:
        connection.sendall(b"X: y\r\n")
        GATE.wait(0.05)


@dataclass(frozen=True)
class Row:
    """A fault and what must come of it: the status the client sees, the error code, words of the log line.

    ``broken`` says that the head had left already, so that the answer breaks off. ``where`` chooses the back end.
    ``reads`` lets the flow look into the answer before it gives it to the client.
    """

    play: Play
    status: int
    code: int | None
    says: str
    broken: bool = False
    where: str = "plain"
    reads: bool = False


TABLE: dict[str, Row] = {
    "refused": Row(_ok, 502, 101503, "connection refused", where="nobody"),
    "unknown-host": Row(_ok, 502, 101503, "cannot connect", where="unknown"),
    "reset-before-head": Row(_reset, 502, 101505, "closed the connection without an answer"),
    "closed-before-head": Row(_close, 502, 101505, "closed the connection without an answer"),
    "half-closed": Row(_half_close, 502, 101505, "closed the connection without an answer"),
    "reset-in-head": Row(_sends(HEAD, then=_reset), 502, 101505, "within the head"),
    "closed-in-head": Row(_sends(HEAD, then=_close), 502, 101505, "within the head"),
    "reset-after-head": Row(_sends(LENGTH, STREAMED, then=_reset), 200, 101505, "within the body", broken=True),
    "length-too-large": Row(_sends(LENGTH, STREAMED, then=_close), 200, 101505, "within the body", broken=True),
    "length-too-small": Row(_sends(OK + b"surplus"), 200, None, ""),
    "chunks-cut-off": Row(
        _sends(CHUNKED, b"a\r\n" + STREAMED, then=_close), 200, 101505, "within the body", broken=True
    ),
    "bad-first-chunk": Row(_sends(CHUNKED + b"zz\r\n"), 502, 101506, "not HTTP/1.1"),
    "bad-later-chunk": Row(
        _sends(CHUNKED, b"a\r\n" + STREAMED + b"\r\n", b"zz\r\n"), 200, 101506, "not HTTP/1.1", broken=True
    ),
    "garbage": Row(_sends(b"this is not HTTP\r\n\r\n"), 502, 101506, "not HTTP/1.1"),
    "garbage-status": Row(_sends(b"HTTP/1.1 abc OK\r\n\r\n"), 502, 101506, "not HTTP/1.1"),
    "64k-header": Row(_sends(HEAD + b"X: " + b"y" * 65536 + b"\r\n\r\n"), 502, 101506, "65536 bytes"),
    "100-headers": Row(
        _sends(HEAD + b"X: y\r\n" * 100 + b"Content-Length: 2\r\n\r\nok", then=lambda _: None), 200, None, ""
    ),
    "slow-loris": Row(_trickle, 504, 101504, "no answer"),
    "first-byte-timeout": Row(_waits, 504, 101504, "no answer"),
    "idle-timeout": Row(_sends(LENGTH, STREAMED), 200, 101504, "no more of the answer", broken=True),
    "total-timeout": Row(_drip, 200, 101504, "did not end within 2 s", broken=True),
    "total-timeout-read": Row(_drip, 504, 101504, "did not end within 2 s", reads=True),
    "connect-timeout": Row(_ok, 504, 101508, "cannot connect", where="https-silent"),
    "tls-failure": Row(_ok, 502, 101503, "TLS failed", where="https-plain"),
    "tls-expired": Row(_ok, 502, 101503, "certificate has expired", where="https-expired"),
}
SCRIPTS = {name: row.play for name, row in TABLE.items()}


@dataclass
class Setting:
    engine: Any
    back_end: RawBackEnd
    handles: int
    """Open files of the engine before any fault."""


def _silent(listener: socket.socket) -> None:
    """Accept, and say nothing."""
    kept = []
    with contextlib.suppress(OSError):
        while True:
            kept.append(listener.accept())


def _plain(listener: socket.socket) -> None:
    """Accept, and speak no TLS."""
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(1)
                connection.sendall(b"220 mail.test ESMTP\r\n")
                _waits(connection)


def _flow(name: str, origin: str, *, reads: bool = False) -> str:
    look = '<property name="text" expression="string(//text())"/>' if reads else ""
    return (
        f'<proxy name="{name}"><target><inSequence><call><endpoint name="{name}End"><address uri="{origin}/{name}">'
        "<suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure><markForSuspension><errorCodes>-1</errorCodes>"
        f"</markForSuspension></address></endpoint></call>{look}<respond/></inSequence></target></proxy>\n"
    )


@pytest.fixture(scope="module")
def setting(start: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command, which makes the certificates, is not installed")
    certificates = Certificates(tmp_path_factory.mktemp("certificates"))
    expired = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    expired.load_cert_chain(*certificates.sign("expired", "IP:127.0.0.1", expired=True))
    back_end, expired_end = RawBackEnd(), RawBackEnd(expired)
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    for listener, serve in zip(listeners, (_silent, _plain), strict=True):
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = unused.getsockname()[1]
    origins = {
        "plain": f"http://127.0.0.1:{back_end.port}",
        "nobody": f"http://127.0.0.1:{nobody}",
        "unknown": "http://" + "a" * 64 + ".invalid",  # no name: a label has at most 63 characters
        "https-silent": f"https://127.0.0.1:{listeners[0].getsockname()[1]}",
        "https-plain": f"https://127.0.0.1:{listeners[1].getsockname()[1]}",
        "https-expired": f"https://127.0.0.1:{expired_end.port}",
    }
    flows = [_flow(name, origins[row.where], reads=row.reads) for name, row in TABLE.items()]
    flows.append(_flow("fine", origins["plain"]))
    engine = start(
        {"a.xml": f'<definitions xmlns="http://ws.apache.org/ns/synapse">\n{"".join(flows)}</definitions>'},
        f"back_ends: {{connect_timeout: 0.6, timeout: 0.6, idle_timeout: 0.6, total_timeout: 2, keep_alive: 0.3,"
        f" ca_file: {certificates.authority}}}",
    )
    engine.post("/services/fine", {})
    engine.post("/services/tls-failure", {})  # the authorities are loaded, the resolver's threads are there
    engine.post("/services/unknown-host", {})
    yield Setting(engine, back_end, _settled(engine))
    for end in (back_end.listener, expired_end.listener, *listeners):
        end.close()


def _handles(engine: Any) -> int:
    return len(os.listdir(f"/proc/{engine.process.pid}/fd"))


def _settled(engine: Any) -> int:
    """Open files once kept-alive connections are gone."""
    seen = -1
    for _ in range(100):
        now = _handles(engine)
        if now == seen:
            return now
        seen = now
        GATE.wait(0.5)
    raise AssertionError("the number of open files does not settle")


def _ask(engine: Any, name: str) -> tuple[int, bytes, bool]:
    """Status, body, and whether the answer broke off."""
    client = engine.connect()
    head = f"POST /services/{name} HTTP/1.1\r\nHost: h\r\nactivityid: row-{name}\r\nContent-Type: application/json\r\n"
    client.send(f"{head}Connection: close\r\nContent-Length: 2\r\n\r\n{{}}".encode())
    received = client.rest()
    client.close()
    assert received.count(b"HTTP/1.1 ") == 1, received
    head_, _, body = received.partition(b"\r\n\r\n")
    lines = [line.lower() for line in head_.split(b"\r\n")]
    length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")), None)
    whole = body.endswith(b"0\r\n\r\n") if length is None else len(body) == length
    return int(head_.split()[1]), body, not whole


@pytest.fixture(scope="module")
def table() -> Iterator[list[str]]:
    lines: list[str] = []
    yield lines
    print(f"\n{'fault':20} {'client gets':22} {'code':>6}  {'reused':6}  log")
    print("\n".join(lines))


@pytest.mark.parametrize("name", TABLE)
def test_fault(setting: Setting, table: list[str], name: str, until: Any) -> None:
    row, engine, back_end = TABLE[name], setting.engine, setting.back_end
    status, body, broken = _ask(engine, name)
    told = until(lambda: [line for line in engine.log().splitlines() if f"row-{name}:" in line]) if row.code else []
    assert _ask(engine, "fine")[:2] == (200, b"ok")
    after = [paths for paths in back_end.played if name in paths]
    reused = any(paths.index(name) < len(paths) - 1 for paths in after)
    gets = f"{status}{', broken off' if broken else ''}"
    log = told[0].split(f"row-{name}: ")[1] if told else ""
    table.append(f"{name:20} {gets:22} {row.code or '':>6}  {'yes' if reused else 'no':6}  {log}")

    assert (status, broken) == (row.status, row.broken)
    if row.code is not None:
        assert len(told) == 1, told
        assert row.says in log
        assert f"endpoint '{name}End'" in log
        assert "flows/a.xml:" in log
    if row.code is not None and not broken:
        assert b'"code":%d' % row.code in body.replace(b" ", b"")
    if row.where == "plain":
        assert reused is (name == "100-headers")


def test_client_that_leaves_early(setting: Setting, table: list[str], until: Any) -> None:
    """Before its answer: the flow goes on without it and meets its own fault; nothing is left (see the next test)."""

    def asked() -> int:
        return sum(paths.count("first-byte-timeout") for paths in setting.back_end.played)

    before = asked()
    client = setting.engine.connect()
    client.send(b"POST /services/first-byte-timeout HTTP/1.1\r\nHost: h\r\nactivityid: row-left\r\n"
                b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")  # fmt: skip
    until(lambda: asked() > before)
    client.close()
    assert _ask(setting.engine, "fine")[:2] == (200, b"ok")
    told = until(lambda: [line for line in setting.engine.log().splitlines() if "row-left:" in line])
    assert len(told) == 1
    assert "first-byte-timeoutEnd" in told[0]
    table.append(f"{'client leaves':20} {'nothing':22} {'':>6}  {'no':6}  {told[0].split('row-left: ')[1]}")


def test_nothing_is_left_behind(setting: Setting, until: Any) -> None:
    until(lambda: setting.back_end.open == 0)
    assert _settled(setting.engine) <= setting.handles
