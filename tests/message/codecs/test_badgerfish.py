from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.message.codecs import badgerfish, json, xml
from engine.message.codecs.errors import DecodeError

BOTH_WAYS = [
    ("<alice>bob</alice>", '{"alice":{"$":"bob"}}'),
    ("<a/>", '{"a":{}}'),
    (
        "<alice><bob>charlie</bob><david>edgar</david></alice>",
        '{"alice":{"bob":{"$":"charlie"},"david":{"$":"edgar"}}}',
    ),
    (
        "<alice><bob>charlie</bob><bob>david</bob></alice>",
        '{"alice":{"bob":[{"$":"charlie"},{"$":"david"}]}}',
    ),
    ('<alice charlie="david">bob</alice>', '{"alice":{"@charlie":"david","$":"bob"}}'),
    ('<alice xmlns="urn:a">bob</alice>', '{"alice":{"@xmlns":{"$":"urn:a"},"$":"bob"}}'),
    (
        '<alice xmlns="urn:a" xmlns:c="urn:c"><bob/><c:d c:e="1" xml:lang="en"/></alice>',
        '{"alice":{"@xmlns":{"$":"urn:a","c":"urn:c"},"bob":{},"c:d":{"@c:e":"1","@xml:lang":"en"}}}',
    ),
    ("<é>ü € 😀</é>", '{"é":{"$":"ü € 😀"}}'),
    ("<a> </a>", '{"a":{"$":" "}}'),
]


@pytest.mark.parametrize(("element", "text"), BOTH_WAYS)
def test_both_ways(element: str, text: str) -> None:
    assert badgerfish.encode(xml.decode(element.encode())).decode() == text
    assert etree.canonicalize(xml.text_of(badgerfish.decode(text.encode()))) == etree.canonicalize(element)


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("<a>1<b/>2</a>", '{"a":{"$":"12","b":{}}}'),
        ("<a>\n <b/>\n</a>", '{"a":{"b":{}}}'),
        ("<a><!-- c --><![CDATA[<]]></a>", '{"a":{"$":"<"}}'),
        ("<a><b/><c/><b/></a>", '{"a":{"b":[{},{}],"c":{}}}'),
    ],
)
def test_what_has_no_place_in_badgerfish(element: str, text: str) -> None:
    assert badgerfish.encode(xml.decode(element.encode())).decode() == text


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ('{"a":{"$":12345678901234567890}}', "<a>12345678901234567890</a>"),
        ('{"a":{"$":1.50,"@b":true}}', '<a b="true">1.50</a>'),
        ('{"a":{"b":"x"}}', "<a><b>x</b></a>"),
        ('{"a":{"b":[1,{}]}}', "<a><b>1</b><b/></a>"),
        ('{"a":{"b":[]}}', "<a/>"),
    ],
)
def test_what_others_write(text: str, element: str) -> None:
    assert xml.text_of(badgerfish.decode(text.encode())) == element


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("[]", "the name of the one root element"),
        ("{}", "the name of the one root element"),
        ('{"a":{},"b":{}}', "the name of the one root element"),
        ('{"a":1}', "'a' is no object"),
        ('{"p:a":{}}', "the prefix of 'p:a' is not declared"),
        ('{"a b":{}}', "'a b': "),
        ('{"a":{"$":"\\u0000"}}', "'a': "),
        ('{"a":{"@xmlns":"urn:a"}}', "'@xmlns' is no object of texts"),
    ],
)
def test_errors(text: str, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        badgerfish.decode(text.encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "$", "@b", "@xmlns", "p:c", "@p:d", "", "@", ":", "xml:e"]), inner)
    ),
    max_leaves=10,
)


@given(JSON, st.binary(max_size=30))
def test_nothing_raises_anything_but_a_decode_error(value: object, raw: bytes) -> None:
    for each in (raw, json.encode({"a": value}), json.encode({"a": {"b": value}})):
        try:
            badgerfish.decode(each)
        except DecodeError:
            continue
