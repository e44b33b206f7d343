"""Each of the 44 places where the reference surprises has a test that carries its number: ``test_trap_NN_…``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

TRAPS = {
    1: "json-eval of a missing path is empty, of null is 'null'",
    2: "an element without text of its own stringifies as its XML",
    3: "XPath numbers are doubles: 3.0",
    4: "comparisons with null are false",
    5: "setting a property to null leaves it",
    6: "a missing template parameter is null",
    7: "{expr} is evaluated at entry, {{expr}} at each use",
    8: "a value is dynamic by its first and last character",
    9: "typed properties keep their type",
    10: "the prefix fn",
    11: "XPath knows no default namespace",
    12: "get-property falls back to local entries; names that are no properties",
    13: "$trp and $url compare without case",
    14: "precedence and lexing of ${…}",
    15: "filter and switch match the whole text",
    16: "what is true to a filter; only one case of a switch runs",
    17: "property: pattern, group, messageType",
    18: "header To; removal of HTTP headers",
    19: "payloadFactory escapes JSON arguments and does not quote them",
    20: "payloadFactory XML: JSON values become elements",
    21: "payloadFactory: a missing argument ends the filling",
    22: "payloadFactory: inline XML inherits the Synapse namespace",
    23: "payloadFactory sets messageType",
    24: "script: what mc does",
    25: "enrich: clone, node lists, JSON",
    26: "iterate and clone: continueParent, detached parts",
    27: "aggregate: when it completes, and what a group is",
    28: "aggregate: who goes on",
    29: "foreach of both versions",
    30: "nothing runs after send",
    31: "template frames survive a call",
    32: "configKey runs init before the parameters",
    33: "uri-template: which variables, and when it stays as it is",
    34: "uri-template: what is encoded",
    35: "REST_URL_POSTFIX",
    36: "4xx and 5xx are answers; suspension",
    37: "what a message keeps after a call",
    38: "headers that are forwarded",
    39: "methods and bodies; POST_TO_URI",
    40: "blocking calls",
    41: "no answer is 202",
    42: "fault handlers never resume",
    43: "API dispatch, 404 and 405",
    44: "the course of a proxy's conversation",
}
"""In short; the tests say it exactly."""

_NAME = re.compile(r"def test_trap_0*(\d+)_")


def numbers() -> set[int]:
    return {int(number) for file in TESTS.rglob("test_*.py") for number in _NAME.findall(file.read_text("utf-8"))}


@pytest.mark.parametrize("number", sorted(TRAPS), ids=lambda number: f"trap_{number:02}")
def test_a_test_carries_the_number(number: int) -> None:
    assert number in numbers(), f"no test is called test_trap_{number:02}_…: {TRAPS[number]}"


def test_no_test_carries_another_number() -> None:
    assert numbers() <= TRAPS.keys()
    assert list(TRAPS) == list(range(1, 45))
