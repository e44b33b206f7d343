"""A real server process, a raw client, and a back end that plays what a test scripts."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import requests

CHECKOUT = Path(__file__).parents[2]
DEFINITIONS = '<definitions xmlns="http://ws.apache.org/ns/synapse">'
PATIENCE = 15.0
"""Seconds after which a test gives up waiting for something that should come at once."""


@dataclass
class Message:
    """A request or an answer as it came over the wire."""

    start: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    @property
    def status(self) -> int:
        return int(self.start.split()[1])

    @property
    def method(self) -> str:
        return self.start.split()[0]

    @property
    def target(self) -> str:
        return self.start.split()[1]

    def header(self, name: str) -> str | None:
        """All values of a header, joined by ``, ``; None without one."""
        values = [value for key, value in self.headers if key.lower() == name]
        return ", ".join(values) if values else None

    def names(self) -> set[str]:
        return {name.lower() for name, _ in self.headers}


def read_head(stream: BinaryIO) -> Message | None:
    """Start line and headers; None at the end of the stream."""
    start = stream.readline().decode("latin-1").rstrip("\r\n")
    if not start:
        return None
    headers = []
    while line := stream.readline().decode("latin-1").rstrip("\r\n"):
        name, _, value = line.partition(":")
        headers.append((name, value.strip()))
    return Message(start, headers)


def read_pieces(stream: BinaryIO, message: Message) -> Iterator[bytes]:
    """The body, as it arrives."""
    if message.header("transfer-encoding") == "chunked":
        while size := int(stream.readline(), 16):
            yield stream.read(size)
            stream.readline()
        stream.readline()
        return
    left = int(message.header("content-length") or 0)
    while left and (piece := stream.read(min(left, 65536))):
        left -= len(piece)
        yield piece


class Client:
    """One connection to the server, for bytes of the test's own making."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.stream = self.socket.makefile("rb")

    def send(self, *pieces: bytes) -> Client:
        for piece in pieces:
            self.socket.sendall(piece)
        return self

    def answer(self, request_method: str = "GET") -> Message:
        """The next answer, complete."""
        head = read_head(self.stream)
        assert head is not None, "the server closed the connection without an answer"
        if request_method != "HEAD" and head.status not in (204, 304):
            head.body = b"".join(read_pieces(self.stream, head))
        return head

    def rest(self) -> bytes:
        """What comes until the server closes the connection."""
        return self.stream.read()

    def close(self) -> None:
        self.stream.close()
        self.socket.close()


Script = Callable[[Message, "BackEndConnection"], None]


class BackEndConnection(socketserver.StreamRequestHandler):
    """One connection of the engine to the back end."""

    server: BackEnd
    timeout = PATIENCE

    def handle(self) -> None:
        number = self.server.opened()
        with contextlib.suppress(ConnectionError, TimeoutError):
            while (message := read_head(self.rfile)) is not None:
                message.headers.append(("connection-number", str(number)))
                path = message.target.partition("?")[0]
                script = self.server.scripts.get(path)
                if script is None or not getattr(script, "reads", False):
                    message.body = b"".join(read_pieces(self.rfile, message))
                self.server.requests.append(message)
                (script or echo)(message, self)

    def send(self, data: bytes) -> None:
        self.wfile.write(data)

    def answer(self, status: int = 200, body: bytes = b"{}", *headers: str) -> None:
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
        if not any(line.lower().startswith("content-type") for line in headers):
            lines.append("Content-Type: application/json")
        self.send("\r\n".join([*lines, "", ""]).encode() + body)


def echo(message: Message, connection: BackEndConnection) -> None:
    """The default: the body goes back."""
    content_type = message.header("content-type") or "application/json"
    connection.answer(200, message.body or b"{}", f"Content-Type: {content_type}")


class BackEnd(socketserver.ThreadingTCPServer):
    """Answers each path by its script; remembers every request."""

    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), BackEndConnection)
        self.scripts: dict[str, Script] = {}
        self.requests: list[Message] = []
        self.connections = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def opened(self) -> int:
        with self._lock:
            self.connections += 1
            return self.connections

    def on(self, path: str, script: Script, *, reads: bool = False) -> None:
        """Play ``script`` at ``path``; with ``reads`` it reads the request's body itself."""

        def play(message: Message, connection: BackEndConnection) -> None:
            script(message, connection)

        play.reads = reads  # type: ignore[attr-defined]
        self.scripts[path] = play

    def hold(self, path: str) -> threading.Event:
        """Answer nothing at ``path`` until the event that this gives is set."""
        goes_on = threading.Event()

        def wait(message: Message, connection: BackEndConnection) -> None:
            goes_on.wait(PATIENCE)
            connection.answer()

        self.on(path, wait)
        return goes_on

    def last(self) -> Message:
        return self.requests[-1]


@dataclass
class Engine:
    """A ``myelin run`` in a process of its own."""

    folder: Path
    port: int
    admin_port: int
    process: subprocess.Popen[str]
    errors: Path
    lines: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def admin_url(self) -> str:
        return f"http://127.0.0.1:{self.admin_port}"

    def log(self) -> str:
        return self.errors.read_text()

    def health(self) -> requests.Response:
        return requests.get(f"{self.admin_url}/healthz", timeout=PATIENCE)

    def connect(self) -> Client:
        return Client(self.port)

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return requests.request(method, self.url + path, **({"timeout": PATIENCE} | options))

    def post(self, path: str, json: Any) -> requests.Response:
        return self.call("POST", path, json=json)

    def write(self, name: str, xml: str) -> None:
        """Put a file into the folder, complete at once as careful tools do it."""
        target = self.folder / "flows" / name
        part = target.with_suffix(".part")
        part.write_text(xml)
        part.replace(target)

    def memory(self, what: str = "VmHWM") -> int:
        """Bytes of memory: the peak (VmHWM) or now (VmRSS)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"{what}:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Tell it to stop; gives its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def ended(self) -> None:
        """Make sure that nothing is left."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()


def eventually(what: Callable[[], Any], within: float = PATIENCE) -> Any:
    """Ask again and again until the answer is true; gives it."""
    end = time.monotonic() + within
    while True:
        with contextlib.suppress(requests.ConnectionError):
            if answer := what():
                return answer
        assert time.monotonic() < end, f"not true within {within} s"
        time.sleep(0.02)


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def start_engine(
    folder: Path, flows: Mapping[str, str | bytes], config: str = "", *options: str, uvloop: bool = True
) -> Engine:
    """Start a server in ``folder`` and wait until it is ready. ``flows`` are contents by paths below ``flows/``.

    Without ``uvloop`` it finds none installed, and runs on asyncio's own loop.
    """
    (folder / "flows").mkdir(parents=True)
    (folder / "myelin.yaml").write_text(config)
    for name, content in flows.items():
        file = folder / "flows" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    port, admin_port = free_ports(2)
    command = [sys.executable, "-m", "engine", "run", "flows", "--port", str(port), "--admin-port", str(admin_port)]
    errors = folder / "stderr.txt"
    path = [str(CHECKOUT)]
    if not uvloop:
        path.insert(0, str(folder / "hides"))
        (folder / "hides").mkdir()
        (folder / "hides" / "uvloop.py").write_text("raise ImportError('hidden by the test')")
    with errors.open("w") as stderr:
        process = subprocess.Popen(
            [*command, *options],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    engine = Engine(folder, port, admin_port, process, errors)
    try:
        assert process.stdout is not None
        engine.lines.append(process.stdout.readline())  # printed when it is ready
        assert engine.lines[0], f"the server ended:\n{engine.log()}"
        if "admin_tls" not in config:  # else the test has what its clients need
            eventually(lambda: engine.health().status_code in (200, 503))
    except BaseException:
        engine.ended()
        raise
    return engine


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Engine]]:
    """Starts servers; they end with the module."""
    engines: list[Engine] = []

    def start_one(flows: dict[str, str], config: str = "", *options: str, uvloop: bool = True) -> Engine:
        folder = tmp_path_factory.mktemp("engine") / "home"
        engines.append(start_engine(folder, flows, config, *options, uvloop=uvloop))
        return engines[-1]

    yield start_one
    for engine in engines:
        engine.stop()
        engine.ended()


@pytest.fixture(scope="module")
def back_end() -> Iterator[BackEnd]:
    with BackEnd() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def until() -> Callable[..., Any]:
    """Ask again and again until the answer is true."""
    return eventually


@pytest.fixture
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs ``myelin`` with arguments in a folder, to its end."""

    def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "engine", *arguments],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    return run
