from __future__ import annotations

from typing import Any

import pytest

from engine.mediators._mapping_schema import items_of, level_of, member, schema_from, variable


def test_a_schema_of_a_mapping() -> None:
    schema = schema_from(
        {
            "title": "a:order",
            "namespaces": [
                {"prefix": "a", "url": "urn:x"},
                {"prefix": "b", "url": "urn:x"},
                {"prefix": "a", "url": "urn:y"},
            ],
        }
    )
    assert schema.title == "a:order"
    assert schema.namespaces == {"a": "urn:x", "b": "urn:x"}  # the first of a prefix counts
    assert (schema.prefixes("urn:x"), schema.prefixes("urn:y")) == (["a", "b"], [])


@pytest.mark.parametrize("document", [{}, {"title": 5}, [], "text", None])
def test_what_is_none(document: Any) -> None:
    with pytest.raises(ValueError, match="it has no title"):
        schema_from(document)


def test_levels() -> None:
    assert level_of({"properties": {"a": {}}, "attributes": {"id": {}}}) == {"a": {}, "id": {}}
    assert level_of({"type": "string"}) == {}
    item = {"type": "object", "properties": {"a": {}}}
    assert items_of({"items": [item]}) == item
    assert items_of({"items": item}) == item
    assert items_of({"items": [item], "attributes": {"id": {}}}) == {**item, "attributes": {"id": {}}}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("city", "city"),
        ("ns:first-name", "ns_first_EnC0DeCHaRHyPh3n_name"),
        ("a:record,xsi:type=sf:Account", "a_record_Separat0r_xsi_type_sf_Account"),
    ],
)
def test_names_in_a_mapping(name: str, expected: str) -> None:
    assert member(name) == expected


def test_titles_in_a_mapping() -> None:
    assert variable("SOAP-ENV:Envelope") == "SOAP_EnC0DeCHaRHyPh3n_ENV_Envelope"
