from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import etree

from engine.message import convert
from engine.message.codecs import json, xml
from engine.message.codecs.errors import DecodeError
from engine.message.json_rules import JsonRules, rules_from


def to_xml(raw: str) -> str:
    return xml.text_of(convert.json_to_xml(json.decode(raw.encode())))


def to_json(text: str) -> str:
    return json.encode(convert.xml_to_json(xml.decode(text.encode()))).decode()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('{"a":"x","b":1}', "<jsonObject><a>x</a><b>1</b></jsonObject>"),
        ("{}", "<jsonObject/>"),
        ("[1,{}]", "<jsonArray><jsonElement>1</jsonElement><jsonElement/></jsonArray>"),
        ("[]", "<jsonArray/>"),
        ('"x"', "<jsonValue>x</jsonValue>"),
        ("1.50", "<jsonValue>1.50</jsonValue>"),
        ("true", "<jsonValue>true</jsonValue>"),
        ("null", "<jsonValue/>"),
        ('{"k":[1,2]}', "<jsonObject><k>1</k><k>2</k></jsonObject>"),
        (
            '{"k":[[1,2],[3]]}',
            "<jsonObject><k><jsonArray><jsonElement>1</jsonElement><jsonElement>2</jsonElement></jsonArray></k>"
            "<k><jsonArray><jsonElement>3</jsonElement></jsonArray></k></jsonObject>",
        ),
        (
            "[[1]]",
            "<jsonArray><jsonElement><jsonArray><jsonElement>1</jsonElement></jsonArray></jsonElement></jsonArray>",
        ),
        ('{"a":null}', "<jsonObject><a/></jsonObject>"),
        ('{"e":[],"a":1}', "<jsonObject><a>1</a></jsonObject>"),
        ('{"x":{"@a":"v","b":1}}', '<jsonObject><x a="v"><b>1</b></x></jsonObject>'),
        ('{"x":{"b":1,"@a":true}}', '<jsonObject><x a="true"><b>1</b></x></jsonObject>'),
        ('{"x":{"@a":null,"$":"t"}}', '<jsonObject><x a="">t</x></jsonObject>'),
        ('{"1a":1}', "<jsonObject><_JsonReader_PD_1a>1</_JsonReader_PD_1a></jsonObject>"),
        ('{"a$b":1}', "<jsonObject><a_JsonReader_36_b>1</a_JsonReader_36_b></jsonObject>"),
        ('{"$b":1}', "<jsonObject><_JsonReader_PS_b>1</_JsonReader_PS_b></jsonObject>"),
        ('{"a b":1}', "<jsonObject><a_JsonReader_32_b>1</a_JsonReader_32_b></jsonObject>"),
        ('{"r":{"@xmlns":"urn:p","a":[1]}}', '<jsonObject><r xmlns="urn:p"><a>1</a></r></jsonObject>'),
        ('{"":1}', "<jsonObject><_JsonReader_PD_>1</_JsonReader_PD_></jsonObject>"),
        (
            '{"jsonObject":{"jsonArray":1}}',
            "<jsonObject><_JsonReader_106_sonObject><_JsonReader_106_sonArray>1</_JsonReader_106_sonArray>"
            "</_JsonReader_106_sonObject></jsonObject>",
        ),
        (
            '{"n":1e3,"m":25.0000,"k":303613711862382604}',
            "<jsonObject><n>1e3</n><m>25.0000</m><k>303613711862382604</k></jsonObject>",
        ),
        ('{"a":"<&>"}', "<jsonObject><a>&lt;&amp;&gt;</a></jsonObject>"),
    ],
)
def test_json_to_xml(raw: str, expected: str) -> None:
    assert to_xml(raw) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<jsonObject><a>x</a></jsonObject>", '{"a":"x"}'),
        ("<jsonObject/>", "{}"),
        ("<jsonArray><jsonElement>1</jsonElement><jsonElement/></jsonArray>", "[1,null]"),
        ("<jsonArray/>", "[]"),
        ("<jsonValue>x</jsonValue>", '"x"'),
        ("<jsonValue/>", "null"),
        ("<root><a>1</a></root>", '{"root":{"a":1}}'),
        ("<root/>", '{"root":null}'),
        ("<r><a>1</a><b>2</b><a>3</a></r>", '{"r":{"a":[1,3],"b":2}}'),
        ("<r><a>1</a></r>", '{"r":{"a":1}}'),
        ('<p:r xmlns:p="urn:p"><p:a>1</p:a></p:r>', '{"r":{"a":1}}'),
        ('<r xmlns="urn:p" xmlns:q="urn:q" q:x="1"/>', '{"r":{"@x":"1"}}'),
        ('<r a="1">5</r>', '{"r":{"@a":"1","$":5}}'),
        ('<r a="1"> <b/> </r>', '{"r":{"@a":"1","b":null}}'),
        ("<r><a></a><b/></r>", '{"r":{"a":null,"b":null}}'),
        ("<r><a>x<!-- c -->y<?p?>z</a></r>", '{"r":{"a":"xyz"}}'),
        ("<r><k><jsonArray><jsonElement>1</jsonElement></jsonArray></k></r>", '{"r":{"k":[1]}}'),
        (
            "<r><k><jsonArray><jsonElement>1</jsonElement></jsonArray></k><k>2</k></r>",
            '{"r":{"k":[[1],2]}}',
        ),
        ("<r><jsonObject><a>1</a></jsonObject></r>", '{"r":{"a":1}}'),
        ("<r><jsonObject><a>1</a></jsonObject><jsonObject/></r>", '{"r":[{"a":1},{}]}'),
        (
            "<r><jsonArray><jsonElement>1</jsonElement></jsonArray><jsonArray/></r>",
            '{"r":[[1],[]]}',
        ),
        ("<r><jsonObject><a>1</a></jsonObject><b/></r>", '{"r":{"jsonObject":{"a":1},"b":null}}'),
        ('<r x="1"><jsonObject><a>1</a></jsonObject></r>', '{"r":{"@x":"1","jsonObject":{"a":1}}}'),
        ("<r><_JsonReader_PD_1a>x</_JsonReader_PD_1a></r>", '{"r":{"1a":"x"}}'),
        ("<r><_JsonReader_PS_b>x</_JsonReader_PS_b></r>", '{"r":{"$b":"x"}}'),
        ("<r><a_JsonReader_36_b>x</a_JsonReader_36_b></r>", '{"r":{"a$b":"x"}}'),
        ("<r><a_JsonReader_9999999_/></r>", '{"r":{"a_JsonReader_9999999_":null}}'),
        ("<r><?xml-multiple a?><a>1</a><b/></r>", '{"r":{"a":[1],"b":null}}'),
        ("<r><?xml-multiple a?></r>", '{"r":{"a":[]}}'),
        ("<r><?xml-multiple?><a>1</a></r>", '{"r":{"a":[1]}}'),
        ("<r><?other a?><a>1</a></r>", '{"r":{"a":1}}'),
        ("<r><a><![CDATA[<x>&]]></a></r>", '{"r":{"a":"<x>&"}}'),
        ("<r>x<a>1</a>y</r>", '{"r":{"a":1,"$":"xy"}}'),
        ('<r xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>', '{"r":{"@nil":"true"}}'),
    ],
)
def test_xml_to_json(text: str, expected: str) -> None:
    assert to_json(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", "true"),
        ("false", "false"),
        ("null", "null"),
        ("True", '"True"'),
        ("0", "0"),
        ("-5", "-5"),
        ("007", '"007"'),
        ("+5", '"+5"'),
        (" 5", '" 5"'),
        ("5.", '"5."'),
        ("25.0000", "25.0000"),
        ("1e3", "1E+3"),
        ("0.0000001", "1E-7"),
        ("1.0E5", "1.0E+5"),
        ("303613711862382604", "303613711862382604"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1e9999999999999999999", '"1e9999999999999999999"'),
        ("NaN", '"NaN"'),
        ("٣", '"٣"'),
        ("x", '"x"'),
    ],
)
def test_text_becomes_a_primitive_as_java_prints_it(text: str, expected: str) -> None:
    assert json.encode(convert.primitive(text)).decode() == expected


def test_very_long_numbers_keep_their_text() -> None:
    literal = "1." + "0" * 2000
    assert str(convert.primitive(literal)) == literal


def test_own_text_is_that_between_the_children() -> None:
    assert convert.own_text(xml.decode(b"<a>x<b>no</b>y<!-- no -->z</a>")) == "xyz"


@pytest.mark.parametrize("raw", ['"\\u0000"', '{"a":"\\u001b"}', '["\\ud800"]', '{"@a":"\\u0001"}'])
def test_what_xml_cannot_carry(raw: str) -> None:
    with pytest.raises(DecodeError) as caught:
        to_xml(raw)
    assert str(caught.value).startswith("not representable as XML: ")


KEYS = st.text(min_size=1, max_size=8).filter(lambda key: key[0] != "@" and key != "$" and "_JsonReader_" not in key)
# What survives the round: no empty arrays, no arrays of one, no text that reads as a number or a constant.
WORDS = st.text("xyzäé€ <&>'\"", min_size=1, max_size=6)
LEAVES = st.none() | st.booleans() | st.integers(-(2**62), 2**62) | WORDS
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=3) | st.lists(inner, min_size=2, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=3) | st.lists(VALUES, max_size=3))
def test_xml_carries_json_there_and_back(value: Any) -> None:
    assert convert.xml_to_json(convert.json_to_xml(value)) == value


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=3))
def test_the_xml_of_json_is_well_formed(value: Any) -> None:
    element = convert.json_to_xml(value)
    assert xml.text_of(xml.decode(xml.encode(element))).replace("&#13;", "") == xml.text_of(element).replace(
        "&#13;", ""
    )


@given(st.text(max_size=10))
def test_any_key_becomes_a_name_and_comes_back(key: str) -> None:
    assume(key != "$" and not key.startswith("@") and "_JsonReader_" not in key)
    element = convert.json_to_xml({key: "x"})
    xml.decode(xml.encode(element))
    assert convert.xml_to_json(element) == {key: "x"}


def settled(text: str, **properties: str) -> str:
    rules = rules_from({f"synapse.commons.{name.replace('__', '.')}": value for name, value in properties.items()})
    return json.encode(convert.xml_to_json(xml.decode(text.encode()), rules)).decode()


NAMESPACES = '<p:r xmlns:p="urn:p" xmlns="urn:d" p:x="1"><a>1</a><p:a/></p:r>'


@pytest.mark.parametrize(
    ("text", "properties", "expected"),
    [
        (NAMESPACES, {"json__preserve__namespace": "true"}, '{"p_r":{"@p_x":"1","a":1,"p_a":null}}'),
        (
            NAMESPACES,
            {
                "json__preserve__namespace": "true",
                "json__output__namespaceSepChar": ":",
                "json__output__enableNSDeclarations": "true",
            },
            '{"p:r":{"@xmlns:p":"urn:p","@xmlns":"urn:d","@p:x":"1","a":1,"p:a":null}}',
        ),
        (
            "<r><a>1</a><b>true</b><c/></r>",
            {"json__output__autoPrimitive": "false"},
            '{"r":{"a":"1","b":"true","c":null}}',
        ),
        (
            "<r><a>1</a><b>22</b><c>null</c></r>",
            {"json__output__disableAutoPrimitive__regex": r"\d|null"},
            '{"r":{"a":"1","b":22,"c":"null"}}',
        ),
        (
            "<r><a>S001</a><b>Sx</b><c>1</c></r>",
            {
                "json__output__disableAutoPrimitive__customReplaceRegex": r"S(\d)",
                "json__output__disableAutoPrimitive__customReplaceSequence": "$1",
            },
            '{"r":{"a":"001","b":"Sx","c":1}}',
        ),
        ("<r><a/><b></b></r>", {"enableXmlNullForEmptyElement": "false"}, '{"r":{"a":"","b":""}}'),
        ("<r><a/></r>", {"json__output__emptyXmlElemToEmptyStr": "true"}, '{"r":{"a":""}}'),
        ('<r><a nil="true"/><b>1</b></r>', {"enableXmlNilReadWrite": "true"}, '{"r":{"a":null,"b":1}}'),
        (
            '<r xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><a i:nil="true"/></r>',
            {"enableXmlNilReadWrite": "true"},
            '{"r":{"a":null}}',
        ),
        ("<r><?xml-multiple a?><a>1</a></r>", {"json__output__jsonoutMultiplePI": "false"}, '{"r":{"a":1}}'),
    ],
)
def test_settings_of_xml_to_json(text: str, properties: dict[str, str], expected: str) -> None:
    assert settled(text, **properties) == expected


def test_null_as_nil() -> None:
    rules = JsonRules(nil=True)
    assert xml.text_of(convert.json_to_xml({"a": None}, rules)) == '<jsonObject><a nil="true"/></jsonObject>'


def test_arrays_with_processing_instructions() -> None:
    element = convert.json_to_xml({"a": [1], "b": [], "c d": [[]]}, JsonRules(write_instructions=True))
    assert xml.text_of(element) == (
        "<jsonObject><?xml-multiple a?><a>1</a><?xml-multiple b?>"
        "<?xml-multiple c_JsonReader_32_d?><c_JsonReader_32_d><jsonArray><?xml-multiple jsonElement?></jsonArray>"
        "</c_JsonReader_32_d></jsonObject>"
    )


ALL_VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3) | st.lists(inner, max_size=3), max_leaves=10
)


def without_empty_objects(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_empty_objects(item) for key, item in value.items()} or None
    return [without_empty_objects(item) for item in value] if isinstance(value, list) else value


@given(st.dictionaries(KEYS, ALL_VALUES, min_size=1, max_size=3) | st.lists(ALL_VALUES, max_size=3))
def test_with_instructions_arrays_of_none_and_one_come_back(value: Any) -> None:
    element = convert.json_to_xml(value, JsonRules(write_instructions=True))
    again = xml.decode(xml.encode(element))
    assert convert.xml_to_json(again) == without_empty_objects(value)


ELEMENTS: st.SearchStrategy[Any] = st.recursive(
    st.tuples(st.sampled_from("abc"), WORDS),
    lambda inner: st.tuples(st.sampled_from("abc"), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=8,
)


def tree(shape: Any) -> xml.Element:
    name, content = shape
    element = etree.Element(name)
    if isinstance(content, str):
        element.text = content
    else:
        # Equal names side by side: JSON keeps them together, whatever stood between.
        element.extend(sorted(map(tree, content), key=lambda child: str(child.tag)))
    return element


@given(ELEMENTS)
def test_json_carries_xml_without_attributes_there_and_back(shape: Any) -> None:
    root = tree(shape)
    again = convert.json_to_xml(convert.xml_to_json(root))[0]
    assert etree.tostring(again, method="c14n") == etree.tostring(root, method="c14n")
