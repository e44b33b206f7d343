"""<endpoint><loadbalance>…</loadbalance></endpoint>"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from typing import Literal

from engine.core.env import env_of
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, children, element, slots
from engine.declare.spec import OneOf
from engine.endpoints._algorithms import (
    Algorithm,
    RoundRobin,
    WeightedLeastConnections,
    WeightedRoundRobin,
    limits_of,
    number_of,
    weight_of,
)
from engine.endpoints._group import send_to_first
from engine.endpoints._kind import Child, Kind, Place
from engine.endpoints._member import Member, endpoint_of
from engine.endpoints._session import Session, Sessions
from engine.errors import ErrorCode, TransportError, did_you_mean
from engine.message.context import MessageContext

_ROUNDS = "loadbalance.weightedRRLC.roundsPerRecal"
_ALGORITHMS = ("RoundRobin", "WeightedRoundRobin", "WeightedRRLCAlgorithm")


@element(
    "loadbalance", kind="endpoint-type", category="endpoint", rules=(OneOf(("algorithm", "policy"), optional=True),)
)
class Loadbalance(Kind):
    """Share messages among children, or among the hosts of ``<member>``.

    A child that is not ready is passed over, and with ``failover`` the next one gets the message of one that failed.
    ``WeightedRoundRobin`` and ``WeightedRRLCAlgorithm`` read the property ``loadbalance.weight`` of each child. With
    ``<session>`` beside it, the messages of a client stay with the child that got the first one.

    Example::

        <endpoint>
          <loadbalance algorithm="org.apache.synapse.endpoints.algorithms.RoundRobin">
            <endpoint><address uri="http://127.0.0.1:9000/quotes"/></endpoint>
            <endpoint><address uri="http://127.0.0.1:9001/quotes"/></endpoint>
          </loadbalance>
        </endpoint>
    """

    algorithm: str | None = attr("RoundRobin, WeightedRoundRobin or WeightedRRLCAlgorithm.", default=None)
    policy: Literal["roundRobin"] | None = attr("The same, in its old form.", default=None)
    failover: bool = attr("Whether the message of a child that failed goes to another one.", default=True)
    build_message: bool = attr("Read the whole body first; always done here.", name="buildMessage", default=True)
    endpoints: tuple[Child, ...] = slots("Where to send.", of="endpoint")
    members: tuple[Member, ...] = children("Hosts to send to, at the path of the message.", tag="member")

    def attach(self, place: Place) -> None:
        if bool(self.endpoints) == bool(self.members):
            raise Unacceptable("it needs either <endpoint> or <member> inside.", code="one-of")
        super().attach(place)
        self._all: tuple[Child, ...] = self.endpoints or tuple(
            endpoint_of(each, place.name, rests=True) for each in self.members
        )
        self._under_way = [0] * len(self._all)
        self._algorithm = self._chosen_algorithm()

    def ready(self, message: MessageContext) -> bool:
        return any(child.ready(message) for child in self._all)

    async def send(self, message: MessageContext) -> None:
        if self.place.session is not None:
            await self._send_in_session(message, self.place.session)
        else:
            await self._send_to_next(message)

    async def _send_to_next(self, message: MessageContext) -> int:
        """Send to the child whose turn it is, and on to others when it fails; gives the one that answered."""
        text = f"loadbalance endpoint {self.place.name} has no child that is ready"
        none_ready = TransportError(text, code=ErrorCode.NO_ENDPOINT_READY)
        with contextlib.closing(self._candidates(message)) as candidates:
            if self.failover:
                child = await send_to_first(message, candidates, none_ready)
                return self._all.index(child)
            first = next(candidates, None)
            if first is None:
                raise none_ready
            await _send_to_this_only(first, message)
            return self._all.index(first)

    def _candidates(self, message: MessageContext) -> Generator[Child]:
        """The children for one message in the order of the algorithm: each once, and ready when its turn comes."""
        tried = set()
        for position in self._turns():
            if position in tried or not self._all[position].ready(message):
                continue
            tried.add(position)
            self._under_way[position] += 1
            try:
                yield self._all[position]
            finally:
                self._under_way[position] -= 1

    def _turns(self) -> Iterator[int]:
        for _ in range(self._algorithm.turns):
            yield self._algorithm.next()
        yield from range(len(self._all))

    async def _send_in_session(self, message: MessageContext, session: Session) -> None:
        if session.reads_envelope:
            await message.payload.load(env_of(message).limits.buffered_body)
        sessions = env_of(message).shared("endpoint-sessions", self.place.name, lambda: Sessions(session.timeout))
        asked = session.of_request(message)
        position = sessions.child_of(asked) if asked is not None else None
        if position is None or position >= len(self._all):
            session.forget(message)
            position = await self._send_to_next(message)
        else:
            await self._send_on(message, position)
        if session.reads_envelope:
            await message.payload.load(env_of(message).limits.buffered_body)
        given = session.of_answer(message, asked) or asked
        if given is not None:
            sessions.bind(given, position)

    async def _send_on(self, message: MessageContext, position: int) -> None:
        """A session that has begun knows its child only: no other one can take over."""
        child = self._all[position]
        if not child.ready(message):
            text = f"endpoint {child.name or position} of a session at {self.place.name} is not ready"
            raise TransportError(text, code=ErrorCode.SESSION_NOT_READY)
        await _send_to_this_only(child, message)

    def _chosen_algorithm(self) -> Algorithm:
        """Raises Unacceptable for an algorithm that does not exist here, and for weights that are no numbers."""
        name = (self.algorithm or "RoundRobin").strip().rpartition(".")[2]
        if name not in _ALGORITHMS:
            message = f"the algorithm '{self.algorithm}' is a Java class that does not exist here."
            hint = did_you_mean(name, _ALGORITHMS) or f"There are {', '.join(_ALGORITHMS)}."
            raise Unacceptable(message, code="unsupported", hint=hint)
        if name == "RoundRobin":
            return RoundRobin(len(self._all))
        if self.members:
            raise Unacceptable(f"{name} works on endpoints, not on members.", code="one-of")
        weighs_connections = name == "WeightedRRLCAlgorithm"
        inherited = self.place.properties.get("loadbalance.weight")
        weights = [weight_of(child, inherited, required=weighs_connections) for child in self._all]
        if not weighs_connections:
            return WeightedRoundRobin(weights)
        limits = [limits_of(child, weight) for child, weight in zip(self._all, weights, strict=True)]
        rounds = number_of(_ROUNDS, self.place.properties.get(_ROUNDS, "1"))
        return WeightedLeastConnections(weights, limits, rounds, lambda: self._under_way)


async def _send_to_this_only(child: Child, message: MessageContext) -> None:
    """Its failure is that of this message: an endpoint further out does not try elsewhere."""
    try:
        await child.send(message)
    except TransportError as error:
        error.elsewhere = False
        raise
