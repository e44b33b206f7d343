from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.expressions.dynamic import parse_value
from engine.mediators._group import Group, number_of
from engine.testing.harness import Harness


@pytest.mark.parametrize(
    ("total", "minimum", "maximum", "complete_at"),
    [
        (3, -1, -1, 3),
        (None, -1, -1, None),
        (None, 2, -1, 2),
        (None, -1, 2, 2),
        (None, 2, 4, 2),
        (1, 2, 4, 1),
        (5, 0, 0, 5),
        (0, -1, 1, 1),
    ],
)
def test_trap_27_when_a_group_is_complete(
    total: int | None, minimum: int, maximum: int, complete_at: int | None
) -> None:
    message, group = Harness().message(), Group("k", total, minimum, maximum)
    counts = []
    for count in range(1, 6):
        group.add(message)
        if group.is_complete:
            counts.append(count)
    assert counts[:1] == ([] if complete_at is None else [complete_at])


def test_no_more_than_the_maximum_is_taken() -> None:
    message, group = Harness().message(), Group("k", None, -1, 2)
    assert [group.add(message) for _ in range(3)] == [True, True, False]
    assert len(group.messages) == 2


def test_the_place_is_that_of_the_latest_message() -> None:
    message, group = Harness().message(), Group("k", None, -1, -1)
    message.frames = ["first"]
    group.add(message)
    message.frames.append("second")
    group.add(message)
    message.frames.clear()
    assert group.frames == ["first", "second"]


@pytest.mark.parametrize(("text", "number"), [("2", 2), ("-1", -1), ("2.9", 2), ("{1 + 1}", 2), (None, -1)])
def test_a_number_of_messages(text: str | None, number: int) -> None:
    value = parse_value(text, {}) if text is not None else None
    assert number_of(value, Harness().message()) == number


@pytest.mark.parametrize("text", ["", "x", "{$ctx:missing}", "1e999"])
def test_what_is_no_number_is_a_fault(text: str) -> None:
    with pytest.raises(Fault, match="no number of messages"):
        number_of(parse_value(text, {}), Harness().message())
