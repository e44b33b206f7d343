"""Puts the parts together and runs them: receive, deploy, watch, stop in order."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from engine import ported
from engine.core.background import Background
from engine.core.env import Conversation, Meter, PortSecurity, Services
from engine.declare.catalog import Catalog
from engine.deploy.deployment import Deployment
from engine.deploy.progress import Progress, silent
from engine.deploy.watcher import Watcher
from engine.errors import ConfigurationError, Fault, Problem
from engine.runtime import connector_settings, memory
from engine.runtime.config import Config
from engine.runtime.services import ProcessServices
from engine.transports.http_in import HttpReceiver
from engine.transports.http_in_asgi import asgi
from engine.transports.http_in_handshake import Handshakes
from engine.transports.http_in_peer import TrustedProxies
from engine.transports.http_in_protocol import HttpInLimits, cut_off, http_in_protocol, sweep
from engine.transports.http_in_tls import ServerTls
from engine.transports.http_out import HttpOut

log = logging.getLogger("myelin")

_FAREWELL = 0.5
"""Seconds in which clients may take their 503 before their connections are cut off."""

_BACKSTOP = 2
"""Seconds after which uvicorn ends what is still there then."""

AdminApp = Callable[["Server"], Any]
"""Makes the ASGI application of the admin port."""


class Server:
    """One process that serves flows. ``run`` returns when it was told to stop and has drained."""

    def __init__(
        self,
        flows: Path,
        config: Config,
        catalog: Catalog,
        problems: tuple[Problem, ...],
        admin: AdminApp | None,
        connectors: tuple[Path, ...] = (),
        between_workers: Path | None = None,
        meter: Meter | None = None,
    ) -> None:
        self.config = config
        if config.classes:
            ported.load_folder(Path(config.classes))
        self._client = HttpOut(config.back_ends.http_out(os.environ))
        server = config.server
        self._tls = {
            tls: ServerTls(tls.certificate, tls.key, tls.client_ca)
            for tls in (server.tls, server.admin_tls, server.inbound_tls)
            if tls.certificate
        }
        proxies = config.server.trusted_proxies
        self._proxies = TrustedProxies(proxies) if proxies else None
        self._services = ProcessServices(config, self._client, between_workers, meter)
        self.deployment = Deployment(flows, catalog, self._services, problems, connectors)
        self._admin = admin
        self.url = ""
        """Where the flows answer, once the server runs."""
        self.admin_url = ""
        """Where the admin port answers, in the worker that has it."""
        self._stop = asyncio.Event()
        self._handles_signals = False
        self._deadline: float | None = None
        """When all that is still under way is given up; None before the server was told to stop."""

    def password(self, user: str) -> str | None:
        """Of a user of the management API; None when there is none of that name. Raises Fault for a missing secret."""
        return self._services.password(user)

    def stop(self) -> None:
        """Begin to stop; safe from a signal handler of the loop."""
        self._stop.set()

    async def run(
        self,
        *,
        watch: bool,
        ready: Callable[[Server], None],
        reuse_port: bool = False,
        progress: Progress = silent,
    ) -> None:
        """Deploy, serve, and stop in order: no new connections, messages in flight, background work, the client.

        Raises FileNotFoundError for a missing folder, ConfigurationError for a port that is taken or a setting of a
        connector.
        """
        self._services.serve_port = functools.partial(self._serve_port, reuse_port=reuse_port)
        background = Background(lambda: self.deployment.snapshot)
        self.deployment.listeners.append(lambda: background.follow(self.deployment.snapshot.artifacts()))
        self.deployment.deploy(progress)
        self._take_signals()
        connector_settings.tell(self.config.connectors, self.deployment.connectors)
        memory.calm_collector()
        memory.keep_freed()
        servers = self._edges(reuse_port)
        serving = [asyncio.create_task(server.serve_until_told()) for server in servers]
        sweeps = [asyncio.create_task(sweep(server.server_state.connections)) for server in servers]
        helpers = [asyncio.create_task(tls.follow()) for tls in self._tls.values()]
        if watch:
            helpers.append(asyncio.create_task(Watcher(self.deployment).watch()))
        try:
            await asyncio.gather(*(server.ready.wait() for server in servers))
            ready(self)
            await self._stop.wait()
            if waiting := sum(len(server.server_state.tasks) for server in servers):
                time = f"{self.config.server.drain:g} s"
                log.info(
                    "stopping: %d request(s) in flight may take up to %s; a second signal ends at once", waiting, time
                )
        finally:
            self._deadline = asyncio.get_running_loop().time() + self.config.server.drain
            for helper in helpers:
                helper.cancel()
            left = self._time_left()
            await asyncio.gather(*(server.stop(task, left) for server, task in zip(servers, serving, strict=True)))
            for sweeping in sweeps:
                sweeping.cancel()  # not before: clients that say nothing would hold up the end
            await background.stop()
            await self._services.drain(self._time_left())
            self._services.close()
            await self._client.close()

    def _time_left(self) -> float:
        """Seconds in which work may come to its end; all of it together has no more when the server stops."""
        if self._deadline is None:
            return self.config.server.drain
        return max(0.0, self._deadline - asyncio.get_running_loop().time())

    def handle_signals(self) -> None:
        """SIGTERM and SIGINT stop the server; a second one is left to the system's default.

        As long as the flows are read for the first time they end the process: there is nothing to bring to its end.
        """
        self._handles_signals = True
        # Asyncio's own handler would wait for its loop, and the system's default means nothing to the first process of
        # a container.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, _end)

    def _take_signals(self) -> None:
        if self._handles_signals:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._on_signal, number)

    def _on_signal(self, number: signal.Signals) -> None:
        asyncio.get_running_loop().remove_signal_handler(number)
        self.stop()

    def _edges(self, reuse_port: bool) -> list[Edge]:
        """Both ports, or neither."""
        flows = self._edge(reuse_port)
        if self._admin is None:
            return [flows]
        try:
            return [flows, self._admin_edge()]
        except ConfigurationError:
            flows.close()
            raise

    async def _serve_port(
        self, port: int, serves: Conversation | Services, security: PortSecurity = "none", *, reuse_port: bool
    ) -> None:
        tls = None if security == "none" else self._inbound_tls(security)
        try:
            listener = _listen(self.config.server.host, port, reuse_port)
        except ConfigurationError as error:
            raise Fault(str(error)) from None
        edge = Edge(listener, self._protocol(serves), self.config, tls)
        serving = asyncio.create_task(edge.serve_until_told())
        sweeping = asyncio.create_task(sweep(edge.server_state.connections))
        try:
            await asyncio.shield(serving)
        finally:
            await edge.stop(serving, self._time_left())
            sweeping.cancel()

    def _inbound_tls(self, security: PortSecurity) -> ServerTls:
        """Raises Fault when the settings have none."""
        server = self.config.server
        tls = self._tls.get(server.inbound_tls) or self._tls.get(server.tls)
        if tls is None:
            raise Fault("there is no certificate for it: set server.inbound_tls or server.tls")
        if security == "client certificates" and not tls.asks_clients:
            raise Fault("its clients are to show certificates: set client_ca in server.inbound_tls or server.tls")
        return tls

    def _protocol(self, serves: Conversation | Services | None = None) -> Any:
        """What a connection speaks: to the deployed flows, to some of them, or to one."""
        limits = self.config.limits
        return http_in_protocol(
            HttpReceiver(
                lambda: self.deployment.snapshot,
                serves,
                proxies=self._proxies,
                logs_access=self.config.server.access_log,
                makes_ids=self.config.server.correlation,
            ),
            HttpInLimits(
                head=limits.head,
                head_time=limits.head_time,
                body_time=limits.body_time,
                keep_alive=limits.keep_alive,
                connections=limits.connections,
                flows=limits.connections + limits.background,
            ),
        )

    def _edge(self, reuse_port: bool) -> Edge:
        server = self.config.server
        listener = _listen(server.host, server.port, reuse_port, "--port")
        tls = self._tls.get(server.tls)
        self.url = _url(tls, server.host, listener)
        return Edge(listener, self._protocol(), self.config, tls)

    def _admin_edge(self) -> Edge:
        assert self._admin is not None
        server = self.config.server
        listener = _listen(server.host, server.admin_port, False, "--admin-port")
        tls = self._tls.get(server.admin_tls)
        self.admin_url = _url(tls, server.host, listener)
        protocol = http_in_protocol(asgi(self._admin(self)), HttpInLimits())
        return Edge(listener, protocol, self.config, tls)


class Edge(uvicorn.Server):
    """A uvicorn server on a socket of ours, stopped by us and not by signals of its own."""

    def __init__(self, listener: socket.socket, protocol: Any, config: Config, tls: ServerTls | None = None) -> None:
        super().__init__(
            uvicorn.Config(
                _no_application,
                http=protocol,
                ws="none",
                lifespan="off",
                proxy_headers=False,
                log_config=None,
                access_log=False,
                server_header=False,
                backlog=2048,
                timeout_graceful_shutdown=int(config.server.drain) + _BACKSTOP,
            )
        )
        self._listener = listener
        limits = config.limits
        self._handshakes = Handshakes(tls.context, limits.connections, limits.head_time) if tls else None
        self._accepting: asyncio.Task[None] | None = None
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def close(self) -> None:
        """Give the port up again without having served."""
        self._listener.close()

    async def serve_until_told(self) -> None:
        await self.serve(sockets=[self._listener])

    async def stop(self, serving: asyncio.Task[None], limit: float) -> None:
        """Take no more connections and wait for ``serving`` to end. Requests that then are not answered within
        ``limit`` seconds are given up: each gets a 503, or is cut off in the middle of its answer."""
        self.should_exit = True
        await asyncio.wait([serving], timeout=limit)
        if late := list(self.server_state.tasks):
            log.warning("gave up %d request(s) that took too long to end", len(late))
            for task in late:
                task.cancel()
            await asyncio.wait([serving], timeout=_FAREWELL)
            cut_off(self.server_state.connections)
        await serving

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self._handshakes is None:
            await super().startup(sockets)
        else:
            await super().startup([])
            self._listener.listen(self.config.backlog)
            connections = self.server_state.connections
            self._accepting = asyncio.create_task(
                self._handshakes.accept(self._listener, connections, self._new_protocol)
            )
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.wait([self._accepting])
        await super().shutdown(sockets)

    def _new_protocol(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg]  # ours, in uvicorn's form
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )


def _end(number: int, frame: FrameType | None) -> None:
    """With the status that a shell tells for a process that this signal ended."""
    raise SystemExit(128 + number)


async def _no_application(scope: Any, receive: Any, send: Any) -> None:
    """uvicorn wants one; our protocol class answers without it."""


def _way_out(error: OSError, option: str) -> str:
    """What to do about a port that somebody else has; ``option`` chooses another one, empty: the flow's file does."""
    if error.errno != errno.EADDRINUSE or not option:
        return ""
    setting = option.removeprefix("--").replace("-", "_")
    return f". Choose another port with {option} or the setting server.{setting}."


def _url(tls: ServerTls | None, host: str, listener: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"{'http' if tls is None else 'https'}://{name}:{listener.getsockname()[1]}"


def _listen(host: str, port: int, reuse_port: bool, option: str = "") -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sets TCP_NODELAY by it
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if reuse_port:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(f"cannot listen on {host}:{port}: {error.strerror}{_way_out(error, option)}") from None
    listener.setblocking(False)
    return listener
