from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.expressions.compile import compile_expression

ENDLESS, ON = "(a|aa)+$", "a" * 60 + "b"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("matches('Order-12', '[A-Z]\\w+-\\d{2}')", "true"),
        ("matches('abc', '^B', 'i')", "false"),
        ("matches('ABC', 'b', 'i')", "true"),
        ("matches('a b', 'a\\ b', 'x')", "true"),
        ("matches('a&#10;b', '^b$', 'm')", "true"),
        ("matches('é', '\\p{Ll}')", "true"),
        ("matches('b', '[a-z-[b]]')", "false"),
        ("matches(//none, 'a')", "false"),
        ("replace('a-b-c', '-', '/')", "a/b/c"),
        ("replace('abracadabra', 'a(.)', 'a$1$1')", "abbraccaddabbra"),
        ("replace('a.b', '\\.', '\\$')", "a$b"),
        ("replace((), 'a', 'b')", ""),
        ("string-join(tokenize('a, b,c', ',\\s*'), '|')", "a|b|c"),
        ("count(tokenize('a,,b', ','))", "3"),
        ("count(tokenize('', ','))", "0"),
        ("string-join(tokenize('aXbxc', '(x)', 'i'), '|')", "a|b|c"),
    ],
)
def test_functions(make_message: Any, expression: str, expected: str) -> None:
    message = make_message(b"<a/>", "application/xml")
    assert compile_expression(expression.replace("&#10;", "\n"), {}).text(message) == expected


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("matches(//v, '{ENDLESS}')", r"the regular expression '.*' took more than 0.5 seconds for a text of 61"),
        ("replace(//v, '{ENDLESS}', '')", r"the regular expression '.*' took more than 0.5 seconds for a text of 61"),
        ("tokenize(//v, '{ENDLESS}')", r"the regular expression '.*' took more than 0.5 seconds for a text of 61"),
        ("matches(//v, '(')", r"FORX0002\] '\(' is not a regular expression: "),
        ("matches(//v, 'a', 'y')", r"FORX0001\] 'y' is no flag of a regular expression"),
        ("replace(//v, 'a*', 'b')", r"FORX0003\] the regular expression 'a\*' matches the empty text"),
        ("replace(//v, 'a', '$')", r"FORX0004\] '\$' is not a replacement"),
        ("replace(//v, 'a', '$1')", r"FORX0004\] the regular expression has no group 1 for '\$1'"),
        ("tokenize(//v, 'a?')", r"FORX0003\] the regular expression 'a\?' matches the empty text"),
    ],
)
def test_faults(make_message: Any, expression: str, problem: str) -> None:
    message = make_message(f"<a><v>{ON}</v></a>".encode(), "application/xml")
    with pytest.raises(Fault, match=problem):
        compile_expression(expression.format(ENDLESS=ENDLESS), {}).text(message)
