"""What an artifact does, as a tree of steps to draw: from its declarations, so that every element has its place."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.core.redaction import SECRETS
from engine.declare.convert import QName, Regex
from engine.declare.spec import FieldSpec, Node
from engine.errors import Where
from engine.expressions.base import Expression
from engine.expressions.dynamic import Value
from engine.expressions.uri_template import UriTemplate

Id = tuple[str, str]
"""Kind and name of an artifact."""

_TELLING = (
    "name",
    "key",
    "target",
    "xpath",
    "source",
    "expression",
    "collection",
    "uri-template",
    "uri",
    "messageStore",
    "type",
    "language",
    "level",
    "media-type",
    "id",
)
"""Attributes that say what a step is about; the first that is there. None of them holds a value that messages carry."""

_CONDITIONS = ("methods", "uri-template", "url-mapping", "regex")
"""Attributes that say when a branch is taken."""

_OTHERWISE = {"filter": "else", "switch": "default"}
"""The branch that is there without being written."""

_FLOWS = frozenset({"sequence", "template", "endpoint", "message-store"})
"""Kinds of artifacts that messages go to; what else an element names, it reads."""

_ENDS = frozenset({"respond", "drop", "send", "loopback", "throwError"})
"""Steps after which the flow does not go on."""

_SECRET_PARTS = re.compile(r"(?<=//)[^/?#@]*@|\{?\?.*", re.DOTALL)
"""Of an address: user and password, and the query."""


@dataclass(frozen=True, slots=True)
class Step:
    """One box. ``uses`` is the artifact that it leads to."""

    tag: str
    detail: str = ""
    category: str = ""
    where: Where | None = None
    uses: Id | None = None
    branches: tuple[Lane, ...] = ()

    @property
    def forks(self) -> bool:
        """Whether the flow takes one of its branches. What other steps hold they run on their way, or beside it."""
        return self.tag in _OTHERWISE

    @property
    def ends(self) -> bool:
        """Whether the flow never goes on after it."""
        if not self.forks and self.tag != "sequence":
            return self.tag in _ENDS
        return bool(self.branches) and all(lane.ends for lane in self.branches)


@dataclass(frozen=True, slots=True)
class Lane:
    """Steps one after the other: a sequence, or one branch of a step."""

    label: str
    steps: tuple[Step, ...]

    @property
    def ends(self) -> bool:
        """Whether the flow never comes to its end."""
        return any(step.ends for step in self.steps)


@dataclass(frozen=True, slots=True)
class Section:
    """The lanes of one part of an artifact, as a resource of an API; of the artifact itself without a title."""

    title: str
    lanes: tuple[Lane, ...]


def sections_of(artifact: Node) -> list[Section]:
    """What there is to draw; nothing for artifacts that only hold something."""
    own = tuple(_own_lanes(artifact))
    parts = [Section(_conditions(part), tuple(_lanes(part))) for part in _parts(artifact)]
    return [section for section in (Section("", own), *parts) if section.lanes]


def size_of(lanes: Iterable[Lane]) -> int:
    """The number of steps."""
    return sum(1 + size_of(step.branches) for lane in lanes for step in lane.steps)


def _lanes(node: Node, told: FieldSpec | None = None) -> Iterator[Lane]:
    """Those of an element and of the parts inside of it, which have the labels of their parts.

    ``told`` is the attribute that the box of the element shows already.
    """
    yield from _own_lanes(node, told)
    for part in _parts(node):
        label, inner = _label(part), list(_lanes(part))
        if not inner and any(each.kind == "body" for each in part.spec.fields):
            yield Lane(label, ())  # <then/>
        for lane in inner:
            yield Lane(label if len(inner) == 1 else f"{label} {lane.label}", lane.steps)


def _own_lanes(node: Node, told: FieldSpec | None = None) -> Iterator[Lane]:
    for each in node.spec.fields:
        value = _value(node, each)
        if each.kind == "body":
            if value or (each.name and value is not None):
                yield Lane(each.name, _steps(value))
        elif each.kind in ("slot", "slots"):
            for one in _as_nodes(value):
                yield Lane(each.of, (_step(one),))
        elif each is not told and each.refers in _FLOWS and (used := _used(node, each)):
            yield Lane(each.name, (Step(each.refers, used[1], uses=used, where=node.where),))


def _parts(node: Node) -> Iterator[Node]:
    for each in node.spec.fields:
        if each.kind in ("child", "children"):
            yield from _as_nodes(_value(node, each))


def _value(node: Node, each: FieldSpec) -> Any:
    """None for what an operation of a connector keeps elsewhere."""
    return getattr(node, each.attribute, None)


def _as_nodes(value: Any) -> tuple[Node, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _steps(nodes: Iterable[Node]) -> tuple[Step, ...]:
    """One box for each, and one for all of a kind that follow each other and lead nowhere: nine properties in a row."""
    found = []
    for tag, run in itertools.groupby(map(_step, nodes), key=_kind_of_run):
        steps = list(run)
        if tag is None or len(steps) == 1:
            found += steps
        else:
            details = ", ".join(step.detail for step in steps if step.detail)
            found.append(dataclasses.replace(steps[0], tag=f"{tag} × {len(steps)}", detail=details))
    return tuple(found)


def _kind_of_run(step: Step) -> str | None:
    """The tag of a step that may share its box."""
    return None if step.uses or step.branches or step.ends else step.tag


def _step(node: Node) -> Step:
    """A mediator or an endpoint. The one endpoint inside of it is told in the same box."""
    spec, told = node.spec, _told(node)
    detail = _detail(node, told) if told is not None else ""
    uses = _used(node, told) if told is not None else None
    lanes = list(_lanes(node, told))
    if len(lanes) == 1 and lanes[0].label in ("endpoint", "endpoint-type"):
        [inner] = lanes.pop().steps
        detail, uses, lanes = detail or inner.detail or inner.tag, uses or inner.uses, list(inner.branches)
    otherwise = _OTHERWISE.get(spec.tag)
    if otherwise and all(lane.label != otherwise for lane in lanes):
        lanes.append(Lane(otherwise, ()))
    connector, _, operation = spec.tag.rpartition(".")
    return Step(operation, detail or connector, spec.category, node.where, uses, tuple(lanes))


def _told(node: Node) -> FieldSpec | None:
    """The attribute that the box shows beside the tag."""
    for name in _TELLING:
        for each in node.spec.fields:
            value = _value(node, each)
            if each.kind == "attribute" and each.name == name and value != each.default and _text(value):
                return each
    return None


def _detail(node: Node, told: FieldSpec) -> str:
    text = _text(_value(node, told))
    if told.name == "source" and (regex := _text(getattr(node, "regex", None))):
        text = f"{text} ~ {regex}"
    if told.name == "uri-template" and (method := getattr(node, "method", None)):
        text = f"{method} {text}"
    return SECRETS.masked(text)


def _used(node: Node, each: FieldSpec) -> Id | None:
    """The artifact that an attribute names; None when it names none, or chooses at run time."""
    value = _value(node, each)
    if not each.refers or (isinstance(value, Value) and not value.is_static):
        return None
    name = _text(value)
    return (each.refers, name) if name else None


def _label(part: Node) -> str:
    return f"{part.spec.tag} {_conditions(part)}".rstrip()


def _conditions(part: Node) -> str:
    """When a part of an element is taken, as its attributes say."""
    fields = {each.name: each for each in part.spec.fields if each.kind == "attribute"}
    said = (_text(_value(part, fields[name])) for name in _CONDITIONS if name in fields)
    return SECRETS.masked(" ".join(filter(None, said)))


def _text(value: Any) -> str:
    """As the author wrote it. Addresses without credentials and queries, which may have keys in them."""
    if isinstance(value, UriTemplate):
        return _SECRET_PARTS.sub("", value.text)
    if isinstance(value, QName):
        return value.local
    text = value.source if isinstance(value, Expression | Regex | Value) else value
    if not isinstance(text, str):
        return ""
    return _SECRET_PARTS.sub("", text) if "://" in text and not isinstance(value, Regex) else text
