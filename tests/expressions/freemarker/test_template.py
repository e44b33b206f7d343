from __future__ import annotations

import contextlib
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Fault
from engine.expressions.base import ExpressionError
from engine.expressions.freemarker import template as template_module
from engine.expressions.freemarker.template import FreemarkerTemplate
from tests.expressions.conftest import new_message

BODY = b'{"name":"Ada","id":123456789012345678,"price":2.50,"xs":[{"a":1},{"a":2},{"a":3}],"no":null,"t":true,"e":[]}'


@pytest.fixture
def message(make_message: Any) -> Any:
    headers = ((b"content-type", b"application/json"), (b"x-trace-id", b"t1"))
    message = make_message(BODY, "application/json", headers=headers, city="Paris", count=5)
    message.axis2["HTTP_SC"] = 200
    message.variables.update(user=12, order={"lines": [1, 2]}, spelled='{"k": [7]}', none=None)
    return message


def rendered(message: Any, text: str, *arguments: str) -> str:
    makers = [lambda message, value=value: value for value in arguments]
    return FreemarkerTemplate(text, makers).render(message)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain {{ x }} {% y %} $1 } {", "plain {{ x }} {% y %} $1 } {"),
        ("Hi ${payload.name}!", "Hi Ada!"),
        ('${payload["name"]}', "Ada"),
        ("${payload.id}", "123,456,789,012,345,678"),
        ("${payload.id?c}", "123456789012345678"),
        ("${payload.price} ${payload.t}", "2.5 true"),
        ("${payload.xs[1].a} ${payload.xs?size}", "2 3"),
        ("${payload.no!'null'} ${payload.none!} ${(payload.a.b.c)!'d'}", "null  d"),
        ("${payload.name??} ${payload.none??}", "true false"),
        ("${args.arg1} ${args.arg2}", "one two"),
        ("${ctx.city} ${ctx['count']} ${axis2.HTTP_SC}", "Paris 5 200"),
        ("${trp['Content-Type']} ${trp['x-trace-id']}", "application/json t1"),
        ("${vars.user} ${vars.order.lines[1]} ${vars.order}", '12 2 {"lines":[1,2]}'),
        ("${vars.spelled?eval_json.k[0]}", "7"),
        ("<#if payload.t>yes<#else>no</#if>", "yes"),
        ("<#if payload.e?has_content>a<#elseif payload.id gt 5>b<#else>c</#if>", "b"),
        ("<#list payload.xs as x>${x?index}=${x.a}<#if x?has_next>,</#if></#list>", "0=1,1=2,2=3"),
        ("<#list payload.xs as x>${x_index}<#if x_has_next>,</#if></#list>", "0,1,2"),
        ("<#list payload.xs as x>${x.a}<#sep>, </#list>", "1, 2, 3"),
        ("<#list payload.xs as x>${x.a}<#sep>, </#sep></#list>.", "1, 2, 3."),
        ("<#list payload.e as x>${x}<#else>none</#list>", "none"),
        ("<#list payload.xs>[<#items as x>${x.a}<#sep>|</#items>]</#list>", "[1|2|3]"),
        ("<#list payload.e>[<#items as x>${x.a}</#items>]<#else>none</#list>", "none"),
        ("<#list vars.order as key, value>${key}:${value?size}</#list>", "lines:2"),
        ("<#list 1..4 as i><#if i == 3><#break></#if><#if i == 2><#continue></#if>${i}</#list>", "1"),
        (
            "<#list payload.xs as x><#list payload.xs as y>${x?index * 3 + y?counter}<#sep>,</#list>;</#list>",
            "1,2,3;4,5,6;7,8,9;",
        ),
        ("<#assign a = 5, b = a + 1>${a}${b}", "56"),
        ("<#assign n = 0><#list payload.xs as x><#assign n = n + x.a></#list>${n}", "6"),
        ("<#assign text>Hi ${payload.name}</#assign>${text?upper_case}", "HI ADA"),
        ("<#switch payload.name><#case 'Bob'>b<#break><#case 'Ada'>a<#break><#default>d</#switch>", "a"),
        ("<#switch payload.name><#case 'Bob'>b<#break><#default>d</#switch>", "d"),
        ("<#-- a ${comment} -->x<#noparse>${y}<#if></#noparse>", "x${y}<#if>"),
        ('<#ftl output_format="JSON"><#setting number_format="computer">x', "x"),
        ("a\n<#if true>\n  b\n</#if>\nc", "a\n  b\nc"),
        ("{\n  <#list payload.xs as x>\n  ${x.a}\n  </#list>\n}", "{\n  1\n  2\n  3\n}"),
    ],
)
def test_templates(message: Any, text: str, expected: str) -> None:
    assert rendered(message, text, "one", "two") == expected


def test_xml_payloads(make_message: Any) -> None:
    body = (
        '<m:order xmlns:m="urn:m" id="7"><m:who>Ada &amp; Bob</m:who><item n="1">a</item><item n="2">b</item>'
        "<empty/><deep><x>1</x></deep><c><![CDATA[<é>]]></c></m:order>"
    )
    message = make_message(body.encode(), "application/xml")
    cases = {
        "${payload.order.who}": "Ada & Bob",
        "${payload.order.@id}": "7",
        "${payload.order['@id']}": "7",
        "${payload['m:order']['m:who']?xml}": "Ada &amp; Bob",
        "${payload.order.item[1]}": "b",
        "${payload.order.item?size}": "2",
        "<#list payload.order.item as i>${i.@n}${i}<#sep>,</#list>": "1a,2b",
        "<#list payload.order?children as c>${c?node_name} </#list>": "who item item empty deep c ",
        "${payload.order.missing!'none'} ${payload.order.missing?has_content}": "none false",
        "[${payload.order.empty}]": "[]",
        "${payload.order.deep.x?number + 1}": "2",
        "${payload.order.c}": "<é>",
        "${payload.order.deep.@@markup}": "<deep><x>1</x></deep>",
    }
    assert {text: rendered(message, text) for text in cases} == cases
    with pytest.raises(Fault, match="<deep> has elements inside"):
        rendered(message, "${payload.order.deep}")
    with pytest.raises(Fault, match="2 XML nodes are no single value"):
        rendered(message, "${payload.order.item}")


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"hello", "text/plain", "hello"),
        (b"", "", ""),
        (b"[1,2]", "application/json", "[1,2]"),
        (b"null", "application/json", "null"),
        (b'"a"', "application/json", "a"),
    ],
)
def test_other_payloads(make_message: Any, body: bytes, content_type: str, expected: str) -> None:
    assert rendered(make_message(body, content_type), "${payload}") == expected


def test_only_a_template_that_names_the_payload_reads_it() -> None:
    assert FreemarkerTemplate("${vars.a}").reads_body is False
    assert FreemarkerTemplate("${vars.a}", arguments_read_body=True).reads_body is True
    assert FreemarkerTemplate("${payload.a}").reads_body is True


@pytest.mark.parametrize(
    ("text", "message_text"),
    [
        ("${payload.none}", "line 1: there is no 'none'; write none!'' if it may be missing"),
        ("a\n\n<#if payload.name.x>y</#if>", "line 3: a text has no member 'x'"),
        ("<#if payload.name>y</#if>", "a text is neither true nor false"),
        ("${payload.name - 1}", "a text is not a number"),
        ("${payload.name == 5}", "a text and a number cannot be compared"),
        ("<#list payload.name as x></#list>", "is no sequence"),
        ("${1 / 0}", "division by zero"),
        ("<#stop 'not today'>", "line 1: not today"),
        ("<#list 1..1000 as a><#list 1..1000 as b><#list 1..1000 as c>x</#list></#list></#list>", "loops more than"),
        ("<#list 1..9999999 as a></#list>", "the range has more than"),
        ("<#assign s='xxxxxxxxxx'><#list 1..99 as i><#assign s=s+s></#list>", "a text of more than"),
        ("<#assign s=[1]><#list 1..99 as i><#assign s=s+s></#list>", "a sequence of more than"),
        ("<#assign n=9><#list 1..99 as i><#assign n=n*n></#list>", "the number is too large"),
    ],
)
def test_what_cannot_be_rendered_is_a_fault(message: Any, text: str, message_text: str) -> None:
    with pytest.raises(Fault, match=re.escape(message_text)):
        rendered(message, text)


def test_what_is_written_is_bounded(message: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_module, "MAX_TEXT", 1000)
    with pytest.raises(Fault, match="writes more than 1,000 characters"):
        rendered(message, "<#list 1..500 as i>abc</#list>")


def test_python_is_out_of_reach(message: Any) -> None:
    for text in ("${payload.__class__!'no'}", "${ctx['__init__']!'no'}", "${run!'no'}", "${self!'no'}"):
        assert rendered(message, text) == "no"


PIECES = st.sampled_from(
    [
        *(
            "${payload.a}",
            "${payload.b?",
            "size}",
            "upper_case}",
            "${",
            "}",
            "<#if ",
            "payload.t",
            ">",
            "</#if>",
            "<#else>",
        ),
        *(
            "<#list ",
            "payload.xs",
            " as x>",
            "</#list>",
            "<#sep>",
            "${x",
            "?index",
            "!",
            "??",
            "x",
            "<#assign y=",
            "1..3",
        ),
        *(
            "(",
            ")",
            "[0]",
            "{'a':1}",
            " + ",
            " == ",
            " gt ",
            "'t'",
            "5",
            "?c",
            "?join(',')",
            "<#break>",
            "<#stop>",
            "<#--",
        ),
    ]
)


@given(pieces=st.lists(PIECES, max_size=8))
def test_nothing_raises_anything_but_an_expression_error_and_a_fault(pieces: list[str]) -> None:
    message = new_message(b'{"a":"x","b":[1,2],"t":true,"xs":[{"c":null},3]}', "application/json")
    with contextlib.suppress(ExpressionError, Fault):
        assert isinstance(FreemarkerTemplate("".join(pieces)).render(message), str)
