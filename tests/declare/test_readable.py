"""Every example of what expressions read gives what the reference says, and every word that they know is told."""

from __future__ import annotations

import pytest

from engine.declare.readable import SYNAPSE, XPATH, Readable
from engine.expressions import synapse_parser, variables
from engine.expressions.compile import compile_expression
from engine.message.context import MessageContext
from engine.message.parameters import Parameters
from tests.expressions.conftest import new_message


def the_message() -> MessageContext:
    """The one that the reference tells of."""
    message = new_message(
        b'{"item": {"id": 7}, "tags": ["a", "b"]}',
        "application/json",
        headers=((b"Accept", b"text/plain"),),
        query="size=2",
        who="Ada",
    )
    message.set_axis2("HTTP_SC", "201")
    message.variables["total"] = 12.5
    message.functions.append(Parameters({"sku": "A-1"}))
    return message


@pytest.mark.parametrize("each", [*XPATH, *SYNAPSE], ids=lambda each: each.name)
def test_the_example_gives_what_it_says(each: Readable) -> None:
    assert each.name.lstrip("$") in each.example
    assert each.doc.endswith(".")
    message = the_message()
    assert compile_expression(each.example, {}).text(message) == each.result


def test_every_word_is_told() -> None:
    prefixes = {f"${name}" for name in (*variables.PREFIXES, *variables.BODY_VARIABLES)}
    assert {each.name for each in XPATH} == prefixes | {"json-eval"}
    told = {each.name for each in SYNAPSE} | {"props"}
    assert told == set(synapse_parser.ROOTS)
