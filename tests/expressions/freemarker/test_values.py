from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.expressions.freemarker.values import Missing, Nodes, Run, TemplateError, grouped, plain, text


@pytest.mark.parametrize(
    ("value", "written", "for_computers"),
    [
        (1234567, "1,234,567", "1234567"),
        (-1234.5, "-1,234.5", "-1234.5"),
        (0.0005, "0", "0.0005"),
        (0.0015, "0.002", "0.0015"),
        (Decimal("2.50"), "2.5", "2.5"),
        (1e21, "1,000,000,000,000,000,000,000", "1000000000000000000000"),
        (0.1 + 0.2, "0.3", "0.3"),
        (100.0, "100", "100"),
    ],
)
def test_numbers(value: Any, written: str, for_computers: str) -> None:
    assert grouped(value) == written
    assert plain(value) == for_computers


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Missing("a"), Nodes(), range(3), [range(3)]])
def test_what_has_no_text(value: Any) -> None:
    with pytest.raises(TemplateError):
        text(value)


@pytest.mark.parametrize(
    ("operation", "operands", "expected"),
    [
        ("add", (1, 2), 3),
        ("add", ("a", 5), "a5"),
        ("add", ([1], [2]), [1, 2]),
        ("add", ({"a": 1}, {"b": 2}), {"a": 1, "b": 2}),
        ("subtract", (1, Decimal("0.5")), Decimal("0.5")),
        ("multiply", (Decimal("1.5"), 2), 3),
        ("divide", (1, 4), Decimal("0.25")),
        ("divide", (1, 3), Decimal("0.333333333333")),
        ("modulo", (-7, 3), -1),
        ("range_to", (1, 3), range(1, 4)),
        ("range_to", (3, 1), range(3, 0, -1)),
        ("range_below", (1, 3), range(1, 3)),
        ("get", ("abc", 1), "b"),
        ("get", ([1, 2, 3], range(1, 3)), [2, 3]),
        ("get", (Missing("a"), "b"), Missing("a.b")),
        ("get", ([1], 5), Missing("5")),
        ("default", (Missing("a"), 5), 5),
        ("exists", (Nodes(),), False),
        ("equal", ("a", "a"), True),
        ("equal", (1, Decimal("1.0")), True),
        ("is_lte", (1, 1), True),
        ("join", ("a", 1, True), "a1true"),
    ],
)
def test_operations(operation: str, operands: tuple[Any, ...], expected: Any) -> None:
    assert getattr(Run({}), operation)(*operands) == expected


def test_what_is_assigned_goes_before_the_model() -> None:
    run = Run({"a": 1, "none": None})
    assert run.name("a") == 1
    run.assign("a", 2)
    assert run.name("a") == 2
    assert run.name("none") == Missing("none")
    with pytest.raises(TemplateError, match="there is no 'b'"):
        run.assign("b", Missing("b"))
