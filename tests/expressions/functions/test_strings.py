from __future__ import annotations

from typing import Any

import pytest

from engine.expressions.compile import compile_expression


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("lower-case('ÄB')", "äb"),
        ("upper-case(//n)", "ADA"),
        ("fn:lower-case($ctx:none)", ""),
        ("ends-with(//n, 'a')", "true"),
        ("ends-with(//n, 'x')", "false"),
        ("upper-case(//@id)", "X7"),
        ("lower-case(count(//n))", "1"),
    ],
)
def test_jaxens_string_functions(make_message: Any, expression: str, expected: str) -> None:
    message = make_message(b"<a id='x7'><n>Ada</n></a>", "application/xml")
    assert compile_expression(expression, {}).text(message) == expected
