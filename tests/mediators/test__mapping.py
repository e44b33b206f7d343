from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.mediators._mapping import compile_function, compile_mapping, property_value
from engine.testing.harness import Harness

IN = '{"title": "a-b:in-x"}'
OUT = '{"title": "out"}'


@pytest.mark.parametrize(
    ("source", "call"),
    [
        ("map_S_in_EnC0DeCHaRHyPh3n_x_S_out = function(){ return 1; };", "map_S_in_EnC0DeCHaRHyPh3n_x_S_out()"),
        ("function map_S_in_EnC0DeCHaRHyPh3n_x_S_out( ){ return 1; }", "map_S_in_EnC0DeCHaRHyPh3n_x_S_out()"),
        ("function mapFunction(input) { return 1; }", "mapFunction(input)"),
        ("function mapFunction(i) {} function map_S_other_S_root() {}", "mapFunction(input)"),
        ("map_S_renamed_S_root = function () {};", "map_S_renamed_S_root()"),
    ],
)
def test_the_function_of_a_mapping(source: str, call: str) -> None:
    program = compile_mapping([source, IN, OUT]).program
    assert program is not None
    assert f"return {call};" in program.source
    assert "globalThis.inputa_EnC0DeCHaRHyPh3n_b_in_EnC0DeCHaRHyPh3n_x = input;" in program.source


def test_a_file_without_a_function() -> None:
    assert compile_mapping(["", IN, OUT]).program is None


def test_a_mapping_without_schemas() -> None:
    program = compile_function(["(function (input, vars) { return input; })", IN, OUT]).program
    assert program is not None
    assert "(input, vars)" in program.source


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        (["map_S_a_S_b = function(){\nreturn 1 +;\n}", IN, OUT], "the mapping does not compile at line 2: SyntaxError"),
        (["", "{", OUT], "the input schema is not JSON"),
        (["", IN, "{}"], "the output schema is none of a mapping: it has no title, which names the root"),
    ],
)
def test_mistakes(entries: list[str], problem: str) -> None:
    with pytest.raises(Fault, match=problem):
        compile_mapping(entries)


def test_properties() -> None:
    source = """function mapFunction(input) {
      return DM_PROPERTIES.DEFAULT['my.name'] + DM_PROPERTIES.TRANSPORT["X-Id"] + DM_PROPERTIES.axis2.HTTP_SC
        + DM_PROPERTIES.FUNC['p'] + DM_PROPERTIES.SYNAPSE['none'] + DM_PROPERTIES.MOON['light'];
    }"""
    mapping = compile_mapping([source, IN, OUT])
    message = Harness().message(b"{}", headers={"X-Id": "7"})
    message.properties["my.name"] = "v"
    message.axis2["HTTP_SC"] = 201
    given = mapping.properties(message)
    assert {scope: names for scope, names in given.items() if names} == {
        "DEFAULT": {"my.name": "v"},
        "TRANSPORT": {"X-Id": "7"},
        "axis2": {"HTTP_SC": 201},
        "FUNC": {"p": ""},
        "SYNAPSE": {"none": ""},
        "MOON": {"light": ""},
    }


def test_one_property() -> None:
    message = Harness().message()
    message.operation["o"] = "v"
    message.axis2_client["c"] = 5
    assert property_value(message, "OPERATION", "o") == "v"
    assert property_value(message, "AXIS2CLIENT", "c") == 5
    assert property_value(message, "DEFAULT", "none") == ""
