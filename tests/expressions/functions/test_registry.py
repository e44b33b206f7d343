from __future__ import annotations

import pytest

from engine.expressions.compile import compile_expression
from engine.expressions.functions import FUNCTIONS
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload

EXAMPLES = [example for function in FUNCTIONS.values() for example in function.examples]


def test_every_function_is_declared() -> None:
    assert sorted(FUNCTIONS) == [
        "base64Decode",
        "base64Encode",
        "ends-with",
        "get-property",
        "hmac-generate",
        "lower-case",
        "upper-case",
        "url-encode",
    ]
    assert all(function.doc and function.examples for function in FUNCTIONS.values())


def test_signatures_give_the_number_of_arguments() -> None:
    numbers = {name: (function.min_arguments, function.max_arguments) for name, function in FUNCTIONS.items()}
    assert numbers["lower-case"] == (1, 1)
    assert numbers["hmac-generate"] == (2, 3)
    assert numbers["get-property"] == (1, 3)


def test_signatures_show_how_to_call() -> None:
    assert FUNCTIONS["lower-case"].signature == "lower-case(text)"
    assert FUNCTIONS["url-encode"].signature == "url-encode(text, charset = 'UTF-8')"
    assert FUNCTIONS["get-property"].signature == "get-property(scope, name?, pattern?)"


@pytest.mark.parametrize(("expression", "expected"), EXAMPLES, ids=[expression for expression, _ in EXAMPLES])
def test_examples_hold(expression: str, expected: str) -> None:
    message = MessageContext(None, None, Payload(), Headers([(b"content-type", b"application/json")]))  # type: ignore[arg-type]
    message.axis2["HTTP_METHOD"] = "POST"
    assert compile_expression(expression, {}).text(message) == expected
