"""Element + Spec -> object, collecting every problem on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.declare.catalog import Catalog
from engine.declare.convert import CONVERTERS, NOT_SET, ScopedText, Unacceptable
from engine.declare.spec import SYNAPSE, FieldSpec, Node, OneOf, Requires, Spec
from engine.declare.unsupported import MEDIATORS as UNSUPPORTED_MEDIATORS
from engine.declare.unsupported import SLOTS as UNSUPPORTED_SLOTS
from engine.declare.unsupported import Unsupported
from engine.errors import Problems, Where, did_you_mean
from engine.expressions.base import Expression
from engine.expressions.dynamic import Value
from engine.expressions.text_template import TextTemplate
from engine.source import Element

_COMMON_ATTRIBUTES = frozenset({"description", "statistics", "trace"})
"""Accepted on every element: editors write them, tools read them, the engine does not need them."""

_AS_WRITTEN = (str, Value, TextTemplate, ScopedText)
"""Types of text whose white space counts."""

_COMMON_CHILDREN = frozenset({"description"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A static name of another artifact, for the linker."""

    kind: str
    name: str
    where: Where


@dataclass(slots=True)
class Builder:
    """Builds objects from elements. One builder per artifact: problems and references are those of the artifact."""

    catalog: Catalog
    problems: Problems = field(default_factory=Problems)
    references: list[Reference] = field(default_factory=list)
    folder: Path | None = None
    """That of the flows, in which the files they name lie; None: nobody looks for them."""

    def node(self, spec: Spec, element: Element) -> Node | None:
        """The object, or None when a problem keeps it from being made."""
        before = len(self.problems)
        values = {each.attribute: self._value(spec, each, element) for each in spec.fields}
        self._check_attributes(spec, element)
        self._check_children(spec, element)
        for rule in spec.rules:
            self._check_rule(rule, spec, element)
        if any(problem.severity == "error" for problem in self.problems.items[before:]):
            return None
        try:
            node = spec.construct(where=element.where, **values)
            if self.folder is not None:
                node.found_in(self.folder)
        except Unacceptable as error:
            child = element.find(error.child) if error.child else None
            where = child.where_text(error.offset) if child is not None else element.where
            self.problems.error(error.code, where, f"<{spec.tag}>: {error.message}", error.hint)
            return None
        for message, hint in node.remarks():
            self.problems.warning("no-effect", element.where, f"<{spec.tag}>: {message}", hint)
        node.reads_body = node.reads_body or any(_reads_body(value) for value in values.values())
        return node

    def mediators(self, elements: Iterable[Element]) -> tuple[Node, ...]:
        """The mediators among ``elements``; anything else is a problem."""
        nodes = (self._mediator(element) for element in elements)
        return tuple(node for node in nodes if node is not None)

    # ---------------------------------------------------------------- values

    def _value(self, spec: Spec, each: FieldSpec, element: Element) -> Any:
        match each.kind:
            case "attribute":
                return self._attribute(spec, each, element)
            case "text":
                return self._text(spec, each, element)
            case "child":
                found = self._only(each, element)
                if found is None:
                    return self._absent(spec, each, element)
                assert each.item is not None
                return self.node(each.item, found)
            case "children":
                assert each.item is not None
                nodes = (self.node(each.item, child) for child in _tagged(element, each.name))
                return tuple(node for node in nodes if node is not None)
            case "child-text":
                found = self._only(each, element)
                return self._absent(spec, each, element) if found is None else self._text_of(each, found)
            case "body":
                return self._body(spec, each, element)
            case "slot":
                nodes_of_kind = self._slots(each, element)
                if len(nodes_of_kind) > 1:
                    self.problems.error("one-of", element.where, f"<{spec.tag}> takes one {each.of} only.")
                return nodes_of_kind[0] if nodes_of_kind else self._absent(spec, each, element)
            case "slots":
                return tuple(self._slots(each, element))
            case "inline":
                container = element.find(each.name) if each.name else element
                return tuple(container.children) if container is not None else ()
            case "parameter":
                found = self._last(each, element)
                return self._attribute(spec, each, element) if found is None else self._text_of(each, found)

    def _attribute(self, spec: Spec, each: FieldSpec, element: Element) -> Any:
        text = element.attributes.get(each.name)
        if text is None:
            return self._absent(spec, each, element)
        value = self._convert(each, text, element, lambda index: element.where_attribute(each.name, index))
        if each.refers and (not each.unless or element.find(each.unless) is None):
            self._refer(each, value, element.where_attribute(each.name))
        return value

    def _text(self, spec: Spec, each: FieldSpec, element: Element) -> Any:
        if not element.text.strip() and each.required:
            return self._absent(spec, each, element)
        return self._text_of(each, element) if element.text.strip() else each.default

    def _text_of(self, each: FieldSpec, element: Element) -> Any:
        text = element.text
        if each.type not in _AS_WRITTEN:
            leading = len(text) - len(text.lstrip())
            return self._convert(each, text.strip(), element, lambda index: element.where_text(leading + index))
        return self._convert(each, text, element, element.where_text)

    def _convert(self, each: FieldSpec, text: str, element: Element, where: Any) -> Any:
        if each.choices:
            return self._choice(each, text, where(0))
        try:
            value = CONVERTERS[each.type](text, element)
            if value is NOT_SET and each.required:
                raise Unacceptable(f"'{text}' says that there is no value, and one is needed.")
            if isinstance(value, (Expression, Value)) and value.remark:
                self.problems.warning("no-effect", where(0), f"{value.remark[0].upper()}{value.remark[1:]}")
            return each.default if value is NOT_SET else value
        except Unacceptable as error:
            self.problems.error(error.code, where(error.offset), error.message, error.hint)
            return None

    def _choice(self, each: FieldSpec, text: str, where: Where) -> str:
        if text in each.choices:
            return text
        # Synapse compares most choices without case, and people wrote them so.
        for choice in each.choices:
            if choice.lower() == text.strip().lower():
                return choice
        known = ", ".join(choice for choice in each.choices if choice)
        self.problems.error("bad-choice", where, f"'{text}' is not one of {known}.", did_you_mean(text, each.choices))
        return text

    def _absent(self, spec: Spec, each: FieldSpec, element: Element) -> Any:
        if each.required:
            thing = each.kind if each.kind in ("attribute", "text") else "element"
            self.problems.error(f"missing-{thing}", element.where, f"<{spec.tag}> needs {each.label}.")
            return None
        return each.default

    # ---------------------------------------------------------------- children

    def _only(self, each: FieldSpec, element: Element) -> Element | None:
        found = _tagged(element, each.name)
        if len(found) > 1:
            # Synapse takes the first child of a name and never looks at the others.
            message = f"<{element.tag}> takes one <{each.name}> only; the first one counts."
            self.problems.warning("repeated-element", found[1].where, message)
        return found[0] if found else None

    def _last(self, each: FieldSpec, element: Element) -> Element | None:
        """An argument that is given twice: the last one counts, as in Synapse."""
        found = _tagged(element, each.name)
        if len(found) > 1:
            message = f"<{element.tag}> takes one <{each.name}> only; the last one counts."
            self.problems.warning("repeated-argument", found[-1].where, message)
        return found[-1] if found else None

    def _body(self, spec: Spec, each: FieldSpec, element: Element) -> tuple[Node, ...] | None:
        if each.name:
            found = self._only(each, element)
            return None if found is None else self.mediators(found.children)
        named = _named_children(spec)
        others = [child for child in element.children if child.tag not in named]
        return self.mediators(child for child in others if not self._in_slot(spec, child))

    def _slots(self, each: FieldSpec, element: Element) -> list[Node]:
        nodes = []
        for child in element.children:
            spec = self.catalog.get(each.of, child.tag)
            if spec is not None and (node := self.node(spec, child)) is not None:
                nodes.append(node)
            elif spec is None and (entry := _unsupported(each.of, child)) is not None:
                self.problems.error("unsupported", child.where, f"<{child.tag}> {entry.reason}.", entry.way_out)
        return nodes

    def _in_slot(self, spec: Spec, child: Element) -> bool:
        kinds = [each.of for each in spec.fields if each.kind in ("slot", "slots")]
        return any(self.catalog.get(kind, child.tag) or _unsupported(kind, child) for kind in kinds)

    def _mediator(self, element: Element) -> Node | None:
        if element.tag in _COMMON_CHILDREN:
            return None
        spec = self.catalog.get("mediator", element.tag) if element.namespace == SYNAPSE else None
        if spec is not None:
            if "." in element.tag:
                self.references.append(Reference("connector", element.tag.partition(".")[0], element.where))
            return self.node(spec, element)
        if element.namespace != SYNAPSE:
            message = f"<{element.tag}> is not in the Synapse namespace."
            self.problems.error("wrong-namespace", element.where, message, f'Use xmlns="{SYNAPSE}".')
        elif element.tag in UNSUPPORTED_MEDIATORS:
            entry = UNSUPPORTED_MEDIATORS[element.tag]
            self.problems.error("unsupported", element.where, f"<{element.tag}> {entry.reason}.", entry.way_out)
        else:
            self.problems.error("unknown-mediator", element.where, *self._unknown_mediator(element.tag))
        return None

    def _unknown_mediator(self, tag: str) -> tuple[str, str]:
        tags = self.catalog.tags("mediator")
        package, dot, operation = tag.partition(".")
        if not dot:
            return f"<{tag}> is not a mediator.", did_you_mean(tag, tags)
        operations = [each.partition(".")[2] for each in tags if each.startswith(f"{package}.")]
        if not operations:
            packages = {each.partition(".")[0] for each in tags if "." in each}
            known = ", ".join(sorted(packages)) or "none"
            hint = did_you_mean(package, packages) or f"Connectors found: {known}."
            return f"There is no connector '{package}'.", hint
        return f"The connector '{package}' has no operation '{operation}'.", did_you_mean(operation, operations)

    # ---------------------------------------------------------------- checks

    def _check_attributes(self, spec: Spec, element: Element) -> None:
        known = {each.name for each in spec.fields if each.kind in ("attribute", "parameter")}
        for name in element.attributes:
            if name in known or name in _COMMON_ATTRIBUTES or name.startswith("{"):
                continue
            message = f"<{spec.tag}> has no attribute '{name}'; it is ignored."
            hint = did_you_mean(name, known)
            self.problems.warning("unknown-attribute", element.where_attribute(name), message, hint)

    def _check_children(self, spec: Spec, element: Element) -> None:
        direct = any(each.kind in ("body", "inline") and not each.name for each in spec.fields)
        if spec.open_content or direct:
            return
        known = _named_children(spec)
        slots = [tag for each in spec.fields if each.of for tag in self.catalog.tags(each.of)]
        for child in element.children:
            if child.tag in known or child.tag in _COMMON_CHILDREN or self._in_slot(spec, child):
                continue
            message = f"<{child.tag}> is not known inside <{spec.tag}>; it is ignored."
            hint = did_you_mean(child.tag, [*known, *slots])
            self.problems.warning("unknown-element", child.where, message, hint)

    def _check_rule(self, rule: OneOf | Requires, spec: Spec, element: Element) -> None:
        match rule:
            case OneOf(fields, optional):
                choices = [spec.field(name) for name in fields]
                present = [each for each in choices if self._present(each, element)]
                if len(present) > 1 or (not present and not optional):
                    wanted = "at most one" if optional else "exactly one"
                    listed = ", ".join(each.label for each in choices)
                    self.problems.error("one-of", element.where, f"<{spec.tag}> needs {wanted} of {listed}.")
            case Requires(name, needs):
                each, others = spec.field(name), [spec.field(need) for need in needs]
                if self._present(each, element) and not any(self._present(other, element) for other in others):
                    listed = " or ".join(other.label for other in others)
                    message = f"<{spec.tag}> with {each.label} also needs {listed}."
                    self.problems.error("requires", element.where, message)

    def _present(self, each: FieldSpec, element: Element) -> bool:
        match each.kind:
            case "attribute":
                return each.name in element.attributes
            case "text":
                return bool(element.text.strip())
            case "slot" | "slots":
                return any(self.catalog.get(each.of, x.tag) or _unsupported(each.of, x) for x in element.children)
            case "inline" if not each.name:
                return bool(element.children)
            case "body" if not each.name:
                return bool(element.children)
        return element.find(each.name) is not None

    def _refer(self, each: FieldSpec, value: Any, where: Where) -> None:
        name = value.source if isinstance(value, Value) else value
        dynamic = isinstance(value, Value) and not value.is_static
        if name and not dynamic:
            self.references.append(Reference(each.refers, name, where))


def _unsupported(kind: str, element: Element) -> Unsupported | None:
    return UNSUPPORTED_SLOTS.get(kind, {}).get(element.tag)


def _tagged(element: Element, tag: str) -> list[Element]:
    return [child for child in element.children if child.tag == tag]


def _named_children(spec: Spec) -> set[str]:
    return {each.name for each in spec.fields if each.kind != "attribute" and each.name}


def _reads_body(value: Any) -> bool:
    if isinstance(value, (Expression, Value)):
        return value.reads_body
    if isinstance(value, tuple):
        return any(isinstance(item, Node) and not hasattr(item, "mediate") and item.reads_body for item in value)
    return isinstance(value, Node) and not hasattr(value, "mediate") and value.reads_body
