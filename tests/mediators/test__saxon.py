from __future__ import annotations

import asyncio
import importlib.util
import logging
import time

import pytest
from lxml import etree

from engine.errors import Fault
from engine.mediators import _saxon

pytestmark = pytest.mark.skipif(importlib.util.find_spec("saxonche") is None, reason="the extra saxon")

SOURCE = etree.fromstring("<a>é</a>")
ENDLESS = "sum(for $i in 1 to 2000000000 return $i mod 7)"
QUERY = {"query": ENDLESS, "arguments": {}}


def sheet(inside: str, more: str = "") -> _saxon.SaxonStylesheet:
    return _saxon.SaxonStylesheet(
        '<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:param name="p"/>'
        f'{more}<xsl:template match="/"><r>{inside}</r></xsl:template></xsl:stylesheet>'.encode()
    )


def value(expression: str) -> _saxon.SaxonStylesheet:
    return sheet(f'<xsl:value-of select="{expression}"/>')


def result(stylesheet: _saxon.SaxonStylesheet, **parameters: str) -> str | None:
    return stylesheet.transform(SOURCE, parameters).element.text


def test_parameters_of_one_message_are_not_those_of_the_next() -> None:
    stylesheet = value("name(*), $p, *")
    assert [result(stylesheet, p="1"), result(stylesheet)] == ["a 1 é", "a  é"]


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ('<xsl:value-of select="error()"/>', "the transformation failed: "),
        ('<xsl:value-of select="("/>', "the stylesheet cannot be compiled: "),
        ('<xsl:message terminate="yes">why</xsl:message>', "the transformation failed: "),
    ],
)
def test_failures(inside: str, message: str) -> None:
    with pytest.raises(Fault) as raised:
        result(sheet(inside))
    assert raised.value.message.startswith(message)
    assert "\n" not in raised.value.message
    assert result(value("1 + 1")) == "2"


def test_messages_of_a_stylesheet_are_in_the_log_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "myelin.xslt")
    result(sheet("<xsl:message>began</xsl:message>"))
    result(value("1"))
    assert [record.message for record in caplog.records] == ["the transformation says: began"]


@pytest.mark.parametrize("call", [lambda: result(value(ENDLESS)), lambda: _saxon.ask("the query", QUERY)])
async def test_what_has_no_end_is_ended_and_holds_nothing_up(monkeypatch: pytest.MonkeyPatch, call: object) -> None:
    monkeypatch.setattr(_saxon, "SECONDS", 3.0)
    began = time.monotonic()
    work = asyncio.create_task(asyncio.to_thread(call))  # type: ignore[arg-type]
    assert await asyncio.to_thread(result, value("1 + 1")) == "2"
    with pytest.raises(Fault, match=r"^the (transformation|query) took more than 3 seconds$"):
        await work
    assert time.monotonic() - began < 60


def test_recursion_without_end() -> None:
    more = '<xsl:template name="t"><a><xsl:call-template name="t"/></a></xsl:template>'
    with pytest.raises(Fault, match="Too many nested"):
        result(sheet('<xsl:call-template name="t"/>', more))


def test_a_process_that_died_is_replaced() -> None:
    assert result(value("1")) == "1"
    for process in _saxon._PROCESSES._idle:
        process.kill()
        process.wait(10)
    assert result(value("2")) == "2"


def test_the_environment_of_the_engine_is_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    _saxon._PROCESSES.close()
    monkeypatch.setenv("MYELIN_SECRETS_KEY", "hidden")
    assert result(value("string-length(environment-variable('MYELIN_SECRETS_KEY'))")) == "0"


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_saxon, "is_installed", lambda: False)
    with pytest.raises(Fault, match=r"XSLT 2\.0 and 3\.0 need Saxon: pip install 'myelin\[saxon\]'"):
        value("1")
