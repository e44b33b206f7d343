from __future__ import annotations

import pytest
from jinja2 import nodes

from engine.expressions.base import ExpressionError
from engine.expressions.freemarker.parser import parse
from engine.expressions.freemarker.translate import OPERATIONS, translate


def test_every_operation_is_asked_of_the_run() -> None:
    tree = translate(parse("<#list a.b as x>${x?index + 1.5}</#list><#if c??>d</#if>"))
    names = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "load"}
    assert names == {OPERATIONS, "place_1"}
    operations = {call.node.attr for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Getattr)}
    assert operations == {"loop", "get", "name", "text", "add", "loop_index", "decimal", "truth", "exists"}


def test_lines_are_kept() -> None:
    tree = translate(parse("a\n${b}\n<#if true>c</#if>"))
    assert [node.lineno for node in tree.body] == [1, 2, 2, 3]


def test_a_loop_built_in_needs_a_loop() -> None:
    with pytest.raises(ExpressionError, match="'x' is not the variable of a <#list> around"):
        translate(parse("${x?index}"))
