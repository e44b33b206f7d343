from __future__ import annotations

from lxml import etree

from engine.mediators._xml_schema import XmlSchema

XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'


def test_schemas_without_a_namespace_are_put_together() -> None:
    entries = [f'<xs:schema {XS}><xs:element name="{name}" type="xs:int"/></xs:schema>' for name in ("a", "b")]
    schema = XmlSchema(entries, {})
    assert schema.mistakes(etree.fromstring("<a>1</a>")) == []
    [mistake] = schema.mistakes(etree.fromstring("<b>x</b>"))
    assert str(mistake).startswith("line 1: Element 'b'")


def test_an_element_inside_a_tree_is_checked_alone() -> None:
    schema = XmlSchema([f'<xs:schema {XS}><xs:element name="a"/></xs:schema>'], {})
    tree = etree.fromstring("<x><a/>tail</x>")
    assert schema.mistakes(tree[0]) == []
    assert etree.tostring(tree) == b"<x><a/>tail</x>"
