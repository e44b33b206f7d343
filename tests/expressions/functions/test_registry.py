from __future__ import annotations

from typing import Any

import pytest

from engine.expressions.compile import compile_expression
from engine.expressions.functions import FUNCTIONS, SYNAPSE_FUNCTIONS

NEED_FILES = ("encrypt", "decrypt")
EXAMPLES = [
    example
    for function in (*FUNCTIONS.values(), *SYNAPSE_FUNCTIONS.values())
    if function.name not in NEED_FILES
    for example in function.examples
]


def test_every_function_is_declared() -> None:
    assert sorted(FUNCTIONS) == [
        "base64Decode",
        "base64Encode",
        "decrypt",
        "encrypt",
        "ends-with",
        "get-property",
        "hashicorp:vault-lookup",
        "hmac-generate",
        "lower-case",
        "upper-case",
        "url-encode",
        "wso2:vault-lookup",
    ]
    assert all(each.doc and each.examples for each in (*FUNCTIONS.values(), *SYNAPSE_FUNCTIONS.values()))


def test_every_function_of_the_reference_is_there() -> None:
    names = """length toUpper toLower subString startsWith endsWith contains trim replace split indexOf now
        formatDateTime charAt abs ceil floor sqrt log pow base64encode base64decode urlEncode urlDecode isString
        isNumber isArray isObject string float boolean integer round exists xpath wso2-vault hashicorp-vault not
        registry object array"""
    assert set(SYNAPSE_FUNCTIONS) == set(names.split())


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
def test_examples_hold(make_message: Any, expression: str, expected: str) -> None:
    message = make_message(headers=((b"content-type", b"application/json"),))
    message.axis2["HTTP_METHOD"] = "POST"
    message.env.registry.put("conf:/greeting.txt", b"hello")
    message.env.secrets.update({"db.password": "s3cret", "secret/db/password": "s3cret"})
    assert compile_expression(expression, {}).text(message) == expected
