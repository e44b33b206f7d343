from __future__ import annotations

import pytest

from engine.mediators._throttle_rate import Permits, Rate, RateWindow


@pytest.mark.parametrize(
    ("rate", "times", "admitted"),
    [
        # The unit begins with the first message.
        (Rate(2, 10), [100, 101, 102, 109.9, 110, 111], [True, True, False, False, True, True]),
        # Without a prohibition the end of the unit opens again.
        (Rate(1, 10), [0.5, 9, 10.4, 10.5, 20], [True, False, False, True, False]),
        # The prohibition counts from the first message too many, and may end before the unit does.
        (Rate(1, 100, 5), [1, 2, 6.9, 7, 8], [True, False, False, True, False]),
        # Or after it.
        (Rate(1, 10, 50), [1, 2, 12, 51.9, 52], [True, False, False, False, True]),
        # A unit that was not used up begins anew with the next message.
        (Rate(3, 10), [1, 20, 21, 22, 23], [True, True, True, True, False]),
        # Nobody was too many before the unit was over: no prohibition.
        (Rate(1, 10, 50), [1, 12, 13], [True, True, False]),
        (Rate(0, 10), [1, 100], [False, False]),
    ],
)
def test_admission(rate: Rate, times: list[float], admitted: list[bool]) -> None:
    window = RateWindow(rate)
    assert [window.admits(now) for now in times] == admitted


def test_permits_are_taken_and_given_back() -> None:
    permits = Permits(2)
    assert [permits.take() for _ in range(3)] == [True, True, False]
    permits.give_back()
    assert permits.take() is True


def test_a_smaller_limit_holds_at_once() -> None:
    permits = Permits(2)
    assert permits.take()
    assert permits.take()
    permits.limit = 1
    permits.give_back()
    assert permits.take() is False
