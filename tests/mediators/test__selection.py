from __future__ import annotations

import pytest
from lxml import etree

from engine.errors import Fault
from engine.expressions.compile import compile_expression
from engine.mediators._selection import replace, selected, set_text
from engine.testing.harness import Harness


def test_the_first_element_that_is_found() -> None:
    message = Harness().message(b"<a><b>1</b><b>2</b></a>", "application/xml")
    element = selected(message, compile_expression("//b", {}))
    assert element is not None
    assert element.text == "1"
    first = selected(message, None)
    assert first is not None
    assert first.tag == "a"
    assert selected(Harness().message(), None) is None


@pytest.mark.parametrize(
    ("source", "message"), [("//none", "finds no element"), ("'text'", "not XML"), ("1", "finds no")]
)
def test_what_is_no_element(source: str, message: str) -> None:
    with pytest.raises(Fault, match=message):
        selected(Harness().message(b"<a/>", "application/xml"), compile_expression(source, {}))


def test_the_text_behind_an_element_stays_where_it_is() -> None:
    message = Harness().message(b"<a>x<b>1</b>y</a>", "application/xml")
    envelope = message.payload.editable_envelope()
    place = envelope.find(".//b")
    assert place is not None
    replace(message, place, etree.fromstring("<c/>"))
    assert message.payload.body() == b"<a>x<c/>y</a>"


def test_a_place_outside_the_message() -> None:
    message = Harness().message(b"<a/>", "application/xml")
    with pytest.raises(Fault, match="no part of the message"):
        replace(message, etree.fromstring("<b/>"), etree.fromstring("<c/>"))


def test_text_replaces_all_that_is_inside() -> None:
    element = etree.fromstring("<a>x<b/>y</a>")
    set_text(element, "z")
    assert etree.tostring(element) == b"<a>z</a>"
