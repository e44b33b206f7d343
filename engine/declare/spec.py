"""What a component looks like in XML, as data: the one source of parser, checker, reference and XSD."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from engine.errors import Where

SYNAPSE = "http://ws.apache.org/ns/synapse"
"""The namespace of the language."""

FieldKind = Literal[
    "attribute", "text", "child", "children", "child-text", "body", "slot", "slots", "inline", "parameter"
]
"""
attribute   an attribute of the element
text        the element's own text
child       one nested element with a declaration of its own
children    any number of them, in order
child-text  the text of one nested element (``<description>``)
body        mediators: inside a nested element, or directly inside when the field has no tag
slot        one nested element, resolved in the catalogue under the kind ``of``
slots       any number of them
inline      XML of the author's own, kept as it stands
parameter   an argument of a connector operation: a nested element with text or XML, or an attribute of that name
"""


class _Required:
    def __repr__(self) -> str:
        return "required"


REQUIRED: Any = _Required()


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field. ``attribute`` is its name in Python, ``name`` its name in XML (empty: the element itself)."""

    attribute: str
    kind: FieldKind
    name: str
    doc: str
    type: Any = str
    default: Any = REQUIRED
    choices: tuple[str, ...] = ()
    refers: str = ""
    """The kind of artifact that a static value names; the linker checks that it exists."""
    unless: str = ""
    """The nested element beside which the attribute means nothing, so that its name need not exist."""
    of: str = ""
    """Slots: the kind in the catalogue."""
    item: Spec | None = None
    """Children: the declaration of the nested element."""

    @property
    def required(self) -> bool:
        return self.default is REQUIRED

    @property
    def label(self) -> str:
        """How messages call it: ``the attribute 'name'``, ``<name>``, ``an endpoint``."""
        if self.kind == "attribute":
            return f"the attribute '{self.name}'"
        if self.name:
            return f"<{self.name}>"
        if self.of:
            return f"an <{self.of}>" if self.of == "endpoint" else f"an element of kind {self.of}"
        return {"text": "text", "body": "mediators"}.get(self.kind, "XML inside")


@dataclass(frozen=True, slots=True)
class OneOf:
    """Exactly one of these fields (or at most one, when ``optional``), by their names in Python."""

    fields: tuple[str, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Requires:
    """``field`` makes sense only together with one of ``needs``."""

    field: str
    needs: tuple[str, ...]


Rule = OneOf | Requires


@dataclass(frozen=True, slots=True)
class Spec:
    """The declaration of one element. ``construct(where=…, **fields)`` makes the runnable object."""

    tag: str
    kinds: tuple[str, ...]
    category: str
    summary: str
    doc: str
    example: str
    fields: tuple[FieldSpec, ...]
    rules: tuple[Rule, ...]
    construct: Callable[..., Node]
    open_content: bool = False
    """Nested elements that no field names are accepted without a warning."""

    def field(self, name: str) -> FieldSpec:
        """The field with this name in Python, else in XML. Raises StopIteration for a rule that names none."""
        named = (each for each in self.fields if each.attribute == name)
        return next(named, None) or next(each for each in self.fields if each.name == name)


class Node:
    """An object made from an element: a mediator, an endpoint, an artifact, or a part of one."""

    spec: Spec
    where: Where
    reads_body: bool
    """Whether running it looks into the payload: set from its expressions, or ``True`` by a class that always does."""

    def found_in(self, folder: Path) -> None:
        """Told once, when it was built, in which folder the flows lie. Raises Unacceptable for files it names."""

    def remarks(self) -> Iterable[tuple[str, str]]:
        """What of it has no effect here, as message and hint: the author is told, and it runs all the same."""
        return ()
