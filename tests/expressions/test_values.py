from __future__ import annotations

import math
from typing import Any

import pytest
from lxml import etree

from engine.expressions.values import (
    argument_of,
    argument_string,
    bind,
    elements_of,
    java_double,
    nodes_text,
    text_of,
    truth_of,
    xml_safe,
    xpath_number,
    xpath_string,
)
from engine.message.codecs.json import JsonNumber


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3.0, "3.0"),
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (0.001, "0.001"),
        (0.0009, "9.0E-4"),
        (1e-5, "1.0E-5"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (12345678.0, "1.2345678E7"),
        (1e10, "1.0E10"),
        (-1.5e20, "-1.5E20"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        (5e-324, "5.0E-324"),
        (0.1, "0.1"),
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
    ],
)
def test_trap_03_java_double(value: float, expected: str) -> None:
    assert java_double(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3.0, "3"), (-0.0, "0"), (0.5, "0.5"), (1e21, "1000000000000000000000"), (1e-7, "0.0000001"), (math.nan, "NaN")],
)
def test_xpath_number(value: float, expected: str) -> None:
    assert xpath_number(value) == expected


ELEMENT = etree.fromstring("<a><b>x</b></a>")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, []),
        ("text", "text"),
        ("nul\x00", "nul\ufffd"),
        (True, True),
        (5, 5.0),
        (2**31 - 1, float(2**31 - 1)),
        (1700000000000, "1700000000000"),
        (123456789012345678, "123456789012345678"),
        (2.5, 2.5),
        (1e10, "10000000000"),
        (JsonNumber("1.50"), "1.50"),
        ({"a": [1]}, '{"a":[1]}'),
        ([1, "b"], '[1,"b"]'),
        ([], "[]"),
        (ELEMENT, [ELEMENT]),
        ([ELEMENT, ELEMENT], [ELEMENT, ELEMENT]),
    ],
)
def test_trap_09_typed_values_are_bound_as_what_they_are(value: Any, expected: Any) -> None:
    bound = bind(value)
    assert bound == expected
    assert type(bound) is type(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("x", "x"),
        (5, "5"),
        (5.0, "5.0"),
        (True, "true"),
        ({"a": None}, '{"a":null}'),
        (ELEMENT, "<a><b>x</b></a>"),
        ([ELEMENT[0]], "x"),
    ],
)
def test_text_of(value: Any, expected: str | None) -> None:
    assert text_of(value) == expected


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (["<symbol/>"], "<symbol/>"),
        (["<a><b>x</b></a>"], "<a><b>x</b></a>"),
        (["<a>one<b>x</b>two</a>"], "onetwo"),
        (["<a>\u00a0 padded \u00a0</a>"], "padded"),
        (["<a>  </a>"], "<a>  </a>"),
        (["<a>1</a>", "<a>2</a>"], "<a>1</a><a>2</a>"),
        ([], ""),
    ],
)
def test_trap_02_nodes_print_as_text_or_xml(xml: list[str], expected: str) -> None:
    assert nodes_text([etree.fromstring(text) for text in xml]) == expected


def test_trap_02_text_and_attribute_nodes_are_joined() -> None:
    assert nodes_text(["one", "two"]) == "onetwo"


def test_an_element_prints_without_the_namespaces_of_its_envelope() -> None:
    root = etree.fromstring('<s:e xmlns:s="urn:s" xmlns:t="urn:t"><a/><t:b/></s:e>')
    assert nodes_text([root[0]]) == "<a/>"
    assert nodes_text([root[1]]) == '<t:b xmlns:t="urn:t"/>'


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, ""), ("x", "x"), (5, "5"), (2.0, "2"), (False, "false"), (ELEMENT, "x"), ([ELEMENT], "x"), ([1], "[1]")],
)
def test_xpath_string(value: Any, expected: str) -> None:
    assert xpath_string(value) == expected


@pytest.mark.parametrize(("value", "expected"), [([], ""), (["attribute"], "attribute"), ([ELEMENT], "x"), (1.0, "1")])
def test_argument_string(value: Any, expected: str) -> None:
    assert argument_string(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, False),
        ("", False),
        ("false", True),
        (False, False),
        (0, False),
        (3, True),
        (math.nan, False),
        (ELEMENT, True),
        ({}, True),
    ],
)
def test_trap_16_truth_of_a_property(value: Any, expected: bool) -> None:
    assert truth_of(value) is expected


def test_trap_07_one_element_stays_an_element() -> None:
    assert argument_of(ELEMENT) is ELEMENT
    assert argument_of([ELEMENT]) is ELEMENT
    assert argument_of([ELEMENT[0], ELEMENT[0]]) == "<b>x</b><b>x</b>"
    assert argument_of(5) == "5"
    assert argument_of(None) is None


def test_xml_safe_keeps_what_xml_can_carry() -> None:
    assert xml_safe("tab\tline\né😀") == "tab\tline\né😀"
    assert xml_safe("\x01\ud800") == "\ufffd\ufffd"


def test_elements_of_what_an_expression_found() -> None:
    one, other = etree.XML("<a/>"), etree.XML("<b/>")
    assert elements_of(one) == [one]
    assert elements_of([one, "text", other]) == [one, other]
    assert elements_of("text") == elements_of(None) == elements_of([]) == []
