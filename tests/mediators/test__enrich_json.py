from __future__ import annotations

from typing import Any

import pytest

from engine.mediators import _enrich_json
from engine.testing.harness import Harness


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), ('"x"', "x"), ("null", None), ("word", "word"), ("<a/>", "<a/>"), ("[1", "[1"), ('{"a":1}', {"a": 1})],
)
def test_text_as_json(text: str, value: Any) -> None:
    assert _enrich_json.parse(text) == value


def test_the_document_is_a_copy() -> None:
    message = Harness().message(b'{"a": [1]}')
    _enrich_json.document_of(message)["a"].append(2)
    assert message.payload.json() == {"a": [1]}


def test_siblings_of_properties_are_refused_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    message = Harness().message()
    message.properties["p"] = "[1]"
    _enrich_json.set_property(message, "p", "sibling", 2)
    assert message.properties["p"] == "[1]"
    assert "the action sibling does not work" in caplog.text
