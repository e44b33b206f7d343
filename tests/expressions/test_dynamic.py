from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.expressions.base import ExpressionError
from engine.expressions.dynamic import parse_value
from engine.message.context import MessageContext
from engine.message.parameters import Parameters


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("plain", "static"),
        ("", "static"),
        ("{}", "static"),
        (" {$ctx:x}", "static"),
        ("\n{$ctx:x}", "static"),
        ("{$ctx:x} ", "static"),
        ("a{$ctx:x}", "static"),
        ("{$ctx:x}", "dynamic"),
        ("{json-eval($.x)}", "dynamic"),
        ("{//x}", "dynamic"),
        ("{{//x}}", "lazy"),
    ],
)
def test_trap_08_braces_are_the_first_and_last_character(text: str, kind: str) -> None:
    value = parse_value(text, {})
    assert value.source == text
    assert value.is_static is (kind == "static")
    assert value.is_lazy is (kind == "lazy")


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("{$ctx:x = }", 9, "the expression ends"),
        ("{{$cxt:x}}", 2, "there is no variable prefix 'cxt'"),
        ("{${vars.x +}}", 11, "the expression ends where a value must follow"),
        ('{"a":1}', 4, "':' cannot stand here"),
    ],
)
def test_errors_have_exact_offsets(text: str, offset: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_value(text, {})
    assert message in caught.value.message
    assert caught.value.offset == offset


def test_static_and_dynamic_values(make_message: Any) -> None:
    message = make_message(b'{"a":{"b":[1]}}', "application/json", x=5)
    assert parse_value("{$ctx:x", {}).text(message) == "{$ctx:x"
    assert parse_value("{$ctx:x}", {}).evaluate(message) == "5"
    assert parse_value("{$ctx:no}", {}).evaluate(message) is None
    assert parse_value("{json-eval($.a)}", {}).evaluate(message) == '{"b":[1]}'
    assert parse_value("{json-eval($.a)}", {}).reads_body is True
    assert parse_value("{$ctx:x}", {}).reads_body is False
    assert parse_value("static", {}).reads_body is False


def test_trap_07_an_element_result_is_passed_as_element(make_message: Any) -> None:
    message = make_message(b"<a><b>x</b></a>", "application/xml")
    element = parse_value("{//b}", {}).evaluate(message)
    assert element is message.payload.content()[0]
    assert parse_value("{//b}", {}).text(message) == "x"


def test_trap_07_lazy_values_see_the_body_of_the_moment_and_nothing_else(make_message: Any) -> None:
    message: MessageContext = make_message(b"<a>old</a>", "application/xml", x="property", headers=((b"H", b"h"),))
    message.functions = [Parameters({"p": "parameter"})]
    lazy = parse_value("{{//a/text()}}", {})
    assert lazy.evaluate(message) == "old"
    message.payload.set_json({"a": "new"})
    assert lazy.evaluate(message) == "new"
    assert [parse_value(each, {}).text(message) for each in ("{{$ctx:x}}", "{{$trp:H}}", "{{$func:p}}")] == [None] * 3


def test_trap_07_a_lazy_value_stays_all_its_elements(make_message: Any) -> None:
    message: MessageContext = make_message(b"<a><b>1</b><b>2</b><c/></a>", "application/xml")
    assert [each.tag for each in parse_value("{{//b}}", {}).evaluate(message)] == ["b", "b"]
    assert parse_value("{{//c}}", {}).evaluate(message).tag == "c"
    assert parse_value("{{//d}}", {}).evaluate(message) == ""
    assert parse_value("{//b}", {}).evaluate(message) == "<b>1</b><b>2</b>"


class NeverRead:
    """A body that is still on its way."""

    length = None

    async def read(self) -> bytes:
        raise AssertionError("nobody may read it")

    def close(self) -> None:
        """Nothing to give up."""


def test_a_lazy_value_cannot_wait_for_a_body(make_message: Any) -> None:
    message = make_message(NeverRead(), "application/xml")
    with pytest.raises(Fault, match="no mediator has read yet"):
        parse_value("{{//a}}", {}).evaluate(message)
