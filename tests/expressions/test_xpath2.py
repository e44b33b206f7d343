from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.expressions import xpath2
from engine.expressions.base import ExpressionError
from engine.expressions.compile import compile_expression
from engine.expressions.xpath2 import XPath2


@pytest.fixture
def message(make_message: Any) -> Any:
    body = b'<m:o xmlns:m="urn:m"><i n="1">a</i><i n="2">b</i></m:o>'
    message = make_message(body, "application/xml", id="0537_2017_380", n=5)
    message.variables["count"] = 3
    return message


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("fn:substring-before($ctx:id, concat('', fn:tokenize($ctx:id, '_')[last()]))", "0537_2017_"),
        ("string-join(//i, ',')", "a,b"),
        ("for $x in //i return concat($x/@n, '-')", "1-2-"),
        ("if ($ctx:n > 3) then 'big' else 'small'", "big"),
        ("some $x in //i satisfies $x = 'b'", "true"),
        ("//i[matches(., 'b')]", "b"),
        ("//m:o/i[1]/string()", "a"),
        ("max(//i/@n)", "2.0"),
        ("1 to $var:count", "123"),
        ("tokenize(get-property('id'), '_')[2]", "2017"),
        ("tokenize('$ctx:id', 'z')", "$ctx:id"),
        ("string-join($body//i, '')", "ab"),
        ("matches($ctx:none, 'a')", "false"),
    ],
)
def test_what_is_no_xpath_1_is_xpath_2(message: Any, expression: str, expected: str) -> None:
    compiled = compile_expression(expression, {"m": "urn:m"})
    assert isinstance(compiled, XPath2)
    assert compiled.text(message) == expected


def test_values(message: Any) -> None:
    nodes = compile_expression("//i[matches(., 'a')]", {}).argument(message)
    assert nodes.get("n") == "1"
    assert compile_expression("matches('a', 'b')", {}).truth(message) is False
    assert compile_expression("matches('a', 'a')", {}).argument(message) == "true"


@pytest.mark.parametrize(
    ("expression", "message_text"),
    [
        ("tokenize('a'", "there is no function tokenize()"),
        ("doc('http://localhost/a.xml')", "there is no function doc()"),
        ("tokenize($cxt:a, 'b')", "there is no function tokenize()"),
        ("tokenize($boddy, 'b')", "there is no function tokenize()"),
        ("1 = $cxt:a", "there is no variable prefix 'cxt'"),
    ],
)
def test_mistakes_are_told_as_in_xpath_1(expression: str, message_text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(expression, {})
    assert message_text in caught.value.message


@pytest.mark.parametrize("name", ["doc", "fn:doc", "doc-available", "collection", "document"])
def test_files_and_addresses_are_out_of_reach(name: str) -> None:
    with pytest.raises(ExpressionError, match="is not supported"):
        XPath2(f"{name}('a.xml')", {})


def test_without_the_library_it_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xpath2, "is_available", lambda: False)
    with pytest.raises(ExpressionError, match="there is no function tokenize") as caught:
        compile_expression("tokenize('a', 'b')", {})
    assert "pip install 'myelin[xpath2]'" in caught.value.hint


def test_what_fails_is_a_fault(message: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Fault, match="failed"):
        compile_expression("tokenize('a', concat('(', $ctx:none))", {}).text(message)
    monkeypatch.setattr(xpath2, "MAX_ITEMS", 5)
    with pytest.raises(Fault, match="gives more than 5 items"):
        compile_expression("1 to 10", {}).text(message)


def test_texts_are_compared_without_the_locale_of_the_process(message: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library takes a lock for it, which it never gives back when there is no such locale."""
    monkeypatch.setattr("locale.setlocale", lambda *arguments: pytest.fail("the locale was touched"))
    assert compile_expression("string(max(//i/@n) > 1 and contains('a', lower-case('A')))", {}).text(message) == "true"
    assert compile_expression("compare('a', 'B')", {}).text(message) == "1"
