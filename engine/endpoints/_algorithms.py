"""How a loadbalance endpoint chooses its next child. Positions, not endpoints: the endpoint says which are ready."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Protocol

from engine.declare.convert import Unacceptable
from engine.endpoints._kind import Child

_SKEW = 2
"""By how much a weight may move when nobody names its limits (WeightedRRLCAlgorithm)."""


class Algorithm(Protocol):
    """The choice among children. One event loop uses it, so that nothing is locked."""

    @property
    def turns(self) -> int:
        """After so many turns every child has had one."""

    def next(self) -> int:
        """The position of the child whose turn it is."""


class RoundRobin:
    """One after the other."""

    def __init__(self, size: int) -> None:
        self.turns = size
        self._position = 0

    def next(self) -> int:
        position = self._position
        self._position = (position + 1) % self.turns
        return position


class WeightedRoundRobin:
    """As many messages in a row to each child as its weight says: 5, 3, 2 gives five, three and two."""

    def __init__(self, weights: Sequence[int]) -> None:
        self.turns = sum(weights)
        self._weights = weights
        self._position = 0
        self._left = weights[0]

    def next(self) -> int:
        if not self._left:
            self._position = (self._position + 1) % len(self._weights)
            self._left = self._weights[self._position]
        self._left -= 1
        return self._position


class WeightedLeastConnections:
    """WeightedRoundRobin whose weights move towards the children with fewer messages under way than their share.

    The reference counts connections of a transport it no longer has; messages under way are what these stood for.
    """

    def __init__(
        self,
        weights: Sequence[int],
        limits: Sequence[tuple[int, int]],
        rounds: int,
        under_way: Callable[[], Sequence[int]],
    ) -> None:
        # The heaviest first, as the reference sorts them.
        self._order = sorted(range(len(weights)), key=lambda position: -weights[position])
        self.turns = sum(high for _, high in limits)
        self._fixed = weights
        self._limits = limits
        self._weights = list(weights)
        self._left = list(weights)
        self._rounds = rounds
        self._round = 0
        self._under_way = under_way
        self._cursor = 0

    def next(self) -> int:
        position = self._order[self._cursor]
        if self._left[position] <= 0:
            self._left[position] = self._weights[position]
            position = self._following()
        self._left[position] -= 1
        return position

    def _following(self) -> int:
        """The next child with a weight left; at the end of enough rounds the weights are computed anew."""
        for _ in range(2 * len(self._order)):
            self._cursor = (self._cursor + 1) % len(self._order)
            if self._cursor == 0:
                self._round += 1
                if self._round == self._rounds:
                    self._round = 0
                    self._recompute()
            position = self._order[self._cursor]
            if self._left[position] > 0:
                return position
            self._left[position] = self._weights[position]
        return self._order[self._cursor]  # all weights have sunk to zero

    def _recompute(self) -> None:
        under_way = self._under_way()
        total, total_weight = sum(under_way), sum(self._fixed)
        if not total:
            return
        for position, weight in enumerate(self._fixed):
            share = weight / total_weight - under_way[position] / total
            moved = weight + _rounded(share * total)
            low, high = self._limits[position]
            self._weights[position] = max(low, moved) if share < 0 else min(high, moved)
            self._left[position] = self._weights[position]


def _rounded(number: float) -> int:
    """To the nearest whole number, halves down."""
    low = math.floor(number)
    return low if number - low <= 0.5 else low + 1


def weight_of(child: Child, inherited: str | None, *, required: bool) -> int:
    """``loadbalance.weight`` of a child, else that of the endpoint around it, else 1.

    Raises Unacceptable for one that is missing or no positive number.
    """
    text = child.fixed_property("loadbalance.weight") or inherited
    if text is None:
        if required:
            raise Unacceptable(
                f"the endpoint '{child.name}' has no weight.",
                code="missing-element",
                hint='Add <property name="loadbalance.weight" value="…"/> to every child.',
            )
        return 1
    return number_of("loadbalance.weight", text)


def number_of(name: str, text: str) -> int:
    """Raises Unacceptable for what is no positive whole number."""
    if not text.strip().isdecimal() or int(text) < 1:
        raise Unacceptable(f"{name} is '{text}', not a number above zero.")
    return int(text)


def limits_of(child: Child, weight: int) -> tuple[int, int]:
    """The lowest and the highest weight a child may get (``loadbalance.weight.min`` and ``.max``)."""
    low, high = (child.fixed_property(f"loadbalance.weight.{each}") for each in ("min", "max"))
    return (
        number_of("loadbalance.weight.min", low) if low else max(weight - _SKEW, 0),
        number_of("loadbalance.weight.max", high) if high else weight + _SKEW,
    )
