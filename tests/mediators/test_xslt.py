from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from lxml import etree

from engine.errors import Fault
from engine.message.context import MessageContext
from engine.testing.harness import Harness

XSL = 'xmlns:xsl="http://www.w3.org/1999/XSL/Transform"'
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"

needs_saxon = pytest.mark.skipif(importlib.util.find_spec("saxonche") is None, reason="the extra saxon")


def stylesheet(inside: str, version: str = "1.0") -> str:
    return f'<xsl:stylesheet xmlns="" version="{version}" {XSL}>{inside}</xsl:stylesheet>'


def template(result: str, match: str = "/") -> str:
    return f'<xsl:template match="{match}">{result}</xsl:template>'


def entry(key: str, content: str) -> str:
    return f'<localEntry key="{key}">{content}</localEntry>'


async def transformed(
    sheet: str,
    body: str = "<a><b>1</b></a>",
    attributes: str = "",
    inside: str = "",
    *,
    more: str = "",
    content_type: str = "application/xml",
    properties: dict[str, str] | None = None,
) -> MessageContext:
    harness = Harness(entry("sheet", sheet) + more)
    message = harness.message(body.encode(), content_type)
    message.properties.update(properties or {})
    assert await harness.run(f'<xslt key="sheet" {attributes}>{inside}</xslt>', message) is True
    return message


def text(message: MessageContext) -> str:
    return message.payload.render(message.payload.kind).decode()


async def test_the_first_element_of_the_body_is_transformed() -> None:
    message = await transformed(stylesheet(template('<r><xsl:value-of select="a/b"/></r>')))
    assert text(message) == "<r>1</r>"
    assert message.payload.kind == "xml"


async def test_the_source_is_the_root_of_the_stylesheet_and_its_result_takes_its_place() -> None:
    sheet = stylesheet(template('<c><xsl:value-of select="name(/*)"/>-<xsl:value-of select="."/></c>'))
    message = await transformed(sheet, "<a>x<b>1</b>y</a>", 'source="//b"')
    assert text(message) == "<a>x<c>b-1</c>y</a>"


@pytest.mark.parametrize("source", ["$body", "//soapenv:Body"])
async def test_of_a_result_in_place_of_the_body_the_children_are_taken(source: str) -> None:
    inside = "<x><r><n/></r><r2/></x>"
    message = await transformed(stylesheet(template(inside)), attributes=f'source="{source}" xmlns:soapenv="{SOAP}"')
    body = message.payload.envelope()[0]
    assert [child.tag for child in body] == ["r", "r2"]


async def test_a_result_in_place_of_the_header() -> None:
    body = f'<s:Envelope xmlns:s="{SOAP}"><s:Header><old/></s:Header><s:Body><a/></s:Body></s:Envelope>'
    message = await transformed(
        stylesheet(template("<x><new/></x>")), body, 'source="$header"', content_type="text/xml"
    )
    assert "<s:Header><new/></s:Header><s:Body><a/></s:Body>" in text(message)


async def test_a_whole_envelope() -> None:
    made = f'<s:Envelope xmlns:s="{SOAP}"><s:Body><new/></s:Body></s:Envelope>'
    message = await transformed(stylesheet(template(made)), attributes='source="$env"')
    assert message.payload.kind == "soap11"
    assert message.payload.content() is not None
    with pytest.raises(Fault, match="a SOAP envelope cannot be replaced by <r>"):
        await transformed(stylesheet(template("<r/>")), attributes='source="$env"')


async def test_a_source_that_is_chosen_by_a_property() -> None:
    sheet = stylesheet(template("<c/>"))
    body = '<a><b id="1"/><b id="2"/></a>'
    message = await transformed(sheet, body, 'source="//b[@id=$ctx:id]"', properties={"id": "2"})
    assert text(message) == '<a><b id="1"/><c/></a>'


async def test_parameters_come_from_properties() -> None:
    sheet = stylesheet(
        '<xsl:param name="p"/><xsl:param name="q" select="\'none\'"/>' + template('<r p="{$p}" q="{$q}"/>'),
    )
    inside = '<property name="p" expression="$ctx:p"/><property name="q" expression="$ctx:missing"/>'
    message = await transformed(sheet, inside=inside, properties={"p": 'it\'s "é"'})
    element = message.payload.content()
    assert element is not None
    assert dict(element.attrib) == {"p": 'it\'s "é"', "q": "none"}


async def test_the_result_may_go_to_a_property() -> None:
    message = await transformed(stylesheet(template("<r/>")), attributes='target="out"')
    assert message.properties["out"].tag == "r"
    assert text(message) == "<a><b>1</b></a>"
    assert message.payload.untouched


async def test_and_there_as_text() -> None:
    disabled = {"transform.xslt.result.disableBuild": "true"}
    message = await transformed(stylesheet(template("<r/>")), attributes='target="out"', properties=disabled)
    assert message.properties["out"] == '<?xml version="1.0"?>\n<r/>\n'


async def test_text_output() -> None:
    sheet = stylesheet('<xsl:output method="text"/>' + template('a &lt; <xsl:value-of select="//b"/>'))
    message = await transformed(sheet)
    element = message.payload.content()
    assert element is not None
    assert (element.tag, element.text) == ("{http://ws.apache.org/commons/ns/payload}text", "a < 1")


async def test_json_is_transformed_as_its_xml_and_leaves_as_json() -> None:
    sheet = stylesheet(template('<jsonObject><b><xsl:value-of select="/jsonObject/a"/></b></jsonObject>'))
    message = await transformed(sheet, '{"a": 5}', content_type="application/json")
    assert message.payload.render("json") == b'{"b":5}'


async def test_an_empty_body_is_left_alone() -> None:
    message = await transformed(stylesheet(template("<r/>")), "")
    assert message.payload.kind == "empty"


async def test_includes_imports_and_documents_are_resources() -> None:
    sheet = stylesheet(
        '<xsl:import href="base.xslt"/><xsl:include href="lib/names.xslt"/>'
        + template('<r><xsl:call-template name="n"/><xsl:value-of select="document(\'t.xml\')/t"/></r>')
    )
    more = (
        entry("names", stylesheet('<xsl:include href="inner.xslt"/><xsl:template name="n">name</xsl:template>'))
        + entry("inner", stylesheet(""))
        + entry("base", stylesheet('<xsl:template name="m"/>'))
        + entry("table", '<t xmlns="">7</t>')
    )
    inside = "".join(
        f'<resource location="{location}" key="{key}"/>'
        for location, key in {
            "lib/names.xslt": "names",
            "inner.xslt": "inner",
            "base.xslt": "base",
            "t.xml": "table",
        }.items()
    )
    assert text(await transformed(sheet, inside=inside, more=more)) == "<r>name7</r>"


async def test_a_stylesheet_may_look_into_itself() -> None:
    sheet = stylesheet(template("<r><xsl:value-of select=\"count(document('')/*/*)\"/></r>"))
    assert text(await transformed(sheet)) == "<r>1</r>"


@pytest.mark.parametrize(
    "reach",
    [
        '<xsl:include href="{file}"/>',
        '<xsl:import href="file://{file}"/>',
        '<xsl:include href="http://127.0.0.1:9/x.xslt"/>',
        '<xsl:template match="/"><r><xsl:copy-of select="document(\'{file}\')"/></r></xsl:template>',
        '<xsl:template match="/"><r><xsl:copy-of select="document(\'file://{file}\')"/></r></xsl:template>',
        '<xsl:template match="/"><r><xsl:copy-of select="document(\'http://127.0.0.1:9/\')"/></r></xsl:template>',
    ],
)
async def test_a_stylesheet_reaches_no_file_and_no_network(reach: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text(stylesheet(template("<secret/>")))
    with pytest.raises(Fault, match="xslt 'sheet': the "):
        await transformed(stylesheet(reach.replace("{file}", str(secret))))


async def test_a_stylesheet_writes_no_file(tmp_path: Path) -> None:
    sheet = stylesheet(template(f'<e:document href="{tmp_path}/out"><x/></e:document>'))
    extended = 'xmlns:e="http://exslt.org/common" extension-element-prefixes="e"'
    with pytest.raises(Fault, match="write rights"):
        await transformed(sheet.replace("<xsl:stylesheet", f"<xsl:stylesheet {extended}"))


async def test_a_stylesheet_of_the_registry_is_compiled_again_when_it_changes(tmp_path: Path) -> None:
    harness = Harness(registry=tmp_path)
    [step] = harness.steps('<xslt key="{$ctx:key}"/>')
    results = []
    for name in ("one", "two", "two"):
        harness.services.registry.put(
            "conf:/s.xslt", stylesheet(template(f"<{name}/>")).replace(' xmlns=""', "").encode()
        )
        message = harness.message(b"<a/>", "application/xml")
        message.properties["key"] = "conf:/s.xslt"
        await step.mediate(message)
        results.append(text(message))
    assert results == ["<one/>", "<two/>", "<two/>"]


async def test_large_bodies_are_transformed_in_a_thread() -> None:
    body = "<a>" + "<b>1</b>" * 40_000 + "</a>"
    message = await transformed(stylesheet(template('<r><xsl:value-of select="count(//b)"/></r>')), body)
    assert text(message) == "<r>40000</r>"


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        (
            stylesheet(template('<r><xsl:value-of select="a[["/></r>')),
            "the stylesheet cannot be compiled: xsl:value-of",
        ),
        (stylesheet(template('<xsl:message terminate="yes">no b</xsl:message>')), "the transformation failed: no b"),
        (stylesheet(template("")), "the transformation made no element"),
        ("no xml", "the stylesheet is not XML"),
    ],
)
async def test_mistakes_of_stylesheets_are_faults_that_name_it(sheet: str, message: str) -> None:
    with pytest.raises(Fault) as caught:
        await transformed(sheet)
    assert caught.value.message.startswith(f"xslt 'sheet': {message}")


async def test_a_key_that_names_nothing_is_a_fault() -> None:
    harness = Harness()
    with pytest.raises(Fault, match="there is no entry 'none'"):
        await harness.run('<xslt key="none"/>', harness.message(b"<a/>", "application/xml"))


async def test_a_source_that_finds_nothing_is_a_fault() -> None:
    with pytest.raises(Fault, match="//none finds no element"):
        await transformed(stylesheet(template("<r/>")), attributes='source="//none"')


async def test_text_that_the_source_finds_is_read_as_xml() -> None:
    sheet = stylesheet(template('<r><xsl:value-of select="name(/*)"/></r>'))
    message = await transformed(sheet, attributes='source="$ctx:x" target="out"', properties={"x": "<inner/>"})
    assert etree.tostring(message.properties["out"]) == b"<r>inner</r>"


@needs_saxon
@pytest.mark.parametrize("version", ["2.0", "3.0"])
async def test_later_versions_run_on_saxon(version: str) -> None:
    sheet = stylesheet(
        '<xsl:param name="p"/><xsl:include href="i.xslt"/>'
        + template('<r p="{$p}"><xsl:value-of select="string-join(//b, \',\')"/><xsl:call-template name="n"/></r>'),
        version,
    )
    message = await transformed(
        sheet,
        "<a><b>1</b><b>é</b></a>",
        inside='<property name="p" value="v"/><resource location="i.xslt" key="i"/>',
        more=entry("i", stylesheet('<xsl:template name="n">!</xsl:template>', version)),
    )
    assert text(message) == '<r p="v">1,é!</r>'


@needs_saxon
@pytest.mark.parametrize(
    ("inside", "message"),
    [
        (template("<r><xsl:copy-of select=\"doc('file:///etc/hostname')\"/></r>"), "has been prohibited"),
        (template("<r><xsl:value-of select=\"unparsed-text('file:///etc/hostname')\"/></r>"), "has been prohibited"),
        (template('<xsl:result-document href="file:///tmp/x"><r/></xsl:result-document>'), "is disabled"),
        ('<xsl:include href="none.xslt"/>', 'there is no <resource location="none.xslt">'),
        ('<xsl:import href="none.xslt"/>', "xsl:import is not supported"),
        (template('<r><xsl:value-of select="a[["/></r>'), "the stylesheet cannot be compiled"),
    ],
)
async def test_saxon_is_confined_too(inside: str, message: str) -> None:
    with pytest.raises(Fault) as caught:
        await transformed(stylesheet(inside, "3.0"))
    assert message in caught.value.message


@needs_saxon
async def test_text_output_of_saxon() -> None:
    sheet = stylesheet('<xsl:output method="text"/>' + template('<xsl:value-of select="//b"/>'), "2.0")
    element = (await transformed(sheet)).payload.content()
    assert element is not None
    assert element.text == "1"


async def test_without_the_extra_the_fault_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.mediators._saxon.is_installed", lambda: False)
    with pytest.raises(Fault, match=r"need Saxon: pip install 'myelin\[saxon\]'"):
        await transformed(stylesheet(template("<r/>"), "2.0"))


def test_features_and_attributes_of_java_transformers_are_accepted() -> None:
    inside = '<feature name="f" value="true"/><attribute name="a" value="b"/>'
    assert Harness().problems(f'<xslt key="k">{inside}</xslt>') == []
