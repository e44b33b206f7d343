from __future__ import annotations

from engine.mediators._stylesheet import text_output


def test_text_is_in_the_element_that_synapse_puts_it_into() -> None:
    output = text_output("a < é")
    assert output.text() == "a < é"
    assert (output.element.tag, output.element.text) == ("{http://ws.apache.org/commons/ns/payload}text", "a < é")
