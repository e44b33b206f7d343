"""The admin port: whether the process lives, and whether everything in the folder is deployed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from engine import __version__
from engine.deploy.deployment import Deployment
from engine.endpoints._states import states_of
from engine.management.console import NOT_FROM_HERE, PATHS, Console, is_from_here
from engine.message.codecs import json

if TYPE_CHECKING:
    from engine.management.management_api import ManagementApi
    from engine.management.metrics import Metrics

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


METRICS = ("/metrics", "/metric-service/metrics")
"""The second is where WSO2's servers have them."""
_METRICS_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


class HealthApp:
    """``GET /healthz``: 200 when all is well, 503 with every error when a file is broken. ``GET /liveness``: 200.

    What runs as its last good version has ``lastGood``.

    ``GET /endpoints``: which endpoints rest, and for how long; each worker has states of its own. ``GET /metrics``:
    what was counted. Below ``/management``: WSO2's management API, for the users of the settings. Pages for people
    begin at ``/`` (``engine/management/console.py``).
    """

    def __init__(
        self, deployment: Deployment, metrics: Metrics | None = None, management: ManagementApi | None = None
    ) -> None:
        self._deployment = deployment
        self._metrics = metrics
        self._management = management
        self._console = Console(deployment, metrics)

    async def __call__(self, scope: Scope, receive: object, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            text = "only GET is allowed here"
            await _answer(send, 405, {"error": text, "Error": text})  # the second for WSO2's tools
        elif scope["path"] == "/healthz":
            errors = self._deployment.errors
            await _answer(send, 503 if errors else 200, self.report())
        elif scope["path"] == "/liveness":
            await _answer(send, 200, {"status": "alive"})
        elif scope["path"] == "/endpoints":
            await _answer(send, 200, self.endpoints())
        elif scope["path"].startswith("/management"):
            await self._managed(scope, send)
        elif scope["path"] in METRICS:
            await self._measured(send)
        elif scope["path"] in PATHS:
            await self._page(scope, send)
        else:
            await _answer(send, 404, {"error": "there is /, /healthz, /liveness, /endpoints and /metrics"})

    async def _managed(self, scope: Scope, send: Send) -> None:
        if self._management is None:
            await _answer(send, 404, {"Error": "there are no users: set management.users in myelin.yaml"})
            return
        status, content = await self._management.answer(scope)
        await _send(send, status, [(b"content-type", b"application/json"), (b"cache-control", b"no-store")], content)

    async def _measured(self, send: Send) -> None:
        if self._metrics is None:
            await _answer(send, 404, {"error": "nothing is counted: set server.metrics to true in myelin.yaml"})
            return
        page = await asyncio.to_thread(self._metrics.page, self._deployment)
        await _send(send, 200, [(b"content-type", _METRICS_TYPE)], page)

    async def _page(self, scope: Scope, send: Send) -> None:
        if not is_from_here(scope["client"], scope["headers"]):
            await _answer(send, 403, {"error": NOT_FROM_HERE})
            return
        query = scope["query_string"].decode("latin-1")
        page = await asyncio.to_thread(self._console.page, scope["path"], query)  # large flows take a while
        if page is None:
            await _answer(send, 404, {"error": "there is no such artifact"})
        else:
            await _send(send, 200, page.headers, page.content.encode())

    def endpoints(self) -> dict[str, Any]:
        """The state of each endpoint that this worker has used."""
        return {"worker": os.getpid(), "endpoints": states_of(self._deployment.snapshot).report()}

    def report(self) -> dict[str, Any]:
        """What runs and what is wrong."""
        errors = self._deployment.errors
        return {
            "status": "faulty" if errors else "ready",
            "version": __version__,
            "problems": [
                {
                    "code": problem.code,
                    "file": problem.where.file,
                    "line": problem.where.line,
                    "column": problem.where.column,
                    "message": f"{problem.message} {problem.hint}".rstrip(),
                }
                for problem in errors
            ],
            "running": [
                {"kind": artifact.kind, "name": artifact.identity, "file": artifact.where.file}
                | ({"path": artifact.address} if artifact.address else {})
                | ({"lastGood": True} if (artifact.kind, artifact.identity) in self._deployment.kept else {})
                for artifact in self._deployment.snapshot.artifacts()
            ],
        }


async def _answer(send: Send, status: int, content: dict[str, Any]) -> None:
    await _send(send, status, [(b"content-type", b"application/json")], json.encode(content))


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    headers = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
