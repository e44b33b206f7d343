from __future__ import annotations

import re
import time

import pytest

from engine.errors import Fault
from engine.message import pattern
from engine.message.java_regex import expanded
from engine.message.pattern import compile_pattern

ENDLESS = r"(a|aa)+$"
ON = "a" * 60 + "b"


@pytest.mark.parametrize(
    ("source", "text", "whole", "found"),
    [
        ("2..", "200", True, True),
        ("2..", "2000", False, True),
        ("/orders/.*", "/orders/12", True, True),
        ("/orders/.*", "/orders/1\n2", False, True),
        ("200|201", "201", True, True),
        (r"\d\d", "١٢", False, False),
        (r"(\w+)@(\w+)", "é@b", False, False),
        ("[a-z&&[^b]]+", "ac", True, True),
        ("[a-z&&[^b]]+", "b", False, False),
        ("[a[0-9]]+", "a1", True, True),
        ("(?<name>a)b", "ab", True, True),
        ("a(?i)B", "ab", True, True),
        (r"\p{L}+", "é", True, True),
        (r"\p{Alpha}+", "é", False, False),
        (r"\p{Alpha}+", "ab", True, True),
        ("a*+a", "aaa", False, False),
        ("", "", True, True),
        ("", "a", False, True),
        ("é", "xé", False, True),
    ],
)
def test_java_syntax(source: str, text: str, whole: bool, found: bool) -> None:
    compiled = compile_pattern(source)
    assert (compiled.fullmatch(text) is not None, compiled.search(text) is not None) == (whole, found)


@pytest.mark.parametrize(
    "source", ["2..", "/orders/.*", "x|y", "[a-c]+", r"\.[a-z]?", "(a)(b)?", "[^,]*,", "[a-c]{3}", "2{1}0{2}.*"]
)
@pytest.mark.parametrize("text", ["200", "/orders/12", "x", "abc", ".z", "ab", "é,", ""])
def test_both_libraries_say_the_same(source: str, text: str) -> None:
    ours, theirs = compile_pattern(source), re.compile(source, re.ASCII)

    def upper(match: re.Match[str]) -> str:
        return match[0].upper() + "!"

    assert [bool(ours.fullmatch(text)), bool(ours.match(text)), bool(ours.search(text))] == [
        bool(theirs.fullmatch(text)),
        bool(theirs.match(text)),
        bool(theirs.search(text)),
    ]
    assert [match.span() for match in ours.matches(text)] == [match.span() for match in theirs.finditer(text)]
    assert ours.replace(upper, text) == theirs.sub(upper, text)
    assert ours.replace(upper, text, 1) == theirs.sub(upper, text, count=1)
    assert ours.groups == theirs.groups


@pytest.mark.parametrize("use", ["fullmatch", "match", "search", "matches", "replace"])
def test_an_expression_without_end_is_a_fault(use: str) -> None:
    compiled = compile_pattern(ENDLESS)
    begin = time.process_time()
    with pytest.raises(Fault) as raised:
        compiled.replace(lambda match: "", ON) if use == "replace" else getattr(compiled, use)(ON)
    assert time.process_time() - begin < 4 * pattern.SECONDS
    assert raised.value.message == (
        "the regular expression '(a|aa)+$' took more than 0.5 seconds for a text of 61 characters; repeats inside "
        "repeats do that, as in (a+)+"
    )


@pytest.mark.parametrize("source", ["(a|a)*b", "a*a*b", "(?:.*)*x", r"(\w)\1*", "a{1,3}", "(ab)", r"\b", "[[a]", r"\q"])
def test_only_plain_expressions_stay_with_re(source: str) -> None:
    assert pattern._PLAIN.fullmatch(source) is None


@pytest.mark.parametrize(
    ("source", "message", "position"),
    [
        ("a(", r"missing \), unterminated subpattern", 1),
        ("a**", "multiple repeat", 2),
        (r"\p{L}(", r"missing \)", 6),
        ("[z-a]", "bad character range", 1),
        ("(" * 20_000, "more than 10,000 characters", 0),
    ],
)
def test_what_is_no_expression(source: str, message: str, position: int) -> None:
    with pytest.raises(re.error, match=message) as raised:
        compile_pattern(source)
    assert raised.value.pos == position


def test_a_replacement_with_groups() -> None:
    compiled = compile_pattern("(a)(b)?")
    assert compiled.replace(lambda match: expanded("<$1$2>", match), "xaab") == "x<a><ab>"


def test_flags() -> None:
    compiled = compile_pattern("^(a.)$", re.IGNORECASE | re.DOTALL | re.MULTILINE)
    assert [match[0] for match in compiled.matches("A\n\nax")] == ["A\n", "ax"]
    assert compile_pattern(r"(\w)+", re.NOFLAG).fullmatch("é") is not None
