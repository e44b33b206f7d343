"""Changing a JSON document at the places that a JSON path finds, as Jayway's ``set``, ``delete`` and ``renameKey`` do.

The functions change the document they are given.
"""

from __future__ import annotations

import copy

from engine.errors import Fault
from engine.expressions.jsonpath_getter import parsed
from engine.expressions.jsonpath_steps import (
    MISSING,
    Descend,
    Filter,
    Indexes,
    Names,
    Path,
    Scope,
    Slice,
    Step,
    Wildcard,
    inside,
)
from engine.message.codecs.json import JsonValue

Place = tuple[JsonValue, str | int]
"""An object or array, and a key of it."""


def find(document: JsonValue, path: str) -> JsonValue:
    """The value, or the list of matches of a path that may have several. Raises Fault for a place that is not there."""
    found = _path(path).find(document, Scope(document))
    if found is MISSING:
        raise _not_there(path)
    return found


def put(document: JsonValue, path: str, value: JsonValue) -> JsonValue:
    """The document with copies of ``value`` at all places. Raises Fault for a place that is not there."""
    parsed_path = _path(path)
    if parsed_path.is_whole:
        return value
    for container, key in _places(document, parsed_path, path):
        container[key] = copy.deepcopy(value)
    return document


def delete(document: JsonValue, path: str) -> JsonValue:
    """The document without the places; None for the whole of it. Raises Fault for a place that is not there."""
    parsed_path = _path(path)
    if parsed_path.is_whole:
        return None
    # From behind, for the places of an array move.
    for container, key in reversed(_places(document, parsed_path, path)):
        del container[key]
    return document


def rename(document: JsonValue, path: str, old: str, new: str) -> None:
    """Give the member ``old`` of the objects at ``path`` another name; it becomes the last. Raises Fault for a miss."""
    found = find(document, path)
    for each in found if isinstance(found, list) else [found]:
        if not isinstance(each, dict) or old not in each:
            raise _not_there(f"{path}.{old}")
        each[new] = each.pop(old)


def _path(path: str) -> Path:
    return parsed("$" if path in ("$", "$.") else path if path.startswith("$") else f"$.{path}")


def _places(document: JsonValue, path: Path, text: str) -> list[Place]:
    scope = Scope(document)
    parents = Path(path.steps[:-1])
    found = parents.find(document, scope)
    containers = [found] if parents.is_definite else found
    last = path.steps[-1]
    places = [place for each in containers for place in _keys(each, last, scope)]
    if not places and path.is_definite:
        raise _not_there(text)
    return places


def _keys(value: JsonValue, step: Step, scope: Scope) -> list[Place]:
    match step:
        case Names(names=names):
            return [(value, name) for name in names if isinstance(value, dict) and name in value]
        case Indexes(indexes=indexes) if isinstance(value, list):
            length = len(value)
            return [(value, index % length) for index in indexes if -length <= index < length]
        case Slice() if isinstance(value, list):
            return [(value, index) for index in step.select(list(range(len(value))), scope)]
        case Wildcard():
            keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
            return [(value, key) for key in keys]
        case Filter() if isinstance(value, list):
            return [(value, index) for index, item in enumerate(value) if step.holds(item, scope)]
        case Descend():
            return [place for each in inside(value) for place in _keys(each, step.step, scope)]
    return []


def _not_there(path: str) -> Fault:
    return Fault(f"there is nothing at the JSON path {path}")
