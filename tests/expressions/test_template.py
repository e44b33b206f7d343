from __future__ import annotations

import logging
from typing import Any

import pytest

from engine.expressions.compile import compile_expression, compile_json_path
from engine.expressions.template import Argument, MediaType, Template
from engine.testing.harness import Harness

BODY = b'{"o":{"a":[1,2],"b":"<x>"},"s":"say \\"hi\\"","n":5,"xml":"<p>1</p>"}'


@pytest.fixture
def message(make_message: Any) -> Any:
    return make_message(
        BODY,
        "application/json",
        quote='a "b" \\ \n\t\x01',
        json=' {"k":1}',
        array="[1,2]",
        markup="<abc>sample</abc> ",
        broken="<abc>sample",
        amp="R&D <'\">",
        money="$1 costs $22",
        num="12.50",
    )


def path(expression: str, *, literal: bool = False) -> Argument:
    return Argument(compile_expression(expression, {}), "xml", literal)


def json_path(expression: str, *, literal: bool = False) -> Argument:
    return Argument(compile_json_path(expression), "json", literal)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (path("$ctx:quote"), 'a \\"b\\" \\\\ \\n\\t\\u0001'),
        (path("$ctx:json"), ' {"k":1}'),
        (path("$ctx:array"), "[1,2]"),
        (path("$ctx:markup"), '{"abc":"sample"}'),
        (path("$ctx:broken"), "<abc>sample"),
        (path("$ctx:amp"), "R&D <'\\\">"),
        (path("$ctx:no"), ""),
        (path("$ctx:num"), "12.50"),
        (path("$ctx:markup", literal=True), "<abc>sample</abc> "),
        (path("$ctx:json", literal=True), ' {\\"k\\":1}'),
        (json_path("$.o"), '{"a":[1,2],"b":"<x>"}'),
        (json_path("$.s"), 'say \\"hi\\"'),
        (json_path("$.n"), "5"),
        (json_path("$.xml"), "<p>1</p>"),
        (json_path("$.missing"), ""),
        (Argument("plain"), "plain"),
        (Argument("<abc>sample</abc>"), '{"abc":"sample"}'),
    ],
)
def test_trap_19_json(message: Any, argument: Argument, expected: str) -> None:
    assert Template("[$1]", "json", [argument]).render(message) == f"[{expected}]"


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (json_path("$.o"), "<a>1</a><a>2</a><b>&lt;x&gt;</b>"),
        (json_path("$.o.a"), "<jsonElement>1</jsonElement><jsonElement>2</jsonElement>"),
        (json_path("$.xml"), "<p>1</p>"),
        (json_path("$.s"), "say &quot;hi&quot;"),
        (json_path("$.o.a", literal=True), "[1,2]"),
        (path("$ctx:amp"), "R&amp;D &lt;&apos;&quot;&gt;"),
        (path("$ctx:markup"), "<abc>sample</abc> "),
        (path("$ctx:markup", literal=True), "&lt;abc&gt;sample&lt;/abc&gt; "),
        (path("$ctx:array"), "[1,2]"),
        (path("$ctx:broken"), "&lt;abc&gt;sample"),
        (path("$ctx:no"), ""),
        (Argument("R&D"), "R&amp;D"),
        (Argument("<a/>"), "<a/>"),
    ],
)
def test_trap_20_xml(message: Any, argument: Argument, expected: str) -> None:
    assert Template("<t>$1</t>", "xml", [argument]).render(message) == f"<t>{expected}</t>"


@pytest.mark.parametrize(
    ("media_type", "format_", "expected"),
    [
        ("xml", "<t>$1</t>", "<t><h>1</h><h>2</h></t>"),
        ("json", "$1", '{"h":[1,2]}'),
        ("text", "$1", "<h>1</h><h>2</h>"),
    ],
)
def test_several_elements_side_by_side_are_xml(media_type: MediaType, format_: str, expected: str) -> None:
    message = Harness().message(b"<r><h>1</h><h>2</h></r>", "application/xml")
    assert Template(format_, media_type, [path("//r/h")]).render(message) == expected


def test_trap_20_a_constant_that_is_no_xml_is_xml_escaped_everywhere(message: Any) -> None:
    assert Template("$1", "json", [Argument("R&D")]).render(message) == "R&amp;D"
    assert Template("$1", "text", [Argument("R&D")]).render(message) == "R&amp;D"
    assert Template("$1", "text", [path("$ctx:amp")]).render(message) == "R&D <'\">"


def test_trap_21_a_missing_argument_leaves_the_rest_untouched(message: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "myelin.expressions"):
        rendered = Template("a $1 b $3 c $1 $d", "text", [Argument("x"), Argument("y")]).render(message)
    assert rendered == "a x b $3 c $1 $d"
    assert "$3 but has 2 argument" in caplog.text


def test_trap_21_dollars_in_data_are_safe(message: Any) -> None:
    template = Template("$1|$2|$1", "text", [path("$ctx:money"), Argument("two")])
    assert template.render(message) == "$1 costs $22|two|$1 costs $22"


def test_two_digit_numbers_are_one_number(message: Any) -> None:
    arguments = [Argument(str(number)) for number in range(1, 12)]
    assert Template("$11,$1", "text", arguments).render(message) == "11,1"


@pytest.mark.parametrize(
    ("text", "expected"), [("word", '"word"'), ("12.5", "12.5"), ("true", "true"), ("null", "null"), ("[1]", "[1]")]
)
def test_strings_are_quoted_on_demand(make_message: Any, text: str, expected: str) -> None:
    message = make_message(QUOTE_STRING_IN_PAYLOAD_FACTORY_JSON="true", v=text)
    assert Template("$1", "json", [path("$ctx:v")]).render(message) == expected


def test_reads_body() -> None:
    assert Template("$1", "json", [path("$ctx:a"), json_path("$.a")]).reads_body is True
    assert Template("$1", "json", [path("$ctx:a"), Argument("x")]).reads_body is False
