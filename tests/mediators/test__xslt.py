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
