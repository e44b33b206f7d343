from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from jsonschema import Draft202012Validator

from engine.declare.fields import attr, body, child, children, element, text
from engine.declare.spec import Node, OneOf, Requires
from engine.declare.write.json_schema import schema
from engine.runtime.catalog import language


@element("part")
class Part(Node):
    """A part."""

    name: str = attr("Its name.")


@element("step", kind="mediator", rules=(OneOf(("a", "b")), Requires("mode", ("a",))))
class Step(Node):
    """Do a step.

    Example::

        <step a="1"/>
    """

    a: str | None = attr("First.", default=None)
    b: str | None = attr("Second.", default=None)
    mode: Literal["fast", "slow"] | None = attr("How.", default=None)
    part: Part | None = child("A part.", tag="part")
    parts: tuple[Part, ...] = children("Parts.", tag="more")
    words: str = text("Text.", default="")


@element("sequence", kind="artifact")
class Artifact(Node):
    """A sequence."""

    name: str = attr("Its name.")
    trace: bool = attr("Whether.", default=False)
    steps: tuple[Node, ...] = body("Steps.")


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    document = json.loads(schema([Step.spec, Artifact.spec]))
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


def sequence(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"tag": "sequence", "@name": "s", "content": [{"tag": "step", **step} for step in steps]}


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        (sequence(), True),
        (sequence({"@a": "1"}), True),
        (sequence({"@b": "1", "unknown": 1}), True),
        (sequence({"@a": "1", "@mode": "FAST", "part": {"@name": "p"}, "more": [{"@name": "q"}]}), True),
        (sequence({}), False),
        (sequence({"@a": "1", "@b": "2"}), False),
        (sequence({"@b": "1", "@mode": "fast"}), False),
        (sequence({"@a": "1", "part": {}}), False),
        ({"tag": "sequence"}, False),
        ({"tag": "other", "@name": "s"}, False),
    ],
)
def test_elements_as_objects(validator: Draft202012Validator, value: dict[str, Any], valid: bool) -> None:
    assert validator.is_valid(value) is valid


def test_tools_find_documentation_defaults_and_examples() -> None:
    definitions = json.loads(schema([Step.spec, Artifact.spec]))["$defs"]
    assert definitions["mediator.step"]["description"] == "Do a step."
    assert definitions["mediator.step"]["examples"] == ['<step a="1"/>']
    assert definitions["mediator.step"]["properties"]["@mode"]["examples"] == ["fast", "slow"]
    assert definitions["artifact.sequence"]["properties"]["@trace"]["default"] == "false"


def test_the_schema_of_the_whole_language_is_one() -> None:
    Draft202012Validator.check_schema(json.loads(schema(language())))
