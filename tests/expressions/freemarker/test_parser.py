from __future__ import annotations

import pytest

from engine.expressions.base import ExpressionError
from engine.expressions.freemarker.parser import parse
from engine.expressions.freemarker.tree import Assign, If, Loop, Output, Text


def test_parts_and_their_lines() -> None:
    text, output, condition, rest = parse("a\n${x}<#if x>y</#if>\nz")
    assert isinstance(text, Text)
    assert (text.text, text.line) == ("a\n", 1)
    assert isinstance(output, Output)
    assert output.line == 2
    assert isinstance(condition, If)
    assert (len(condition.branches), condition.line) == (1, 2)
    assert isinstance(rest, Text)
    assert rest.text == "\nz"


def test_loops_and_assignments() -> None:
    loop, first, second = parse("<#list a as x, y>b<#else>c</#list><#assign d = 1 e = 2>")
    assert isinstance(loop, Loop)
    assert loop.names == ("x", "y")
    assert isinstance(first, Assign)
    assert isinstance(second, Assign)
    assert (first.name, second.name) == ("d", "e")


@pytest.mark.parametrize(
    ("template", "offset", "message"),
    [
        ("<#if x>", 7, "there is no <#elseif> or <#elseIf> or <#else> or </#if> for the directive before"),
        ("<#list x as y>a", 14, "there is no <#else> or </#list>"),
        ("</#if>", 0, "</#if> has no beginning"),
        ("a<#iff x>", 1, "<#iff> is not supported here"),
        ("<#macro m></#macro>", 0, "<#macro> is not supported here"),
        ("<#include 'x'>", 0, "<#include> is not supported here"),
        ("<@m/>", 0, "macros and #{…} are not supported"),
        ("<#break>", 7, "<#break> stands outside a <#list>"),
        ("<#sep>", 5, "<#sep> stands outside a <#list>"),
        ("<#list x>a</#list>", 10, "</#list> has no beginning"),
        ("<#list x as 5>", 12, "'5' stands where the name of a variable"),
        ("<#assign >", 9, "'>' stands where the name of a variable"),
        ("<#if x", 6, "the expression ends where '>' or an operator"),
        ("<#-- x", 0, "the comment has no end -->"),
        ("<#noparse>x", 0, "<#noparse> has no end"),
        ("<#switch x><#case 1>a<#case 2>b<#break></#switch>", 20, "the case does not end with <#break>"),
    ],
)
def test_mistakes_have_their_place(template: str, offset: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(template)
    assert message in caught.value.message
    assert caught.value.offset == offset
