from __future__ import annotations

from collections import Counter

import pytest

from engine.endpoints._algorithms import Algorithm, RoundRobin, WeightedLeastConnections, WeightedRoundRobin


def turns(algorithm: Algorithm, count: int) -> list[int]:
    return [algorithm.next() for _ in range(count)]


def test_round_robin() -> None:
    assert turns(RoundRobin(3), 7) == [0, 1, 2, 0, 1, 2, 0]
    assert turns(RoundRobin(1), 2) == [0, 0]


def test_weighted_round_robin_gives_as_many_in_a_row_as_the_weight_says() -> None:
    assert turns(WeightedRoundRobin([3, 1, 2]), 12) == [0, 0, 0, 1, 2, 2] * 2


def test_least_connections_begins_with_the_fixed_weights_the_heaviest_first() -> None:
    algorithm = WeightedLeastConnections([1, 3], [(0, 3), (1, 5)], 1, lambda: [0, 0])
    assert turns(algorithm, 8) == [1, 1, 1, 0] * 2


@pytest.mark.parametrize(
    ("under_way", "weights"),
    [
        # weight + round(share of 10 messages that it lacks), within weight ± 2: WeightedRRLCAlgorithm's formula
        ([5, 5], [2, 2]),
        ([10, 0], [0, 4]),
        ([6, 4], [1, 3]),
        ([0, 10], [4, 0]),
    ],
)
def test_least_connections_moves_the_weights(under_way: list[int], weights: list[int]) -> None:
    algorithm = WeightedLeastConnections([2, 2], [(0, 4), (0, 4)], 1, lambda: under_way)
    turns(algorithm, 4)
    counted = Counter(turns(algorithm, sum(weights)))
    assert [counted[0], counted[1]] == weights


def test_least_connections_never_hangs_when_every_weight_is_zero() -> None:
    algorithm = WeightedLeastConnections([1, 1], [(0, 0), (0, 0)], 1, lambda: [1, 1])
    assert set(turns(algorithm, 10)) <= {0, 1}
