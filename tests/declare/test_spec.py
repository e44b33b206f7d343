from __future__ import annotations

import pytest

from engine.declare.spec import REQUIRED, SYNAPSE, FieldSpec


def test_the_namespace_of_the_language() -> None:
    assert SYNAPSE == "http://ws.apache.org/ns/synapse"


@pytest.mark.parametrize(("default", "required"), [(REQUIRED, True), (None, False), ("", False), (False, False)])
def test_a_field_without_default_is_required(default: object, required: bool) -> None:
    assert FieldSpec("a", "attribute", "a", "Doc.", default=default).required == required


def test_required_prints_as_a_word() -> None:
    assert repr(REQUIRED) == "required"
