from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.mediators._mapping_output import to_csv, to_json, to_xml
from engine.mediators._mapping_schema import schema_from
from engine.message.codecs import xml

PLAIN = schema_from({"title": "r"})
NAMESPACED = schema_from({"title": "p:r", "namespaces": [{"prefix": "p", "url": "urn:p"}, {"prefix": "q", "url": "q"}]})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, "<r/>"),
        ({"a": "x<", "b": 57, "c": True, "d": None, "e": ""}, "<r><a>x&lt;</a><b>57</b><c>true</c><e></e></r>"),
        ({"a": {"b": {"c": 1}}}, "<r><a><b><c>1</c></b></a></r>"),
        ({"a": [1, "x", None]}, "<r><a>1</a><a>x</a><a/></r>"),
        ({"a": [{"b": 1}, {}]}, "<r><a><b>1</b></a><a/></r>"),
        ({"a": []}, "<r><a/></r>"),
        ({"a": [[1, 2], [3]]}, "<r><a>1</a><a>2</a><a>3</a></r>"),
        ({"a": {"0": "x", "1": "y"}}, "<r><a>x</a><a>y</a></r>"),  # filled by index
        ({"b": 1, "attr_x": "1", "attr_y": 2, "attr_z": None}, '<r y="2" x="1"><b>1</b></r>'),
        ({"a": {"_ELEMVAL": "t", "attr_x": True, "b": 1}}, '<r><a x="true">t<b>1</b></a></r>'),
        ({"a": {"b": 1, "_ELEMVAL": "t"}}, "<r><a><b>1</b>t</a></r>"),
        ({"a_EnC0DeCHaRHyPh3n_b": 1, "no_prefix": 2}, "<r><a-b>1</a-b><no_prefix>2</no_prefix></r>"),
        ({"a_Separat0r_xsi_type_Account": {"b": 1}}, "<r><a><b>1</b></a></r>"),
    ],
)
def test_elements(value: Any, expected: str) -> None:
    assert xml.text_of(to_xml(value, PLAIN)) == expected


def test_namespaces() -> None:
    value = {"attr_q_id": 1, "attr_z_id": 2, "p_a": {"q_b_c": 1}, "p": 2}
    expected = '<p:r xmlns:p="urn:p" xmlns:q="q" z_id="2" q:id="1"><p:a><q:b_c>1</q:b_c></p:a><p>2</p></p:r>'
    assert xml.text_of(to_xml(value, NAMESPACED)) == expected


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ([{"a": 1}], "the mapping gave no object, and XML has one root"),
        ("text", "the mapping gave no object"),
        ({"a b": 1}, "the mapping gave what XML cannot carry: Invalid tag name"),
        ({"a": "\x00"}, "the mapping gave what XML cannot carry: All strings must be XML compatible"),
    ],
)
def test_faults(value: Any, problem: str) -> None:
    with pytest.raises(Fault, match=problem):
        to_xml(value, PLAIN)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"a": 1, "b": 'x, "y"'}, {"a": None, "b": True}], '1,"x, ""y"""\n,true'),
        ([], ""),
        ({"rows": [{"a": 1, "in": {"b": 2}}, {"a": 3}]}, "1,2\n3"),
        ([["a", "é"], [1]], "a\né\n1"),
    ],
)
def test_records(value: Any, expected: str) -> None:
    assert to_csv(value) == expected


def test_json_has_its_hyphens() -> None:
    value = {"a_EnC0DeCHaRHyPh3n_b": ["x_EnC0DeCHaRHyPh3n_y", 1, None, {"c": True}]}
    assert to_json(value) == {"a-b": ["x-y", 1, None, {"c": True}]}
