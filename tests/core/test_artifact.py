from __future__ import annotations

import pytest

from engine.core.artifact import Artifact, check_name
from engine.declare.convert import Unacceptable


@pytest.mark.parametrize("name", ["orders", "a.b-c_d", "größe", "a:b", "a+b@c", "2"])
def test_name(name: str) -> None:
    check_name("proxy", name)


@pytest.mark.parametrize("name", [None, ""])
def test_name_that_is_missing(name: str | None) -> None:
    with pytest.raises(Unacceptable) as raised:
        check_name("proxy", name)
    error = raised.value
    assert (error.code, error.message, error.hint) == ("missing-attribute", "a proxy needs a name.", 'Add name="…".')


@pytest.mark.parametrize("character", ["/", "\\", "?", "#", "%", " ", "\t", "\u00a0", "\x01"])
def test_name_that_cannot_be_in_a_path(character: str) -> None:
    with pytest.raises(Unacceptable) as raised:
        check_name("proxy", f"a{character}b")
    assert raised.value.code == "bad-name"
    assert raised.value.message == f"'{character}' cannot be part of a name, as in 'a{character}b'."


def test_artifact_has_no_address_of_its_own() -> None:
    class Thing(Artifact):
        kind = "thing"
        name = "t"

    assert Thing().address is None
