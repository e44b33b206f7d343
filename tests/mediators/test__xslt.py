from __future__ import annotations

import pytest
from lxml import etree

from engine.errors import Fault
from engine.mediators._xslt import compile_stylesheet

XSL = 'xmlns:xsl="http://www.w3.org/1999/XSL/Transform"'


def test_a_stylesheet_that_is_one_literal_element() -> None:
    sheet = compile_stylesheet([f'<r {XSL} xsl:version="1.0"><xsl:value-of select="name(/*)"/></r>'], {})
    output = sheet.transform(etree.fromstring("<a/>"), {})
    assert output.element.text == "a"
    assert not sheet.is_slow


def test_a_source_inside_a_tree_is_a_root() -> None:
    sheet = compile_stylesheet([f'<r {XSL} xsl:version="1.0"><xsl:value-of select="count(ancestor::*)"/></r>'], {})
    output = sheet.transform(etree.fromstring("<x><a/>tail</x>")[0], {})
    assert output.element.text == "0"


def test_includes_of_themselves_end() -> None:
    sheet = f'<xsl:stylesheet version="3.0" {XSL}><xsl:include href="me"/></xsl:stylesheet>'
    with pytest.raises(Fault, match="more than 100 others"):
        compile_stylesheet([sheet], {"me": sheet})


def test_a_resource_that_is_no_xml() -> None:
    sheet = f'<xsl:stylesheet version="3.0" {XSL}><xsl:include href="me"/></xsl:stylesheet>'
    with pytest.raises(Fault, match="the resource 'me' is not XML"):
        compile_stylesheet([sheet], {"me": "no"})


def sheet(body: str, version: str = "1.0", top: str = "") -> str:
    template = f'<xsl:template match="/"><r>{body}</r></xsl:template>'
    return f'<xsl:stylesheet version="{version}" {XSL}>{top}\n{template}</xsl:stylesheet>'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (sheet("<xsl:valueof select='.'/>"), "line 2: XSLT 1.0 has no xsl:valueof"),
        (sheet("<a><xsl:for-each-group select='.'/></a>"), "line 2: XSLT 1.0 has no xsl:for-each-group"),
        (sheet("", top="<xsl:function name='f'/>"), "line 1: XSLT 1.0 has no xsl:function"),
    ],
)
def test_what_the_language_does_not_have(text: str, problem: str) -> None:
    with pytest.raises(Fault, match=f"the stylesheet cannot be compiled: {problem}"):
        compile_stylesheet([text], {})


@pytest.mark.parametrize("how", ["include", "import"])
def test_what_the_language_does_not_have_in_what_is_included(how: str) -> None:
    resources = {"a": sheet("", top=f"<xsl:{how} href='b'/>"), "b": sheet("<xsl:new/>", top=f"<xsl:{how} href='a'/>")}
    with pytest.raises(Fault, match=r"compiled: b line 2: XSLT 1\.0 has no xsl:new"):
        compile_stylesheet([sheet("", top=f"<xsl:{how} href='a'/>")], resources)


@pytest.mark.parametrize(
    "text",
    [
        sheet("<xsl:new><xsl:fallback>ok</xsl:fallback></xsl:new>"),
        sheet("<a xsl:version='1.1'><xsl:new/></a>ok"),
        sheet("<xsl:new><xsl:fallback>ok</xsl:fallback></xsl:new>", version="1.1"),
    ],
)
def test_what_a_later_language_may_have(text: str) -> None:
    assert "".join(compile_stylesheet([text], {}).transform(etree.fromstring("<x/>"), {}).element.itertext()) == "ok"
