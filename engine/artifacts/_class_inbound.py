"""class="…": messages that a Python class takes, which is registered under the Java name (``core/java_class.py``)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine import ported
from engine.artifacts._inbound import Inbound
from engine.core.background import Acknowledged, has_failed, to_its_end
from engine.core.env import Environment
from engine.core.java_class import InboundClass
from engine.core.worker_lock import sole_worker
from engine.declare.convert import Unacceptable
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload

log = logging.getLogger("myelin.background")


class Listener:
    """Lets the class receive, in one of several workers, and again after ``interval`` ms when it has ended."""

    def __init__(self, inbound: Inbound, name: str) -> None:
        found = ported.find(name)
        if found is None:
            raise Unacceptable(
                f"the Java class {name} has no port.",
                code="unsupported",
                hint=f'Write it in Python, as an InboundClass with @java_class("{name}"), and name its folder in the '
                "setting 'classes'.",
            )
        if not issubclass(found, InboundClass):
            raise Unacceptable(f"the class {name} is one for <class>.")
        self._inbound, self._schedule = inbound, inbound.schedule()
        try:
            self._source = found(inbound.name, inbound.parameters)
        except Exception as error:
            raise Unacceptable(f"the class {name} refuses its parameters: {type(error).__name__}: {error}") from error

    def remarks(self) -> Iterable[tuple[str, str]]:
        return ()

    async def run(self, current: Callable[[], Environment]) -> None:
        async def inject(
            body: bytes | str,
            content_type: str,
            headers: Mapping[str, str] | None = None,
            properties: Mapping[str, Any] | None = None,
        ) -> bool:
            content = body.encode() if isinstance(body, str) else body
            message = self._message(current(), content, content_type, headers or {}, properties or {})
            await to_its_end(current(), self._inbound.flow.serve(message), self._inbound.label)
            return not has_failed(message)

        with await sole_worker(current().registry, self._inbound.label):
            while True:
                try:
                    await self._source.receive(inject)
                except Exception as error:
                    log.error("%s: %s: %s", self._inbound.label, type(error).__name__, error)
                await self._schedule.next()

    def _message(
        self,
        env: Environment,
        body: bytes,
        content_type: str,
        headers: Mapping[str, str],
        properties: Mapping[str, Any],
    ) -> MessageContext:
        given = Headers()
        for name, value in {**headers, "Content-Type": content_type}.items():
            given.set(name, value)
        payload = Payload(body, content_type, origin="client")
        message = MessageContext(env, Acknowledged(), payload, given)
        message.properties |= {"isInbound": True, "inbound.endpoint.name": self._inbound.name, **properties}
        return message
