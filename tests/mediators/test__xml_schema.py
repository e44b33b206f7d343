from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from engine.errors import Fault
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


@pytest.mark.parametrize(
    "inside",
    [
        '<xs:include schemaLocation="{file}"/>',
        '<xs:include schemaLocation="file://{file}"/>',
        '<xs:redefine schemaLocation="{file}"/>',
        '<xs:import namespace="urn:x" schemaLocation="{file}"/>',
    ],
)
def test_files_are_out_of_reach(tmp_path: Path, inside: str) -> None:
    file = tmp_path / "x.xsd"
    namespace = 'targetNamespace="urn:x"' if "import" in inside else ""
    file.write_text(f'<xs:schema {XS} {namespace}><xs:element name="a"/></xs:schema>')
    with pytest.raises(Fault, match="the schema cannot be used: "):
        XmlSchema([f"<xs:schema {XS}>{inside.format(file=file)}</xs:schema>"], {})


def test_a_message_brings_no_schema_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "x.xsd"
    file.write_text(f'<xs:schema {XS} targetNamespace="urn:x"><xs:element name="x"/></xs:schema>')
    strict = "<xs:complexType><xs:sequence><xs:any/></xs:sequence></xs:complexType>"
    schema = XmlSchema([f'<xs:schema {XS}><xs:element name="a">{strict}</xs:element></xs:schema>'], {})
    location = f'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="urn:x {file}"'
    [mistake] = schema.mistakes(etree.fromstring(f'<a {location}><x xmlns="urn:x"/></a>'))
    assert "No matching global element declaration" in mistake.text


def test_a_pattern_that_is_too_much_for_the_library_is_a_fault() -> None:
    restriction = '<xs:restriction base="xs:string"><xs:pattern value="(a|aa)+"/></xs:restriction>'
    schema = XmlSchema(
        [f'<xs:schema {XS}><xs:element name="a"><xs:simpleType>{restriction}</xs:simpleType></xs:element></xs:schema>'],
        {},
    )
    assert schema.mistakes(etree.fromstring("<a>aaa</a>")) == []
    with pytest.raises(Fault, match="the payload cannot be checked: Internal error in XML Schema validation"):
        schema.mistakes(etree.fromstring(f"<a>{'a' * 60}b</a>"))
