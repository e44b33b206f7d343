from __future__ import annotations

import importlib.util

import pytest

from engine.errors import Fault
from engine.message.context import MessageContext
from engine.testing.harness import Harness

needs_saxon = pytest.mark.skipif(importlib.util.find_spec("saxonche") is None, reason="the extra saxon")


async def queried(
    query: str, attributes: str = "", inside: str = "", body: str = "<a><b>1</b></a>", artifacts: str = ""
) -> MessageContext:
    harness = Harness(f'<localEntry key="q"><![CDATA[{query}]]></localEntry>{artifacts}')
    message = harness.message(body.encode(), "application/xml")
    message.properties["p"] = "5"
    assert await harness.run(f'<xquery key="q" {attributes}>{inside}</xquery>', message) is True
    return message


def text(message: MessageContext) -> str:
    return message.payload.render("xml").decode()


@needs_saxon
@pytest.mark.parametrize(
    ("declared", "variable", "result"),
    [
        ("xs:integer", 'type="INTEGER" value=" 5 "', "5"),
        ("xs:int", 'type="INT" value="5"', "5"),
        ("xs:byte", 'type="BYTE" value="-128"', "-128"),
        ("xs:short", 'type="SHORT" value="5"', "5"),
        ("xs:long", 'type="LONG" value="9007199254740993"', "9007199254740993"),
        ("xs:boolean", 'type="BOOLEAN" value="TRUE"', "true"),
        ("xs:double", 'type="DOUBLE" value="1.5"', "1.5"),
        ("xs:string", 'type="STRING" value="é"', "é"),
        ("xs:string", 'type="STRING" expression="$ctx:p"', "5"),
        ("xs:integer", 'type="INTEGER" expression="//b"', "1"),
        ("document-node()", 'type="DOCUMENT"', "1"),
        ("document-node()", 'type="ELEMENT" expression="//b"', "1"),
        ("document-node()", 'type="DOCUMENT" key="e"', "x"),
    ],
)
async def test_variables(declared: str, variable: str, result: str) -> None:
    query = f"declare variable $v as {declared} external; <r>{{data($v)}}</r>"
    artifacts = '<localEntry key="e"><n xmlns="">x</n></localEntry>'
    message = await queried(query, "", f'<variable name="v" {variable}/>', artifacts=artifacts)
    assert text(message) == f"<r>{result}</r>"


@needs_saxon
@pytest.mark.parametrize(
    ("query", "attributes", "result"),
    [
        ("<r/>, <s/>", "", "<r/>"),
        ("<r/>", 'target="//b"', "<a><r/></a>"),
        ("1 + 1", 'target="//b"', "<a><b>2</b></a>"),
        ("1.5e0 + 1", 'target="//b"', "<a><b>2.5</b></a>"),
        ("true()", 'target="//b"', "<a><b>true</b></a>"),
        ("'x &lt; é'", 'target="//b"', "<a><b>x &lt; é</b></a>"),
        ("()", "", "<a><b>1</b></a>"),
    ],
)
async def test_results(query: str, attributes: str, result: str) -> None:
    assert text(await queried(query, attributes)) == result


@needs_saxon
async def test_an_empty_body_takes_an_element() -> None:
    assert text(await queried("<r/>", body="")) == "<r/>"


@needs_saxon
@pytest.mark.parametrize("query", ["1 +", "error()", 'doc("file:///etc/hostname")', "$v"])
async def test_queries_that_fail(query: str) -> None:
    with pytest.raises(Fault, match="the query failed"):
        await queried(query)


@needs_saxon
async def test_a_value_that_is_not_of_the_type_is_a_fault() -> None:
    with pytest.raises(Fault, match="xquery variable 'v': 'x' is no value of the type INTEGER"):
        await queried("1", "", '<variable name="v" type="INTEGER" expression="//c"/>', "<a><c>x</c></a>")


@needs_saxon
@pytest.mark.parametrize(
    ("variable", "problem"),
    [
        ('name="v" type="INTEGER" value="x"', "'x' is no value of the type INTEGER"),
        ('name="v" type="SHORT" value="40000"', "no value of the type SHORT"),
        ('name="v" type="INTEGR" value="1"', "Did you mean 'INTEGER'?"),
        ('name="v" type="STRING" key="k" expression="//a"', "not supported"),
    ],
)
def test_mistakes_at_load(variable: str, problem: str) -> None:
    assert problem in "\n".join(Harness().problems(f'<xquery key="q"><variable {variable}/></xquery>'))


def test_without_the_extra_it_is_an_error_at_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.mediators._saxon.is_installed", lambda: False)
    [problem] = Harness().problems('<xquery key="q"/>')
    assert problem.endswith("error[unsupported]: <xquery>: XQuery needs Saxon. Install it: pip install 'myelin[saxon]'")


@needs_saxon
@pytest.mark.parametrize(
    ("resource", "result"),
    [
        ("<x><![CDATA[<r>{1 + 1}</r>]]></x>", "<r>2</r>"),
        ("<r>{1 + 1}</r>", "<r>2</r>"),
        ("<x><![CDATA[broken", None),
    ],
)
async def test_a_resource_may_wrap_the_query_in_an_element(resource: str, result: str | None) -> None:
    harness = Harness()
    harness.services.registry.put("conf:/q.xq", resource.encode())
    message = harness.message(b"<a/>", "application/xml")
    if result is None:
        with pytest.raises(Fault):
            await harness.run('<xquery key="conf:/q.xq"/>', message)
    else:
        await harness.run('<xquery key="conf:/q.xq" target="//a"/>', message)
        assert text(message) == result
