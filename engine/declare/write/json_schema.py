"""Declarations -> a JSON Schema, for tools that know the language as data.

An element is an object: its attributes are the members with ``@`` before their names, nested elements are members by
their tag (a list for several), the elements of a body, a slot or free XML are the list ``content``, text is ``text``.
The schema describes the elements one by one, under ``$defs``; like the checker, it lets unknown members pass.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from engine.declare.spec import FieldSpec, OneOf, Requires, Spec

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema(specs: Iterable[Spec]) -> str:
    """The schema of all elements, as text with line breaks."""
    by_kind: dict[str, list[Spec]] = {}
    for spec in specs:
        for kind in spec.kinds:
            by_kind.setdefault(kind, []).append(spec)
    definitions: dict[str, Any] = {}
    for kind in sorted(by_kind):
        for spec in sorted(by_kind[kind], key=lambda spec: spec.tag):
            definitions[f"{kind}.{spec.tag}"] = _element(spec)
        names = [{"$ref": f"#/$defs/{kind}.{spec.tag}"} for spec in sorted(by_kind[kind], key=lambda spec: spec.tag)]
        definitions[kind] = {"description": f"Any element of kind {kind}.", "anyOf": names}
    document = {
        "$schema": DRAFT,
        "title": "The Synapse language as Myelin runs it",
        "description": "Generated from the declarations by `myelin docs --write`; do not edit.",
        "$ref": "#/$defs/artifact",
        "$defs": definitions,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _element(spec: Spec) -> dict[str, Any]:
    described = _members(spec)
    described["description"] = spec.doc or spec.summary
    described["properties"] = {"tag": {"const": spec.tag}, **described["properties"]}
    described["required"] = ["tag", *described.get("required", [])]
    if spec.example:
        described["examples"] = [spec.example]
    return described


def _members(spec: Spec) -> dict[str, Any]:
    members = {name: member for each in spec.fields for name, member in _member(each)}
    described: dict[str, Any] = {"type": "object", "properties": members}
    if required := [_name(each) for each in spec.fields if each.required and _name(each) != "content"]:
        described["required"] = required
    if rules := [_rule(spec, rule) for rule in spec.rules if _can_be_said(spec, rule)]:
        described["allOf"] = rules
    return described


def _name(each: FieldSpec) -> str:
    if each.kind == "attribute":
        return f"@{each.name}"
    if each.kind == "text":
        return "text"
    return each.name or "content"


def _member(each: FieldSpec) -> Iterator[tuple[str, Any]]:
    name = _name(each)
    match each.kind:
        case "child":
            assert each.item is not None
            yield name, {"description": each.doc, **_members(each.item)}
        case "children":
            assert each.item is not None
            yield name, {"description": each.doc, "type": "array", "items": _members(each.item)}
        case "body":
            yield name, {"description": each.doc, "type": "array", "items": {"$ref": "#/$defs/mediator"}}
        case "slot" | "slots" | "inline":
            yield name, {"description": each.doc, "type": "array"}
        case _:
            yield name, _text(each)


def _text(each: FieldSpec) -> dict[str, Any]:
    described: dict[str, Any] = {"description": each.doc, "type": "string"}
    if each.choices:
        # The language compares them without case; the listed ones are for completion.
        described["examples"] = [choice for choice in each.choices if choice]
    if isinstance(each.default, str | bool | int | float) and not each.required:
        default = each.default
        described["default"] = str(default).lower() if isinstance(default, bool) else str(default)
    return described


def _can_be_said(spec: Spec, rule: OneOf | Requires) -> bool:
    """Whether its fields are members of their own: what is all in ``content`` cannot be told apart."""
    named = rule.fields if isinstance(rule, OneOf) else (rule.field, *rule.needs)
    return all(_name(spec.field(name)) != "content" for name in named)


def _rule(spec: Spec, rule: OneOf | Requires) -> dict[str, Any]:
    match rule:
        case OneOf(fields, optional):
            present = [{"required": [_name(spec.field(name))]} for name in fields]
            return {"oneOf": [*present, {"not": {"anyOf": present}}]} if optional else {"oneOf": present}
        case Requires(field, needs):
            there = {"required": [_name(spec.field(field))]}
            return {"if": there, "then": {"anyOf": [{"required": [_name(spec.field(name))]} for name in needs]}}
