"""What ``<connector.init>`` leaves for the later operations of a flow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from engine.core.env import Environment, env_of
from engine.core.http import HttpResponse
from engine.errors import Fault
from engine.message.context import MessageContext


class Authorization(Protocol):
    """Supplies the Authorization header of every call."""

    @property
    def refusals(self) -> frozenset[int]:
        """The statuses with which the API may say that a header is no longer good."""

    async def header(self, env: Environment) -> str:
        """The header's value, renewed when it was due. Empty: send none. Raises Fault when there is none to be had."""

    async def renewed(self, env: Environment, response: HttpResponse, used: str) -> str | None:
        """A new value when ``response`` says that ``used`` is no longer good; None when the answer should stand.

        The body of ``response`` is bytes.
        """


@dataclass(frozen=True, slots=True)
class Static:
    """One header value that never changes."""

    value: str = field(default="", repr=False)

    @property
    def refusals(self) -> frozenset[int]:
        return frozenset()

    async def header(self, env: Environment) -> str:
        return self.value

    async def renewed(self, env: Environment, response: HttpResponse, used: str) -> str | None:
        return None


Supply = Callable[[Environment], Awaitable[Mapping[str, str]]]
"""Gives values of a connection that the flow did not give. Raises Fault when they cannot be had."""


@dataclass(frozen=True, slots=True)
class Connection:
    """An account at an API.

    ``base_url`` has no slash at its end. ``values`` are what the operations of the connector take besides their own
    parameters. ``account`` names what the API's rate limit counts. ``timeout`` is in seconds for each request; None
    means the configuration's or the connector's own. ``version`` is the version of the API, for connectors that speak
    several. ``supply`` finds out values that are not there, when an operation needs them. ``headers`` and ``query``, as
    it stands in a URL, go with every request: keys of the API.
    """

    base_url: str
    values: Mapping[str, str] = field(default_factory=dict)
    authorization: Authorization = field(default_factory=Static)
    account: str = ""
    timeout: float | None = None
    version: str = ""
    supply: Supply | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    query: str = field(default="", repr=False)


def connection_of(message: MessageContext, connector: str) -> Connection:
    """Raises Fault 500 when no ``<connector.init>`` ran before this step, nor for it by ``configKey``."""
    connection = message.connections.get(connector)
    if not isinstance(connection, Connection):
        raise Fault(
            f"<{connector}.init> must come before the other operations of '{connector}', "
            "or stand in a local entry that their configKey names"
        )
    return connection


async def completed(message: MessageContext, connection: Connection) -> Connection:
    """The connection with the values that its ``supply`` knows besides its own; without one as it is."""
    if connection.supply is None:
        return connection
    return replace(connection, values={**await connection.supply(env_of(message)), **connection.values})
