from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Where
from engine.expressions.compile import compile_expression
from engine.mediators._parts import NamedValue
from engine.testing.harness import Harness


@pytest.mark.parametrize(
    ("value", "expression", "text"),
    [("v", None, "v"), ("", None, ""), (None, "$ctx:p", "7"), (None, "$ctx:missing", None)],
)
def test_the_text(value: str | None, expression: str | None, text: str | None) -> None:
    message = Harness().message()
    message.properties["p"] = 7
    compiled: Any = compile_expression(expression, {}) if expression else None
    pair = NamedValue(where=Where("test.xml"), name="n", value=value, expression=compiled)
    assert pair.text(message) == text
