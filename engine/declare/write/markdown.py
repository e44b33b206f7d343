"""Declarations -> the Markdown reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.declare.convert import TYPE_NAMES
from engine.declare.spec import FieldSpec, OneOf, Requires, Spec

HEAD = "# Reference of elements\n\nGenerated from the declarations by `myelin docs --write`; do not edit.\n"


def reference(specs: Iterable[Spec]) -> str:
    """All elements, grouped by kind, alphabetically."""
    groups: dict[str, list[Spec]] = {}
    for spec in specs:
        groups.setdefault(spec.kinds[0], []).append(spec)
    parts = [HEAD]
    for kind in sorted(groups):
        parts.append(f"\n## {kind}\n")
        parts += [page(spec) for spec in sorted(groups[kind], key=lambda spec: spec.tag)]
    return "\n".join(parts)


def page(spec: Spec, level: int = 3) -> str:
    """One element: what it does, its fields, the rules between them, an example."""
    lines = [f"{'#' * level} <{spec.tag}>", "", spec.doc or spec.summary, ""]
    if spec.fields:
        lines += ["| attribute or element | values | default | what it is |", "|---|---|---|---|"]
        lines += [_row(each, indent) for each, indent in _all_fields(spec)]
        lines.append("")
    lines += [f"- {_rule(spec, rule)}" for rule in spec.rules]
    if spec.example:
        lines += ["", "```xml", spec.example, "```"]
    return "\n".join(lines).rstrip() + "\n"


def _all_fields(spec: Spec, indent: str = "") -> Iterator[tuple[FieldSpec, str]]:
    for each in spec.fields:
        yield each, indent
        if each.item is not None:
            yield from _all_fields(each.item, f"{indent}{each.name} / ")


def _row(each: FieldSpec, indent: str) -> str:
    default = "required" if each.required else "" if each.default in (None, (), "") else str(each.default)
    if isinstance(each.default, bool):
        default = str(each.default).lower()
    return f"| {indent}{_name(each)} | {_values(each)} | {default} | {_cell(each.doc)} |"


def _name(each: FieldSpec) -> str:
    match each.kind:
        case "attribute":
            return f"`{each.name}`"
        case "text":
            return "text"
        case "slot" | "slots":
            return f"*{each.of}*"
        case "inline" if not each.name:
            return "XML"
        case "body" if not each.name:
            return "mediators"
    return f"`<{each.name}>`"


def _values(each: FieldSpec) -> str:
    if each.choices:
        return ", ".join(f"`{choice}`" for choice in each.choices if choice)
    if each.refers:
        return f"name of a {each.refers}"
    match each.kind:
        case "body":
            return "mediators"
        case "slot" | "slots" | "child" | "children":
            return "element" if each.kind in ("slot", "child") else "elements"
        case "inline":
            return "XML"
    return TYPE_NAMES.get(each.type, "text")


def _rule(spec: Spec, rule: OneOf | Requires) -> str:
    match rule:
        case OneOf(fields, optional):
            listed = ", ".join(spec.field(name).label for name in fields)
            return f"{'At most' if optional else 'Exactly'} one of {listed}."
        case Requires(field, needs):
            listed = " or ".join(spec.field(name).label for name in needs)
            return f"With {spec.field(field).label}, also {listed}."


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
