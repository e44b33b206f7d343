from __future__ import annotations

import importlib.util
import threading

import pytest
from lxml import etree

from engine.errors import Fault
from engine.mediators import _saxon

pytestmark = pytest.mark.skipif(importlib.util.find_spec("saxonche") is None, reason="the extra saxon")

SHEET = b"""<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:param name="p"/>
<xsl:template match="/"><r><xsl:value-of select="name(*), $p"/></r></xsl:template></xsl:stylesheet>"""


def test_all_work_is_done_in_one_thread() -> None:
    threads = {_saxon.run(lambda _: threading.get_ident()) for _ in range(3)}
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_parameters_of_one_message_are_not_those_of_the_next() -> None:
    sheet = _saxon.SaxonStylesheet(SHEET)
    source = etree.fromstring("<a>é</a>")
    assert [sheet.transform(source, given).element.text for given in ({"p": "1"}, {})] == ["a 1", "a "]


def test_a_failing_transformation() -> None:
    sheet = SHEET.replace(b"name(*), $p", b"error()")
    with pytest.raises(Fault, match="the transformation failed"):
        _saxon.SaxonStylesheet(sheet).transform(etree.fromstring("<a/>"), {})


def test_messages_are_one_line() -> None:
    assert _saxon.message_of(ValueError("a\n  b ")) == "a b"
