"""What one process offers to all messages: the client, the registry, settings, background work."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import ssl
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, cast

from engine.core import client_targets
from engine.core.env import Conversation, Meter, PortSecurity, PortServer, Services
from engine.core.http import HttpClient
from engine.declare.convert import Unacceptable
from engine.deploy.references import References
from engine.errors import Fault, Overloaded
from engine.message import buffered, json_rules
from engine.runtime.config import Config, read_properties
from engine.stores.durable_queue import DurableQueue
from engine.stores.registry import FileRegistry
from engine.stores.secrets import SecretStore
from engine.transports.http_out_tls import TlsContexts

log = logging.getLogger("myelin.flow")

T = TypeVar("T")


class ProcessServices:
    """The services of a process. ``http`` is given, so that tests can bring their own."""

    def __init__(
        self, config: Config, http: HttpClient, between_workers: Path | None = None, meter: Meter | None = None
    ) -> None:
        """``between_workers`` is a folder that all workers have, when there are several."""
        self.http = http
        self.meter = meter
        self.between_workers = None if between_workers is None else FileRegistry(between_workers)
        json_rules.use(config.payload)
        buffered.use(config.limits.buffered_total)
        self.registry = FileRegistry(Path(config.registry))
        self.settings = read_properties(Path(config.properties_file)) if config.properties_file else {}
        self.scripts = config.scripts
        self.limits = replace(
            config.limits, client_targets=client_targets.for_server(config.limits.client_targets, config.server.host)
        )
        self.unhandled_fault_202 = config.compatibility.unhandled_fault_202
        self.cors = config.cors
        self.secret = SecretStore(Path(config.secrets.file), Path(config.secrets.key_file)).get
        self.outside = (Path(config.secrets.file),)
        self._references = References(self.secret, self.settings)
        self._connectors = _Section(config.connectors, self._references)
        self._datasources = _Section(config.datasources, self._references)
        self._users = _Section(config.management.users, self._references)
        self._back_ends = config.back_ends
        self._message_stores = Path(config.message_stores)
        self._background: set[asyncio.Task[Any]] = set()
        self._counted: set[asyncio.Task[Any]] = set()
        """Those of the background that ``limits.background`` is about."""
        self._shared: dict[tuple[str, str], Any] = {}
        self.serve_port: PortServer = _no_port
        """Given by the server; see ``core.env.Environment``."""

    def connector_settings(self, connector: str) -> Mapping[str, Any]:
        return self._connectors.get(connector) or _NOTHING

    def password(self, user: str) -> str | None:
        """Of a user of the management API; None when there is none of that name. Raises Fault for a missing secret."""
        settings = self._users.get(user)
        return None if settings is None else str(settings["password"])

    def datasource(self, name: str) -> Mapping[str, Any] | None:
        return self._datasources.get(name)

    def spawn(self, work: Coroutine[Any, Any, Any], name: str, *, counts: bool = False) -> None:
        """Run in the background; a failure is logged here and nowhere else."""
        if counts and len(self._counted) >= self.limits.background:
            work.close()
            raise self._too_much()
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._background.add(task)
        if counts:
            self._counted.add(task)
        task.add_done_callback(self._finished)

    def detach(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # flows run in tasks
        if task in self._counted:
            return
        if len(self._counted) >= self.limits.background:
            raise self._too_much()
        self._counted.add(task)
        task.add_done_callback(self._counted.discard)

    def _too_much(self) -> Overloaded:
        count = self.limits.background
        return Overloaded(f"{count:,} pieces of background work are under way, which is the limit (limits.background)")

    @functools.cached_property
    def _tls(self) -> TlsContexts:
        return TlsContexts(self._back_ends.http_out(os.environ))

    def tls(self, host: str, port: int) -> ssl.SSLContext:
        return self._tls.of_broker(host, port)

    def durable_queue(self, name: str) -> DurableQueue:
        """The messages in the folder of that store."""
        return self.shared("durable-queue", name, lambda: DurableQueue(name, self._message_stores))

    def shared(self, kind: str, name: str, make: Callable[[], T]) -> T:
        """The state under ``kind`` and ``name``, made at first use. It lives as long as the process."""
        if (kind, name) not in self._shared:
            self._shared[kind, name] = make()
        return cast(T, self._shared[kind, name])

    async def drain(self, limit: float) -> None:
        """Wait for background work, at most ``limit`` seconds; cancel the rest."""
        if not self._background:
            return
        _, late = await asyncio.wait(self._background, timeout=limit)
        for task in late:
            task.cancel()

    def close(self) -> None:
        """Close what was shared and has something to close: connections to databases, for instance."""
        shared, self._shared = self._shared, {}
        for each in shared.values():
            if callable(close := getattr(each, "close", None)):
                close()

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._background.discard(task)
        self._counted.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, Fault):
            log.error("%s: %s at %s", task.get_name(), error.message, error.at())
        elif error is not None:
            log.error("%s failed", task.get_name(), exc_info=error)


class _Section:
    """Settings by name, with their references replaced at first use: until then the secrets need not be there."""

    def __init__(self, written: Mapping[str, dict[str, Any]], references: References) -> None:
        self._written = written
        self._references = references
        self._replaced: dict[str, dict[str, Any]] = {}

    def get(self, name: str) -> dict[str, Any] | None:
        """The very same each time. Raises Fault for a secret that is not there."""
        if name not in self._replaced and name in self._written:

            def missing(error: Unacceptable) -> None:
                raise Fault(f"myelin.yaml, settings of '{name}': {error.message} {error.hint}".rstrip())

            written = self._written[name]
            self._replaced[name] = _with_texts(written, lambda text: self._references.text(text, missing))
        return self._replaced.get(name)


_NOTHING: Mapping[str, Any] = {}


def _with_texts(settings: Any, text: Callable[[str], str]) -> Any:
    if isinstance(settings, dict):
        return {name: _with_texts(value, text) for name, value in settings.items()}
    if isinstance(settings, list):
        return [_with_texts(value, text) for value in settings]
    return text(settings) if isinstance(settings, str) else settings


async def _no_port(port: int, serves: Conversation | Services, security: PortSecurity = "none") -> None:
    raise Fault(f"port {port} cannot be served: no server runs here")
