"""How authors declare an element: a class, its annotations, and these field functions.

The annotation gives the conversion: ``Literal`` = choices, ``Expression`` and ``Value`` = compiled at load, ``bool``,
``int``, ``Duration`` = converted with a Problem on failure.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Callable
from typing import Any, Literal, TypeVar, dataclass_transform

from engine.declare.spec import REQUIRED, FieldKind, FieldSpec, Node, Rule, Spec
from engine.errors import Where

T = TypeVar("T", bound=Node)

_KEY = "declare"


def attr(doc: str, *, default: Any = REQUIRED, name: str = "", refers: str = "", unless: str = "") -> Any:
    """An attribute. ``name`` where Python's name cannot be XML's; ``refers`` = the kind of artifact it names.

    ``unless`` is the nested element beside which that artifact need not exist, since the attribute means nothing.
    """
    return _field("attribute", doc, default=default, name=name, refers=refers, unless=unless)


def text(doc: str, *, default: Any = REQUIRED) -> Any:
    """The element's own text."""
    return _field("text", doc, default=default)


def child(doc: str, *, tag: str, default: Any = None) -> Any:
    """One nested element; its class is the annotation."""
    return _field("child", doc, default=default, name=tag)


def children(doc: str, *, tag: str) -> Any:
    """Any number of nested elements; their class is the item of the annotation ``tuple[C, ...]``."""
    return _field("children", doc, default=(), name=tag)


def child_text(doc: str, *, tag: str, default: Any = None) -> Any:
    """The text of one nested element."""
    return _field("child-text", doc, default=default, name=tag)


def body(doc: str, *, tag: str = "") -> Any:
    """Mediators, inside ``<tag>`` or directly inside the element. None when ``<tag>`` is absent, ``()`` when empty."""
    return _field("body", doc, default=None if tag else (), name=tag)


def slot(doc: str, *, of: str, default: Any = None) -> Any:
    """One nested element of any tag that the catalogue knows under the kind ``of``."""
    return _field("slot", doc, default=default, of=of)


def slots(doc: str, *, of: str) -> Any:
    """Any number of nested elements of the kind ``of``."""
    return _field("slots", doc, default=(), of=of)


def inline(doc: str, *, tag: str = "") -> Any:
    """Elements of the author's own, as ``tuple[engine.source.Element, ...]``: all, or those inside ``<tag>``."""
    return _field("inline", doc, default=(), name=tag)


@dataclass_transform(
    kw_only_default=True, field_specifiers=(attr, text, child, children, child_text, body, slot, slots, inline)
)
def element(
    tag: str,
    *,
    kind: str | tuple[str, ...] = (),
    category: str = "",
    rules: tuple[Rule, ...] = (),
    open_content: bool = False,
) -> Callable[[type[T]], type[T]]:
    """Declare the element ``<tag>``. Kinds make it known to the catalogue; a part of another element has none."""

    def declare(cls: type[T]) -> type[T]:
        cls.__annotations__.update(where=Where, reads_body=bool)
        cls.reads_body = dataclasses.field(default=bool(cls.__dict__.get("reads_body")), init=False)
        # Before dataclass makes up a docstring for a class that has none.
        summary, doc, example = _split_docstring(inspect.cleandoc(cls.__doc__ or ""))
        declared: type[T] = dataclasses.dataclass(kw_only=True, eq=False)(cls)
        declared.spec = Spec(
            tag=tag,
            kinds=(kind,) if isinstance(kind, str) else kind,
            category=category,
            summary=summary,
            doc=doc,
            example=example,
            fields=tuple(_field_specs(declared)),
            rules=rules,
            construct=declared,
            open_content=open_content,
        )
        return declared

    return declare


def _field(kind: FieldKind, doc: str, *, default: Any, **more: str) -> Any:
    metadata = {_KEY: {"kind": kind, "doc": doc, "default": default, "name": "", "refers": "", "of": "", **more}}
    if default is REQUIRED:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def _field_specs(cls: type[Node]) -> typing.Iterator[FieldSpec]:
    hints = typing.get_type_hints(cls)
    for each in dataclasses.fields(typing.cast(Any, cls)):
        declared = each.metadata.get(_KEY)
        if declared is None:
            continue
        kind = declared["kind"]
        type_ = _without_none(hints[each.name])
        named_by_python = kind == "attribute" and not declared["name"]
        yield FieldSpec(
            attribute=each.name,
            kind=kind,
            name=each.name.rstrip("_") if named_by_python else declared["name"],
            doc=declared["doc"],
            type=type_,
            default=declared["default"],
            choices=typing.get_args(type_) if typing.get_origin(type_) is Literal else (),
            refers=declared["refers"],
            unless=declared.get("unless", ""),
            of=declared["of"],
            item=_item_spec(kind, type_),
        )


def _item_spec(kind: FieldKind, type_: Any) -> Spec | None:
    if kind == "child":
        return typing.cast(Spec, type_.spec)
    if kind == "children":
        return typing.cast(Spec, typing.get_args(type_)[0].spec)
    return None


def _without_none(type_: Any) -> Any:
    """``X`` of ``X | None``."""
    if typing.get_origin(type_) in (typing.Union, types.UnionType):
        rest = [each for each in typing.get_args(type_) if each is not type(None)]
        if len(rest) == 1:
            return rest[0]
    return type_


def _split_docstring(docstring: str) -> tuple[str, str, str]:
    """First line, text before ``Example::``, and the example itself."""
    doc, _, example = docstring.partition("Example::")
    lines = doc.strip().splitlines()
    return (lines[0] if lines else ""), doc.strip(), inspect.cleandoc(example).strip()
