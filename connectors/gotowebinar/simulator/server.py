"""The simulator with its own server: uvicorn, in a thread or in the foreground."""

from __future__ import annotations

import socket
import struct
import threading
from types import TracebackType
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from connectors.gotowebinar.simulator.app import CONNECTION, SimulatorApp
from connectors.gotowebinar.simulator.times import Clock
from connectors.gotowebinar.simulator.tokens import TokenPolicy

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Simulator(SimulatorApp):
    """A GoToWebinar API on a port of this machine; port 0 takes a free one.

    Use it in a ``with`` statement to serve in a thread of its own, or ``listen`` and ``serve`` for the foreground.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        now: Clock | None = None,
        rate_limit: int | None = None,
        tokens: TokenPolicy | None = None,
    ) -> None:
        super().__init__(now=now, rate_limit=rate_limit, tokens=tokens)
        self._address = (host, port)
        self._socket: socket.socket | None = None
        self._base_url = ""
        self._thread: threading.Thread | None = None
        self._server = _server(self)

    @property
    def base_url(self) -> str:
        """``http://127.0.0.1:<port>``, without the path of the API; for ``apiUrl`` and token URLs."""
        if not self._base_url:
            raise RuntimeError("the simulator does not listen yet")
        return self._base_url

    def listen(self) -> None:
        """Take the port; from here on clients can connect. Raises OSError when somebody else has it."""
        # Not create_server: asyncio sets TCP_NODELAY on sockets that name their protocol, and Nagle costs 40 ms a call.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(self._address)
            self._socket.listen()
        except OSError:
            self._socket.close()
            raise
        host, port = self._socket.getsockname()[:2]
        self._base_url = f"http://{host}:{port}"

    def serve(self) -> None:
        """Answer requests until Ctrl-C or ``stop``; then the port is free again."""
        assert self._socket is not None
        with self._socket:  # not every uvicorn closes it when it is stopped as it starts
            self._server.run(sockets=[self._socket])

    def start(self) -> None:
        """Listen, and answer requests in a thread."""
        self.listen()
        self._thread = threading.Thread(target=self.serve, name="gotowebinar-simulator", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the server; answers that are held back go out at once."""
        self._server.should_exit = True
        self.release()
        if self._thread is not None:
            self._thread.join()

    def __enter__(self) -> Simulator:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def _server(app: SimulatorApp) -> uvicorn.Server:
    # Nothing here may change uvicorn's loggers or loop: the simulator may share its process with another uvicorn.
    config = uvicorn.Config(
        app,
        http=_Protocol,
        loop="asyncio",
        lifespan="off",
        ws="none",
        log_config=None,
        server_header=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


class _Protocol(HttpToolsProtocol):
    """Gives the application the two ways to break a connection, and keeps tokens out of uvicorn's access log."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.access_log = False

    def on_message_begin(self) -> None:
        super().on_message_begin()
        connection: dict[object, object] = {"reset": self._reset, "close": self.transport.close}
        self.scope["extensions"] = {CONNECTION: connection}

    def _reset(self) -> None:
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.transport.abort()
