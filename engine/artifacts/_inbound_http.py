"""protocol="http": requests on a port of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from engine.artifacts._inbound import Inbound
from engine.core.env import Environment, Services
from engine.declare.convert import Unacceptable

_PORT, _PATTERN = "inbound.http.port", "dispatch.filter.pattern"


class Listener:
    """Serves the port ``inbound.http.port``, on the same address as the engine's own.

    With ``dispatch.filter.pattern`` the APIs and proxies are there too, as far as that is their path, and the sequence
    gets nothing (InboundHttpServerWorker).
    """

    def __init__(self, inbound: Inbound) -> None:
        text = inbound.parameters.get(_PORT, "")
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise Unacceptable(f"the parameter '{_PORT}' must be the number of a port, and is '{text}'.")
        self.port = int(text)
        self.serves = Services(_compiled(inbound)) if inbound.parameters.get(_PATTERN) else inbound.flow

    def remarks(self) -> Iterable[tuple[str, str]]:
        return ()

    async def run(self, current: Callable[[], Environment]) -> None:
        await current().serve_port(self.port, self.serves)


def _compiled(inbound: Inbound) -> re.Pattern[str]:
    try:
        return re.compile(inbound.parameters[_PATTERN])
    except re.error as error:
        raise Unacceptable(f"the parameter '{_PATTERN}' is no regular expression: {error}.") from None
