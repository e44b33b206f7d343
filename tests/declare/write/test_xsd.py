from __future__ import annotations

from typing import Literal

import pytest
from lxml import etree

from engine.declare.fields import attr, body, child, element, inline
from engine.declare.spec import SYNAPSE, Node
from engine.declare.write.xsd import XS, schema
from engine.source import Element

INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


@element("part")
class Part(Node):
    """A part."""

    name: str = attr("Its name.")


@element("step", kind="mediator")
class Step(Node):
    """Do a step."""

    name: str = attr("Its name.")
    mode: Literal["", "fast", "slow"] = attr("How.", default="")
    part: Part | None = child("A part.", tag="part")
    raw: tuple[Element, ...] = inline("XML.", tag="format")


@element("sequence", kind="artifact")
class Artifact(Node):
    """A sequence."""

    name: str = attr("Its name.")
    steps: tuple[Node, ...] = body("Steps.")


@element("sequence", kind="mediator")
class Call(Node):
    """Call a sequence."""

    key: str = attr("Which.")


@pytest.fixture(scope="module")
def document() -> etree._Element:
    return etree.fromstring(schema([Step.spec, Artifact.spec, Call.spec]))


@pytest.fixture(scope="module")
def compiled(document: etree._Element) -> etree.XMLSchema:
    return etree.XMLSchema(document)


def accepts(compiled: etree.XMLSchema, xml: str) -> bool:
    return bool(compiled.validate(etree.fromstring(xml)))


@pytest.mark.parametrize(
    "inside",
    [
        '<step name="a"/>',
        '<step name="a" mode="fast" description="any"/>',
        '<step name="a" mode="FAST"/>',
        '<step name="{$ctx:a}"><part name="p"/>text<format><x xmlns="urn:own"/></format></step>',
        '<sequence name="a"><step name="b"/><sequence key="c"/></sequence>',
        '<other xmlns="urn:other"/>',
        f'<step name="a"><format><x xmlns="" xmlns:i="{INSTANCE}" i:type="y"/></format></step>',
    ],
)
def test_what_the_checker_accepts_is_accepted(compiled: etree.XMLSchema, inside: str) -> None:
    assert accepts(compiled, f'<definitions xmlns="{SYNAPSE}">{inside}</definitions>'), compiled.error_log


@pytest.mark.parametrize(
    "xml",
    [
        f'<step xmlns="{SYNAPSE}"/>',
        f'<nonsense xmlns="{SYNAPSE}"/>',
        f'<sequence xmlns="{SYNAPSE}" name="a"><step/></sequence>',
        '<step name="a"/>',
    ],
)
def test_what_an_editor_marks(compiled: etree.XMLSchema, xml: str) -> None:
    assert not accepts(compiled, xml)


def declared(document: etree._Element, tag: str) -> etree._Element:
    (found,) = document.findall(f"{{{XS}}}element[@name='{tag}']")
    return found


def test_editors_find_choices_and_documentation(document: etree._Element) -> None:
    step = declared(document, "step")
    assert [each.get("value") for each in step.iter(f"{{{XS}}}enumeration")] == ["", "fast", "slow"]
    documentation = [each.text for each in step.iter(f"{{{XS}}}documentation")]
    assert documentation == ["Do a step.", "<format>: XML.", "<part>: A part.", "How.", "Its name."]
    assert document.get("targetNamespace") == SYNAPSE


def test_a_tag_of_two_kinds_has_the_fields_of_both(document: etree._Element) -> None:
    attributes = list(declared(document, "sequence").iter(f"{{{XS}}}attribute"))
    assert [(each.get("name"), each.get("use")) for each in attributes] == [("key", "optional"), ("name", "optional")]
