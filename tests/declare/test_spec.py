from __future__ import annotations

import pytest

from engine.declare.spec import REQUIRED, SYNAPSE, FieldSpec, Node, Spec


def test_the_namespace_of_the_language() -> None:
    assert SYNAPSE == "http://ws.apache.org/ns/synapse"


@pytest.mark.parametrize(("default", "required"), [(REQUIRED, True), (None, False), ("", False), (False, False)])
def test_a_field_without_default_is_required(default: object, required: bool) -> None:
    assert FieldSpec("a", "attribute", "a", "Doc.", default=default).required == required


@pytest.mark.parametrize(
    ("each", "label"),
    [
        (FieldSpec("key_", "attribute", "key", ""), "the attribute 'key'"),
        (FieldSpec("parts", "children", "part", ""), "<part>"),
        (FieldSpec("then", "body", "then", ""), "<then>"),
        (FieldSpec("endpoint", "slot", "", "", of="endpoint"), "an <endpoint>"),
        (FieldSpec("kind", "slot", "", "", of="endpoint-type"), "an element of kind endpoint-type"),
        (FieldSpec("content", "text", "", ""), "text"),
        (FieldSpec("steps", "body", "", ""), "mediators"),
        (FieldSpec("raw", "inline", "", ""), "XML inside"),
    ],
)
def test_messages_call_a_field_by_its_xml(each: FieldSpec, label: str) -> None:
    assert each.label == label


def test_a_spec_finds_its_fields_by_their_python_names() -> None:
    each = FieldSpec("key_", "attribute", "key", "")
    spec = Spec("x", (), "", "", "", "", (each,), (), Node)
    assert spec.field("key_") is each


def test_required_prints_as_a_word() -> None:
    assert repr(REQUIRED) == "required"
