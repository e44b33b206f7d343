from __future__ import annotations

from typing import Literal

import pytest

from engine.declare.convert import Duration
from engine.declare.fields import (
    attr,
    body,
    child,
    child_text,
    children,
    element,
    inline,
    slot,
    slots,
    text,
)
from engine.declare.spec import REQUIRED, FieldSpec, Node, OneOf
from engine.errors import Where
from engine.expressions.base import Expression
from engine.source import Element

HERE = Where("f.xml", 3, 4)


@element("part")
class Part(Node):
    """A part of another."""

    name: str = attr("Its name.")


@element("thing", kind=("mediator", "artifact"), category="test", rules=(OneOf(("mode", "wait"), optional=True),))
class Thing(Node):
    """Do a thing.

    It takes a while.

    Example::

        <thing id="1">
            <part name="a"/>
        </thing>
    """

    id: int = attr("A number.")
    class_: str = attr("A class.", default="")
    mode: Literal["fast", "slow"] | None = attr("How.", default=None)
    wait: Duration | None = attr("How long.", name="wait-for", default=None)
    key: str | None = attr("Which.", default=None, refers="sequence")
    content: str = text("Own text.", default="")
    first: Part | None = child("One.", tag="first")
    parts: tuple[Part, ...] = children("Many.", tag="part")
    note: str | None = child_text("A note.", tag="note")
    then: tuple[Node, ...] | None = body("Steps.", tag="then")
    steps: tuple[Node, ...] = body("Direct steps.")
    target: Node | None = slot("One endpoint.", of="endpoint")
    targets: tuple[Node, ...] = slots("Endpoints.", of="endpoint")
    raw: tuple[Element, ...] = inline("XML.", tag="raw")
    not_declared: int = 7


FIELDS = {each.attribute: each for each in Thing.spec.fields}


@pytest.mark.parametrize(
    "expected",
    [
        FieldSpec("id", "attribute", "id", "A number.", int, REQUIRED),
        FieldSpec("class_", "attribute", "class", "A class.", str, ""),
        FieldSpec("mode", "attribute", "mode", "How.", Literal["fast", "slow"], None, ("fast", "slow")),
        FieldSpec("wait", "attribute", "wait-for", "How long.", Duration, None),
        FieldSpec("key", "attribute", "key", "Which.", str, None, refers="sequence"),
        FieldSpec("content", "text", "", "Own text.", str, ""),
        FieldSpec("first", "child", "first", "One.", Part, None, item=Part.spec),
        FieldSpec("parts", "children", "part", "Many.", tuple[Part, ...], (), item=Part.spec),
        FieldSpec("note", "child-text", "note", "A note.", str, None),
        FieldSpec("then", "body", "then", "Steps.", tuple[Node, ...], None),
        FieldSpec("steps", "body", "", "Direct steps.", tuple[Node, ...], ()),
        FieldSpec("target", "slot", "", "One endpoint.", Node, None, of="endpoint"),
        FieldSpec("targets", "slots", "", "Endpoints.", tuple[Node, ...], (), of="endpoint"),
        FieldSpec("raw", "inline", "raw", "XML.", tuple[Element, ...], ()),
    ],
    ids=lambda each: each.attribute,
)
def test_each_field_function_declares_its_kind(expected: FieldSpec) -> None:
    assert FIELDS[expected.attribute] == expected


def test_only_declared_fields_are_of_the_language() -> None:
    assert "not_declared" not in FIELDS
    assert [each.attribute for each in Thing.spec.fields][:3] == ["id", "class_", "mode"]


def test_the_declaration_reads_tag_kinds_and_docstring() -> None:
    spec = Thing.spec
    assert (spec.tag, spec.kinds, spec.category) == ("thing", ("mediator", "artifact"), "test")
    assert (spec.summary, spec.doc) == ("Do a thing.", "Do a thing.\n\nIt takes a while.")
    assert spec.example == '<thing id="1">\n    <part name="a"/>\n</thing>'
    assert spec.rules == (OneOf(("mode", "wait"), optional=True),)
    assert not spec.open_content
    assert Part.spec.kinds == ()


def test_one_kind_may_be_a_word() -> None:
    @element("x", kind="mediator", open_content=True)
    class X(Node):
        """X."""

    assert (X.spec.kinds, X.spec.open_content, X.spec.example) == (("mediator",), True, "")


def test_the_class_makes_objects_with_defaults_and_a_place() -> None:
    thing = Thing.spec.construct(where=HERE, id=5)
    assert isinstance(thing, Thing)
    assert (thing.id, thing.class_, thing.parts, thing.then, thing.steps) == (5, "", (), None, ())
    assert thing.where == HERE
    assert thing.not_declared == 7
    assert thing.reads_body is False


def test_a_required_field_is_a_required_argument() -> None:
    with pytest.raises(TypeError):
        Thing.spec.construct(where=HERE)


def test_two_objects_are_equal_only_when_they_are_one() -> None:
    first, second = Part(name="a", where=HERE), Part(name="a", where=HERE)  # type: ignore[call-arg]
    assert first != second
    assert len({first, second}) == 2


def test_a_class_may_always_read_the_body() -> None:
    @element("reader", kind="mediator")
    class Reader(Node):
        """Reads."""

        reads_body = True

    assert Reader.spec.construct(where=HERE).reads_body is True


def test_an_expression_may_be_optional() -> None:
    @element("x", kind="mediator")
    class X(Node):
        """X."""

        either: Expression | None = attr("An expression.", default=None)

    assert X.spec.fields[0].type is Expression


def test_a_docstring_is_not_needed_to_declare() -> None:
    @element("bare")
    class Bare(Node):
        pass

    assert (Bare.spec.summary, Bare.spec.doc, Bare.spec.example) == ("", "", "")
