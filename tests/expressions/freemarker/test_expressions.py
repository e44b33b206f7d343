from __future__ import annotations

import pytest

from engine.expressions.base import ExpressionError
from engine.expressions.freemarker.template import FreemarkerTemplate
from tests.expressions.conftest import new_message


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 2 - 3", "5"),
        ("7 % 4", "3"),
        ("-2 + 5", "3"),
        ("1.5 + 1", "2.5"),
        ("!false && true || false", "true"),
        ("1 == 1.0", "true"),
        ("1 != 2", "true"),
        ("(2 > 1)", "true"),
        ("2 gte 2", "true"),
        ("1 &lt; 2", "true"),
        ("1 &gt;= 2", "false"),
        ("true &amp;&amp; true", "true"),
        ("'a' + 'b'", "ab"),
        ("'it\\'s \\x41 \\n'?trim", "it's A"),
        ("r'a\\n'", "a\\n"),
        ("'${1 + 1}-${\"x\"}'", "2-x"),
        ("[1, 2 + 3][1]", "5"),
        ("{'a': {'b': 7}}.a.b", "7"),
        ("(1..3)?join('')", "123"),
        ("(0..<3)?join('')", "012"),
        ("none!'d' + 'e'", "de"),
        ("(none!'d') + 'e'", "de"),
        ("none!", ""),
        ("none!?length", "0"),
        ("none.a.b!1 + 1", "2"),
        ("none??", "false"),
        ("!none??", "true"),
    ],
)
def test_expressions(expression: str, expected: str) -> None:
    assert FreemarkerTemplate(f"${{{expression}}}").render(new_message()) == expected


@pytest.mark.parametrize(
    ("template", "offset", "message", "hint"),
    [
        ("${}", 2, "'}' stands where a value", ""),
        ("${a", 3, "the expression ends where '}' or an operator", ""),
        ("${a b}", 4, "'b' stands where '}' or an operator", ""),
        ("${a.}", 4, "'}' stands where a name", "Write ['a name'] for a name with other characters."),
        ("${a[1}", 5, "'}' stands where ']'", ""),
        ("${a?uper_case}", 3, "the built-in ?uper_case is not supported", "Did you mean 'upper_case'?"),
        ("${a?replace('x')}", 3, "?replace takes 2 to 3 argument(s), not 1", ""),
        ("${a?filter(x -> x)}", 3, "the built-in ?filter is not supported", ""),
        ("${a.b?index}", 5, "?index needs the variable of a <#list>", ""),
        ("${'abc}", 2, "the text that starts with ' has no end", ""),
        ("${[1 2]}", 5, "'2' stands where ',' or ']'", ""),
        ("${'a${b'}", 7, "the expression ends where '}'", ""),
    ],
)
def test_mistakes_have_their_place(template: str, offset: int, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        FreemarkerTemplate(template)
    assert message in caught.value.message
    assert caught.value.offset == offset
    assert not hint or caught.value.hint == hint


def test_nesting_is_bounded() -> None:
    with pytest.raises(ExpressionError, match="nested deeper than"):
        FreemarkerTemplate("${" + "(" * 5000)
