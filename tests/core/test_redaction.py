from __future__ import annotations

import pytest

from engine.core import redaction
from engine.core.redaction import Redactor, is_secret


def test_a_value_is_masked_wherever_it_stands() -> None:
    redactor = Redactor()
    assert redactor.masked("hunter2") == "hunter2"
    redactor.add("hunter2")
    assert redactor.masked("user:hunter2@host hunter2.") == "user:***@host ***."


@pytest.mark.parametrize(
    "written", ['pa"ß<&>/w', r"pa\"ß<&>/w", r"pa\"\u00df<&>/w", 'pa"ß&lt;&amp;&gt;/w', "pa%22%C3%9F%3C%26%3E%2Fw"]
)
def test_so_it_is_in_json_xml_and_urls(written: str) -> None:
    redactor = Redactor()
    redactor.add('pa"ß<&>/w')
    assert redactor.masked(f"[{written}]") == "[***]"


def test_the_longer_of_two_values_goes_first() -> None:
    redactor = Redactor()
    redactor.add("secret")
    redactor.add("secret-and-more")
    assert redactor.masked("secret-and-more secret") == "*** ***"


def test_short_values_stand_in_too_many_words() -> None:
    redactor = Redactor()
    redactor.add("abc")
    redactor.add("")
    assert redactor.masked("abcd") == "abcd"


def test_values_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "MOST", 2)
    redactor = Redactor()
    for value in ("first", "second", "third"):
        redactor.add(value)
    assert redactor.masked("first second third") == "first *** ***"


@pytest.mark.parametrize(
    ("name", "secret"), [("accessToken", True), ("API_KEY", True), ("Password", True), ("HOST", False)]
)
def test_names_of_secrets(name: str, secret: bool) -> None:
    assert is_secret(name) is secret
