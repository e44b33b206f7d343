from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.expressions import variables
from engine.message.parameters import Parameters

QUERY = "a=1&B=x%20y&empty=&flag&e=p=q&plus=a+b"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a", "1"), ("A", "1"), ("b", "x y"), ("empty", ""), ("flag", ""), ("e", "p=q"), ("plus", "a+b"), ("none", "")],
)
def test_trap_13_query_parameters(make_message: Any, name: str, expected: str) -> None:
    assert variables.query_parameter(make_message(query=QUERY), name) == expected


def test_trap_13_headers_are_case_insensitive_and_null_when_missing(make_message: Any) -> None:
    message = make_message(headers=((b"X-Token", b"t"),))
    assert variables.reader("trp", "x-tOKEN")(message) == "t"
    assert variables.reader("trp", "X-None")(message) is None


def test_axis2_sees_the_client_scope_behind_its_own(make_message: Any) -> None:
    message = make_message()
    message.axis2["both"] = "axis2"
    message.axis2_client.update(both="client", one=5)
    values = [variables.reader("axis2", name)(message) for name in ("both", "one", "none")]
    assert values == ["axis2", 5, None]


def test_trap_06_func_outside_a_template_is_a_fault(make_message: Any) -> None:
    message = make_message()
    with pytest.raises(Fault, match="outside a template"):
        variables.parameter(message, "p")
    message.functions = [Parameters({"p": "outer"}), Parameters({"p": "inner"})]
    assert variables.parameter(message, "p") == "inner"
    assert variables.parameter(message, "missing") is None


def test_scopes(make_message: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    message = make_message(plain="c", pair={"k": 7, "none": None})
    message.axis2["HTTP_SC"] = 200
    message.operation["o"] = "op"
    message.variables["v"] = {"typed": True}
    monkeypatch.setenv("MYELIN_TEST", "e")
    assert variables.reader("ctx", "plain")(message) == "c"
    assert variables.reader("axis2", "HTTP_SC")(message) == 200
    assert variables.reader("operation", "o")(message) == "op"
    assert variables.reader("var", "v")(message) == {"typed": True}
    assert variables.reader("sys", "MYELIN_TEST")(message) == "e"
    assert variables.reader("sys", "MYELIN_NONE")(message) == ""
    assert variables.reader("pair", "k")(message) == "7"
    assert variables.reader("pair", "none")(message) is None
    assert variables.reader("plain", "k")(message) is None


def test_body_variables(make_message: Any) -> None:
    message = make_message(b"<a/>", "application/xml")
    assert variables.envelope(message).tag.endswith("}Envelope")
    body = variables.body(message)
    assert body is not None
    assert body[0].tag == "a"
    assert variables.header(message) is None
