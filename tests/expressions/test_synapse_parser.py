from __future__ import annotations

import re

import pytest

from engine.expressions.base import ExpressionError
from engine.expressions.compile import compile_expression


@pytest.mark.parametrize(
    ("text", "offset", "message", "hint"),
    [
        ("${}", 2, "the expression is empty", ""),
        ("${ }", 2, "the expression is empty", ""),
        ("${1 +}", 5, "the expression ends where a value must follow", ""),
        ("${5-3}", 3, "'-' before a digit belongs to the number", "Write a space after '-' to subtract."),
        ("${5 -3}", 4, "'-' before a digit belongs to the number", "Write a space after '-' to subtract."),
        ("${!vars.a}", 2, "'!' stands where a value must follow", "There is no '!'; write not(…)."),
        ("${vars.a = 1}", 9, "'=' stands where an operator or the end", ""),
        ("${vars.a 'x'}", 9, "''' stands where an operator or the end", ""),
        ("${(vars.a}", 9, "the expression ends where ')' or an operator", ""),
        ("${vars}", 6, "the expression ends where '.' and the name of a variable must follow", ""),
        ("${vars[0]}", 7, "'0' stands where the name of a variable in quotes", ""),
        ("${pyload.a}", 2, "'pyload' is no value", "Did you mean 'payload'?"),
        ("${abc}", 2, "'abc' is no value", "A text stands in quotes: 'abc'."),
        ("${length}", 2, "'length' is no value", "A text stands in quotes: 'length'."),
        ("${params.queryParam.a}", 9, "params has no 'queryParam'", "Did you mean 'queryParams'?"),
        ("${props.default.a}", 8, "props has no 'default'", "There are synapse, axis2."),
        ("${lenght('a')}", 2, "there is no function lenght()", "Did you mean 'length'?"),
        ("${trim()}", 2, "trim() takes 1 argument(s), not 0", "For example ${trim(' GoTo ')}."),
        (
            "${subString('a')}",
            2,
            "subString() takes 2 to 3 argument(s), not 1",
            "For example ${subString('webinar', 3)}.",
        ),
        ("${trim('a' 'b')}", 11, "''' stands where ',' or ')'", ""),
        ("${true ? 1}", 10, "the expression ends where ':' must follow", ""),
        ("${'abc}", 2, "the text that starts with ' has no end", ""),
        ("${payload.a[?(@.b ==)]}", 20, "')' stands where a value or a path", ""),
        ("${payload.a[1:2:3:4]}", 17, "a slice has three numbers at most", ""),
        ("${payload.a[(@.length-1)]}", 12, "scripts in a JSON path are not supported", "Write [-1] for the last item."),
        ("${xpath('//a[')}", 13, "the expression ends where a value", ""),
        ("${xpath('//x:a')}", 11, "the namespace prefix 'x' is not declared", 'Add xmlns:x="…".'),
        ("${" + "9" * 500 + "}", 2, "the number has too many digits", ""),
    ],
)
def test_mistakes_have_their_place(text: str, offset: int, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, {})
    assert message in caught.value.message
    assert (caught.value.offset, caught.value.hint) == (offset, hint)


@pytest.mark.parametrize(
    ("text", "reads_body"),
    [
        ("vars.a + headers.b", False),
        ("payload", True),
        ("$.a", True),
        ("vars.payload", False),
        ("vars.a[payload.i]", True),
        ("vars.a[?(@.b > $.c)]", True),
        ("vars.a[?(@.b > vars.c)]", False),
        ("[1, payload.a]", True),
        ("exists(payload.a)", True),
        ("not(vars.a) ? payload.a : 1", True),
        ("xpath('//a')", True),
        ("xpath('$ctx:a')", False),
        ("registry('conf:/a').b", False),
        ("'payload.a'", False),
    ],
)
def test_only_some_expressions_read_the_body(text: str, reads_body: bool) -> None:
    assert compile_expression(f"${{{text}}}", {}).reads_body is reads_body


def test_nesting_is_bounded() -> None:
    compile_expression("${" + "(" * 60 + "1" + ")" * 60 + "}", {})
    with pytest.raises(ExpressionError, match=re.escape("nested deeper than 64 levels")):
        compile_expression("${" + "(" * 5000, {})
