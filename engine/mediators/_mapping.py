"""A compiled data mapping: its two schemas and the JavaScript of the ``.dmc`` file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import Fault
from engine.expressions.functions.properties import property_reader
from engine.mediators._mapping_schema import Schema, schema_from, variable
from engine.mediators._resources import as_bytes
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext

if TYPE_CHECKING:
    from engine.scripting.sandbox import Program

RUN = "myelin_mapping"
"""The function that the program has."""

_PROPERTY = re.compile(r"""DM_PROPERTIES\.([A-Za-z0-9_$]+)(?:\[(['"])([^'"\]]+)\2\]|\.([A-Za-z_$][\w$]*))""")
_MAP = re.compile(r"\bfunction\s+(map_S_[\w$]+)|\b(map_S_[\w$]+)\s*=\s*function\b")
_SCOPES = {
    "DEFAULT": "default",
    "SYNAPSE": "default",
    "TRANSPORT": "transport",
    "AXIS2": "axis2",
    "AXIS2CLIENT": "axis2-client",
    "OPERATION": "operation",
    "FUNC": "func",
}
"""Words of the mappings -> our scopes."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """``program`` has the function RUN(mc, input, properties, variables)."""

    input: Schema
    output: Schema
    program: Program | None
    """None: the file has no mapping function; a stylesheet stands beside it."""
    reads: frozenset[tuple[str, str]]
    """The properties it reads: scope, as the mapping names it, and name."""

    def properties(self, message: MessageContext) -> dict[str, dict[str, Any]]:
        """``DM_PROPERTIES``. A property that is not set is empty."""
        given: dict[str, dict[str, Any]] = {scope: {} for scope in _SCOPES}
        for scope, name in self.reads:
            given.setdefault(scope, {})[name] = property_value(message, scope, name)
        return given


def property_value(message: MessageContext, scope: str, name: str) -> Any:
    """A property by the word that mappings have for its scope; ``""`` when it is not set, or the scope is unknown."""
    known = _SCOPES.get(scope.upper())
    if known is None or (known == "func" and not message.functions):
        return ""
    value = property_reader(known, name)(message)
    return "" if value is None else value


def compile_mapping(entries: list[Any]) -> Mapping:
    """From the ``.dmc`` file, the input schema and the output schema.

    Raises Fault with the place of the mistake.
    """
    source, given, wanted = _read(entries)
    call = _call(source, given, wanted)
    body = f"globalThis.input{variable(given.title)} = input;\n(0, eval)({_literal(source)});\nreturn {call};"
    return Mapping(given, wanted, _program(source, body) if call else None, _properties(source))


def compile_function(entries: list[Any]) -> Mapping:
    """The same for a ``.dmc`` file that is called with the payload and the variables, and needs no schema."""
    source, given, wanted = _read(entries)
    body = f"""var map = (0, eval)({_literal(source)});
var made = (typeof map === 'function' ? map : mapFunction)(input, vars);
return typeof made === 'string' ? JSON.parse(made) : made;"""
    return Mapping(given, wanted, _program(source, body), _properties(source))


def _read(entries: list[Any]) -> tuple[str, Schema, Schema]:
    source = as_bytes(entries[0]).decode("utf-8", "replace")
    return source, _schema(entries[1], "input"), _schema(entries[2], "output")


def _properties(source: str) -> frozenset[tuple[str, str]]:
    return frozenset((scope, first or second) for scope, _, first, second in _PROPERTY.findall(source))


def _call(source: str, given: Schema, wanted: Schema) -> str:
    """The expression that maps, or ``""``: the function is named after the two roots, or is ``mapFunction``."""
    name = f"map_S_{variable(_local(given.title))}_S_{_local(wanted.title)}"
    names = [first or second for first, second in _MAP.findall(source)]
    if name in names or (names and "mapFunction" not in source):
        return f"{name if name in names else names[0]}()"
    return "mapFunction(input)" if "mapFunction" in source else ""


def _program(source: str, body: str) -> Program:
    from engine.scripting import sandbox

    try:
        sandbox.prepared(source)
    except sandbox.ScriptError as error:
        raise Fault(f"the mapping does not compile at line {error.line}: {error.message}") from None
    text = f"function {RUN}(mc, input, properties, vars) {{\nglobalThis.DM_PROPERTIES = properties;\n{body}\n}}"
    return sandbox.Program(text, RUN, changes_prototypes=sandbox.names_prototypes(source))


def _literal(source: str) -> str:
    """The text as a string of JavaScript, run by itself: what it names is global, and its lines count from 1."""
    return json.encode(source).decode()


def _local(title: str) -> str:
    return title.rpartition(":")[2]


def _schema(entry: Any, which: str) -> Schema:
    try:
        return schema_from(json.decode(as_bytes(entry)))
    except DecodeError as error:
        raise Fault(f"the {which} schema is {error}") from None
    except ValueError as error:
        raise Fault(f"the {which} schema is none of a mapping: {error}") from None
