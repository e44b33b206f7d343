"""protocol="http": requests on a port of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.artifacts._inbound import Inbound
from engine.core.env import Environment
from engine.declare.convert import Unacceptable

_PORT = "inbound.http.port"


class Listener:
    """Serves the port ``inbound.http.port``, on the same address as the engine's own."""

    def __init__(self, inbound: Inbound) -> None:
        text = inbound.parameters.get(_PORT, "")
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise Unacceptable(f"the parameter '{_PORT}' must be the number of a port, and is '{text}'.")
        self.port, self.flow = int(text), inbound.flow

    def remarks(self) -> Iterable[tuple[str, str]]:
        return ()

    async def run(self, current: Callable[[], Environment]) -> None:
        await current().serve_port(self.port, self.flow)
