from __future__ import annotations

import pytest
from lxml import etree

from engine.source import MAX_BYTES, MAX_DEPTH, Element, Source, SourceError

SYNAPSE = "http://ws.apache.org/ns/synapse"


def parse(text: str | bytes) -> Element:
    return Source("f.xml", text if isinstance(text, bytes) else text.encode()).parse()


def at(place: object) -> str:
    return str(place).removeprefix("f.xml:")


def as_xml(element: Element) -> str:
    return str(etree.tostring(element.to_lxml(), encoding="unicode"))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("<a/>", "1:1"),
        ("  <a/>", "1:3"),
        ("<a></a>\n", "1:1"),
        ("<!-- é -->\n <a/>", "2:2"),
        ("<?pi x?><a/>", "1:9"),
        ('<?xml version="1.0"?>\r\n<a/>', "2:1"),
        ("\ufeff<a/>", "1:1"),
    ],
)
def test_place_of_the_root(text: str, place: str) -> None:
    assert at(parse(text).where) == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("<r><c/></r>", "1:4"),
        ("<r>\n  <c/>\n</r>", "2:3"),
        ("<r>\r\n\t<c></c></r>", "2:2"),
        ("<r>äöü€😀<c/></r>", "1:9"),
        ("<r>&amp;&#x20AC;<c/></r>", "1:17"),
        ("<r><![CDATA[<c/>\n]]> <c/></r>", "2:5"),
        ("<r><!-- <c/> \n -->\n<c/></r>", "3:1"),
        ('<r a="\n\n"><c/></r>', "3:3"),
    ],
)
def test_place_of_a_child(text: str, place: str) -> None:
    assert [at(child.where) for child in parse(text).children] == [place]


@pytest.mark.parametrize(
    ("text", "name", "index", "place"),
    [
        ('<a x="12"/>', "x", 0, "1:7"),
        ('<a x="12"/>', "x", 1, "1:8"),
        ("<a  x = '12' />", "x", 1, "1:11"),
        ('<a w=">" x="12"/>', "x", 0, "1:13"),
        ('<ä é="12"/>', "é", 1, "1:8"),
        ('<a x="é😀z"/>', "x", 2, "1:9"),
        ('<a x="&lt;&#65;&#x1F600;z"/>', "x", 1, "1:11"),
        ('<a x="&lt;&#65;&#x1F600;z"/>', "x", 3, "1:25"),
        ('<a\n  y="1"\n\tx="12"/>', "x", 1, "3:6"),
        ('<a x="1\r\n2"/>', "x", 2, "2:1"),
        ('<a y="1"/>', "x", 3, "1:1"),
        ('<a xmlns:p="u" p:x="1"/>', "x", 0, "1:1"),
    ],
)
def test_place_inside_an_attribute(text: str, name: str, index: int, place: str) -> None:
    assert at(parse(text).where_attribute(name, index)) == place


@pytest.mark.parametrize(
    ("text", "index", "place"),
    [
        ("<a>xyz</a>", 0, "1:4"),
        ("<a>xyz</a>", 2, "1:6"),
        ("<a b='>'>xyz</a>", 0, "1:10"),
        ("<a>é&amp;z</a>", 2, "1:10"),
        ("<a>x\r\nz</a>", 2, "2:1"),
        ("<a><![CDATA[xyz]]></a>", 0, "1:13"),
        ("<a><![CDATA[x&amp;z]]></a>", 2, "1:15"),
        ("<a><![CDATA[<b>]]>z</a>", 3, "1:19"),
        ("<a>\n <![CDATA[xy]]></a>", 2, "2:11"),
        ("<a>x<!-- c -->y</a>", 1, "1:15"),
        ("<a><?p x?>y</a>", 0, "1:11"),
        ("<a>x<b/></a>", 5, "1:5"),
    ],
)
def test_place_inside_text(text: str, index: int, place: str) -> None:
    assert at(parse(text).where_text(index)) == place


def test_places_inside_text_follow_the_decoded_characters() -> None:
    text = "<a>é&lt;<!-- skip --><![CDATA[<&lt;\r\n]]>&#233;€<?p?>!</a>"
    element = parse(text)
    line_two = text.index("]]>")
    for index, character in enumerate(element.text):
        place = element.where_text(index)
        position = place.column - 1 + (line_two if place.line == 2 else 0)
        expected = {"<": ("<", "&lt;"), "é": ("é", "&#233;"), "\n": ("\r\n",)}.get(character, (character,))
        assert text.startswith(expected, position), (index, character, text[position:])


def test_text_is_everything_directly_inside() -> None:
    element = parse("<a> x <b>not this</b><![CDATA[<y>]]> &#8364;<!-- nor this --> z</a>")
    assert element.text == " x <y> € z"
    assert element.children[0].text == "not this"


def test_tags_attributes_and_namespaces() -> None:
    root = parse(f'<a xmlns="{SYNAPSE}" xmlns:p="urn:p" x="1" p:y="2"><p:b/><c xmlns=""/><d xmlns:p="urn:q"/></a>')
    assert (root.namespace, root.tag) == (SYNAPSE, "a")
    assert root.attributes == {"x": "1", "{urn:p}y": "2"}
    b, c, d = root.children
    assert (b.namespace, b.tag) == ("urn:p", "b")
    assert (c.namespace, c.tag) == ("", "c")
    assert (d.namespace, d.namespaces["p"], d.namespaces[""]) == (SYNAPSE, "urn:q", SYNAPSE)
    assert "p" not in parse("<a/>").namespaces
    assert root.namespaces["p"] == "urn:p"


def test_find_gives_the_first_child_of_a_tag() -> None:
    root = parse("<a><b x='1'/><b x='2'/></a>")
    found = root.find("b")
    assert found is not None
    assert found.attributes == {"x": "1"}
    assert root.find("z") is None


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("<r><c/><d/></r>", "<c/>"),
        ("<r><c x='>'/></r>", "<c x='>'/>"),
        ("<r><c ></c ><d/></r>", "<c ></c >"),
        ("<r><c>/></c></r>", "<c>/></c>"),
        ("<r><c><d/></c></r>\n", "<c><d/></c>"),
        ("<r><c x='/'></c></r>", "<c x='/'></c>"),
        ("<r><c /></r>", "<c />"),
    ],
)
def test_an_element_spans_exactly_its_tags(text: str, piece: str) -> None:
    child = parse(text).children[0]
    assert child.source.data[child.start : child.end].decode() == piece


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<r><c/>tail<d/></r>", "<c/>"),
        ("<r><ä é='€'/></r>", '<ä é="€"/>'),
        ('<r xmlns="urn:u"><c><d/></c></r>', '<c xmlns="urn:u"><d/></c>'),
        ('<r xmlns="urn:u"><c xmlns=""><d/></c></r>', "<c><d/></c>"),
        ('<r xmlns:p="urn:p" xmlns:q="urn:q"><p:c/></r>', '<p:c xmlns:p="urn:p"/>'),
        ('<r xmlns:p="urn:p"><c><d p:x="1"/></c></r>', '<c xmlns:p="urn:p"><d p:x="1"/></c>'),
        ('<r xmlns:q="urn:q"><c xmlns:mine="urn:m" t="mine:T"/></r>', '<c xmlns:mine="urn:m" t="mine:T"/>'),
        ('<r xmlns:p="urn:a?b=1&amp;c=2"><p:c/></r>', '<p:c xmlns:p="urn:a?b=1&amp;c=2"/>'),
        ("<r><c> a <!-- gone --><?gone too?> b </c></r>", "<c> a  b </c>"),
        ("<r><c><![CDATA[<x>]]>é&#128512;</c></r>", "<c>&lt;x&gt;é😀</c>"),
    ],
)
def test_to_lxml_takes_the_element_with_the_namespaces_it_uses(text: str, expected: str) -> None:
    assert as_xml(parse(text).children[0]) == expected


def test_to_lxml_gives_a_tree_of_its_own_each_time() -> None:
    element = parse("<r><c><d/></c></r>").children[0]
    first, second = element.to_lxml(), element.to_lxml()
    first.clear()
    assert len(second) == 1
    assert second.getparent() is None


def test_to_lxml_carries_text_as_large_as_a_file_may_have() -> None:
    size = 11 * 1024 * 1024
    assert len(parse(b"<r><c>" + b"x" * size + b"</c></r>").children[0].to_lxml().text or "") == size


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ('<?xml version="1.0" encoding="UTF-8"?><a>é</a>'.encode(), "é"),
        ('<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>'.encode("latin-1"), "é"),
        ("<?xml version='1.0' encoding='windows-1252'?><a>€</a>".encode("cp1252"), "€"),
        ('<?xml version="1.0" encoding="UTF-16"?><a>é</a>'.encode("utf-16"), "é"),
        ("\ufeff<a>é😀</a>".encode("utf-16-be"), "é😀"),
        (b"\xef\xbb\xbf<a>\xc3\xa9</a>", "é"),
    ],
)
def test_encodings(raw: bytes, text: str) -> None:
    assert parse(raw).text == text


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "1:1: error[not-xml]: Not XML: the file is empty."),
        (b"  \n ", "1:1: error[not-xml]: Not XML: the file is empty."),
        (b"hello", "1:1: error[not-xml]: Not XML: the file does not begin with '<'."),
        (b'{"a": 1}', "1:1: error[not-xml]: Not XML: the file does not begin with '<'."),
        (b"<!-- nothing -->", "1:17: error[not-xml]: Not XML: the file ends too early."),
        (b"<a b=c/>", "1:6: error[not-xml]: Not XML: not well-formed (invalid token)."),
        (b"<a", "1:1: error[not-xml]: Not XML: unclosed token."),
        (b"<a>\n<b>\n</a>", "3:1: error[not-xml]: Not XML: </a> does not end <b>. <b> of f.xml:2:1 is still open."),
        (
            '<ü:a xmlns:ü="urn:u">\n</ü:a2 ></ü:a>'.encode(),
            "2:1: error[not-xml]: Not XML: </ü:a2> does not end <ü:a>. <a> of f.xml:1:1 is still open.",
        ),
        (b"<a>", "1:4: error[not-xml]: Not XML: the file ends too early. <a> of f.xml:1:1 is still open."),
        (b"<a/><b/>", "1:5: error[not-xml]: Not XML: junk after document element."),
        (b'<a x="1" x="2"/>', "1:10: error[not-xml]: Not XML: duplicate attribute."),
        (b"<p:a/>", "1:1: error[not-xml]: Not XML: unbound prefix."),
        (b"<a>\n&nbsp;</a>", "2:1: error[not-xml]: Not XML: undefined entity. <a> of f.xml:1:1 is still open."),
        (
            "<a>é".encode() + b"\xff</a>",
            "1:5: error[not-xml]: Not XML: byte 0xff is not UTF-8. Save it as UTF-8.",
        ),
        (b'<a>\n <p:b xmlns:p="{x}"/></a>', "2:2: error[not-xml]: The namespace '{x}' is not a URI."),
        (b'<a xmlns="a&quot;b"/>', "1:1: error[not-xml]: The namespace 'a\"b' is not a URI."),
        (b"<a>\0</a>", "1:1: error[not-xml]: Not XML: the file has NUL bytes. Save it as UTF-8."),
        ("<a/>".encode("utf-16-be"), "1:1: error[not-xml]: Not XML: the file has NUL bytes. Save it as UTF-8."),
        (
            b'<?xml version="1.0" encoding="x-none"?><a/>',
            "1:1: error[not-xml]: The file is not in the encoding it declares, x-none.",
        ),
        (
            b'<?xml version="1.0" encoding="undefined"?><a/>',
            "1:1: error[not-xml]: The file is not in the encoding it declares, undefined.",
        ),
        (
            b'<?xml version="1.0" encoding="us-ascii"?><a>\xe9</a>',
            "1:1: error[not-xml]: The file is not in the encoding it declares, us-ascii.",
        ),
        (
            b"<!-- x -->\n <!DOCTYPE a>\n<a/>",
            "2:2: error[doctype]: A DOCTYPE is not allowed. Remove it; entities are not expanded.",
        ),
        (
            b'<!DOCTYPE\n a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
            "1:1: error[doctype]: A DOCTYPE is not allowed. Remove it; entities are not expanded.",
        ),
        (
            b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
            "1:1: error[doctype]: A DOCTYPE is not allowed. Remove it; entities are not expanded.",
        ),
        (
            b"<a>" * 300 + b"</a>" * 300,
            f"1:{128 * 3 + 1}: error[too-deep]: Elements are nested deeper than 128 levels.",
        ),
        (
            b" " * (MAX_BYTES + 1),
            "1:1: error[too-large]: The file has 16,777,217 bytes; the limit is 16,777,216.",
        ),
    ],
    ids=lambda value: value[:24].decode("latin-1") if isinstance(value, bytes) else "",
)
def test_errors_name_place_and_reason(raw: bytes, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse(raw)
    assert str(caught.value) == f"f.xml:{message}"
    assert str(caught.value.problem) == str(caught.value)


def test_the_deepest_allowed_nesting_parses() -> None:
    element = parse(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH)
    depth = 1
    while element.children:
        element = element.children[0]
        depth += 1
    assert depth == MAX_DEPTH
