from __future__ import annotations

import typing

from engine.mediators._scopes import SCOPES, ScopeName


def test_every_scope_of_the_language_has_its_rules() -> None:
    assert set(SCOPES) == set(typing.get_args(ScopeName))


def test_synapse_is_another_word_for_default() -> None:
    assert SCOPES["synapse"] is SCOPES["default"]
