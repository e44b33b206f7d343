from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.message.codecs import xml
from engine.message.codecs.errors import DecodeError


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"<a>x</a>", "<a>x</a>"),
        (b'<?xml version="1.0"?>\n<!-- c --><a/><!-- d -->', "<a/>"),
        (b"\xef\xbb\xbf<a>\xc3\xa9</a>", "<a>é</a>"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"), "<a>é</a>"),
        ("<a>é</a>".encode("utf-16"), "<a>é</a>"),
        (b'<p:a xmlns:p="u" p:x="&lt;"/>', '<p:a xmlns:p="u" p:x="&lt;"/>'),
        (b"<a xmlns='rel'><b xmlns='u p'/><?xml-x?></a>", '<a xmlns="rel"><b xmlns="u p"/><?xml-x?></a>'),
        (b"<a><!-- kept --><![CDATA[<kept>]]></a>", "<a><!-- kept --><![CDATA[<kept>]]></a>"),
    ],
)
def test_decode(raw: bytes, text: str) -> None:
    assert xml.text_of(xml.decode(raw)) == text


@pytest.mark.parametrize(
    ("raw", "beginning"),
    [
        (b"", "not XML: "),
        (b"hello", "not XML: Start tag expected"),
        (b"<a><b></a>", "not XML: Opening and ending tag mismatch: b line 1 and a, line 1, column 11"),
        (b"<a>\n&nope;</a>", "not XML: Entity 'nope' not defined, line 2, column 7"),
        (b"<a>\xff</a>", "not XML: "),
        (b"<a/><b/>", "not XML: Extra content at the end of the document"),
        (b"<a>\0</a>", "not XML: "),
        (b'<?xml version="1.0" encoding="x-none"?><a/>', "not XML: "),
        (b"<p:a/>", "not XML: Namespace prefix p on a is not defined, line 1, column 5"),
        (b"<p:a><?xml-multiple x?></p:a>", "not XML: Namespace prefix p on a is not defined, line 1, column 5"),
        (b"<a><b p:c='1'/><d xmlns='rel'/></a>", "not XML: Namespace prefix p for c on b is not defined, line 1"),
        (b"<!DOCTYPE a><a/>", "XML with a DOCTYPE, which is not allowed in a message"),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>', "XML with a DOCTYPE"),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "XML with a DOCTYPE"),
        (b"<a>" * 300 + b"</a>" * 300, "XML nested deeper than 256 levels"),
        (b"<a>\n" + b"x" * 10_000_001 + b"</a>", "XML with one text, attribute or the like of over 10,000,000 bytes"),
        (b"<a b='" + b"x" * 10_000_001 + b"'/>", "XML with one text, attribute or the like of over 10,000,000 bytes"),
    ],
    ids=lambda value: value[:20].decode("latin-1") if isinstance(value, bytes) else "",
)
def test_errors(raw: bytes, beginning: str) -> None:
    with pytest.raises(DecodeError) as caught:
        xml.decode(raw)
    assert str(caught.value).startswith(beginning)


def test_an_entity_bomb_ends_before_it_grows() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 20))
    bomb = f'<!DOCTYPE a [<!ENTITY e0 "ha">{entities}]><a>&e19;</a>'
    with pytest.raises(DecodeError):
        xml.decode(bomb.encode())


def test_the_deepest_allowed_nesting() -> None:
    raw = b"<a>" * 256 + b"</a>" * 256
    assert len(list(xml.decode(raw).iter())) == 256


def test_text_is_read_whatever_encoding_it_declares() -> None:
    root = xml.decode_text('<?xml version="1.0" encoding="UTF-16"?><a>é</a>')
    assert root.text == "é"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<e xmlns:unused="u"><a/>tail</e>', "<a/>"),
        ('<e xmlns:used="u"><used:a/></e>', '<used:a xmlns:used="u"/>'),
        ('<e xmlns="u"><a><b/></a></e>', '<a xmlns="u"><b/></a>'),
        ('<e><a xmlns:own="u"/></e>', '<a xmlns:own="u"/>'),
    ],
)
def test_one_element_takes_along_the_namespaces_it_uses(text: str, expected: str) -> None:
    root = xml.decode(text.encode())
    assert xml.text_of(root[0]) == expected
    assert xml.encode(root[0]) == expected.encode()
    assert root[0].getparent() is root


@pytest.mark.parametrize(
    ("charset", "raw"),
    [
        ("utf-8", "<a>é€</a>".encode()),
        ("UTF-8", "<a>é€</a>".encode()),
        ("us-ascii", "<a>é€</a>".encode()),
        ("ISO-8859-1", b"<?xml version='1.0' encoding='ISO-8859-1'?>\n<a>\xe9&#8364;</a>"),
    ],
)
def test_encode(charset: str, raw: bytes) -> None:
    root = xml.decode("<r><a>é€</a>tail</r>".encode())
    assert xml.encode(root[0], charset) == raw
    assert xml.text_of(root[0]) == "<a>é€</a>"


@pytest.mark.parametrize(
    ("character", "starts", "inside"),
    [
        *[(character, True, True) for character in "aZé_日"],
        *[(character, False, True) for character in "1-.\u0300\u00b7"],
        *[(character, False, False) for character in "²: \u00d7/"],
    ],
)
def test_what_names_are_made_of(character: str, starts: bool, inside: bool) -> None:
    assert bool(xml.NAME_START.match(character)) == starts
    assert (xml.NOT_IN_NAME.match(character) is None) == inside


@given(st.characters())
def test_lxml_takes_the_names_that_the_patterns_take(character: str) -> None:
    name = f"a{character}"
    if not xml.NOT_IN_NAME.search(name):
        raw = f"<{name}/>".encode()
        assert xml.decode(raw).tag == name


@given(st.binary(max_size=40) | st.text("<>/ab&;!-[]CDATA ='\"\n", max_size=30).map(str.encode))
def test_no_bytes_raise_anything_but_decode_error(raw: bytes) -> None:
    try:
        root = xml.decode(raw)
    except DecodeError:
        return
    assert xml.text_of(xml.decode(xml.encode(root))) == xml.text_of(root)


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ('<a xmlns="urn:x"/>', "<b/>", '<a xmlns="urn:x"><b xmlns=""/></a>'),
        ('<a xmlns="urn:x"/>', "<b><c>t</c></b>", '<a xmlns="urn:x"><b xmlns=""><c>t</c></b></a>'),
        ('<a xmlns="urn:x"/>', "<b k='v'>1</b>", '<a xmlns="urn:x"><b xmlns="" k="v">1</b></a>'),
        ('<p:a xmlns:p="urn:x"/>', "<b/>", '<p:a xmlns:p="urn:x"><b/></p:a>'),
        ('<a xmlns="urn:x"/>', '<b xmlns="urn:y"/>', '<a xmlns="urn:x"><b xmlns="urn:y"/></a>'),
        ("<a/>", "<b/>", "<a><b/></a>"),
    ],
)
def test_what_has_no_namespace_stays_without_one_below_a_default_namespace(
    outer: str, inner: str, expected: str
) -> None:
    root = etree.fromstring(outer)
    root.append(etree.fromstring(inner))
    assert xml.text_of(root) == expected
    assert xml.encode(root) == expected.encode()
    assert xml.encode(root, "utf-16").decode("utf-16").endswith(expected)


def test_a_tree_of_both_kinds_is_read_back_as_it_was() -> None:
    root = etree.fromstring('<a xmlns="urn:x" xmlns:p="urn:p"/>')
    stray = etree.SubElement(root, "b", {"{urn:p}k": "v"})
    stray.tail = "tail"
    inside = etree.SubElement(etree.SubElement(stray, "{urn:x}in"), "again")
    inside.text = "t"
    before = [(each.tag, each.text, each.tail, dict(each.attrib)) for each in root.iter()]
    back = xml.decode(xml.encode(root))
    assert [(each.tag, each.text, each.tail, dict(each.attrib)) for each in back.iter()] == before
    assert [(each.tag, each.text, each.tail, dict(each.attrib)) for each in root.iter()] == before, "left as it was"


@pytest.mark.parametrize("count", [0, 3, 100_000])
def test_attributes_take_linear_time(count: int) -> None:
    names = [f"a{index}" for index in range(count)] + ["{urn:p}b"]
    attributes = " ".join(f'{name}="&lt;{name}"' for name in names[:-1])
    element = xml.decode(f'<x {attributes} xmlns:p="urn:p" p:b="&lt;{{urn:p}}b"/>'.encode())
    assert xml.attributes_of(element) == [(name, f"<{name}") for name in names]
