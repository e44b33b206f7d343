"""The states of the endpoints of this process, by name: they outlive a deployment, and operators may look at them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol, TypeVar

from engine.endpoints.suspension import Suspension, SuspensionPolicy

T = TypeVar("T")

_MAX_STATES = 10_000


class SharesState(Protocol):
    """The part of an environment that keeps what all messages share."""

    def shared(self, kind: str, name: str, make: Callable[[], T]) -> T: ...


class States:
    """Suspensions by the name of their endpoint, else its place in the file."""

    def __init__(self) -> None:
        self._suspensions: OrderedDict[str, Suspension] = OrderedDict()

    def of(self, name: str, policy: SuspensionPolicy) -> Suspension:
        """The state of an endpoint; a new one when its settings are not what they were."""
        known = self._suspensions.get(name)
        if known is None or known.policy != policy:
            known = self._suspensions[name] = Suspension(name, policy)
            if len(self._suspensions) > _MAX_STATES:
                self._suspensions.popitem(last=False)
        return known

    def report(self) -> list[dict[str, object]]:
        """For operators, from any thread: name, state, and the seconds until the next try of those that rest."""
        return [each.report() for each in list(self._suspensions.values())]


def states_of(env: SharesState) -> States:
    """The states of this process."""
    return env.shared("endpoints", "states", States)
