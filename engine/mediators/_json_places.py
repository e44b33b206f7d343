"""Writing at a JSON path: values are never changed in place, so the way to the place is copied."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.declare.convert import Unacceptable
from engine.errors import Fault
from engine.message.codecs.json import JsonValue

_STEP = re.compile(r"\.([^\s.\[\](){}*,'\"?]+)|\[\s*(?:(-?[0-9]{1,9})|'([^'\\]*)'|\"([^\"\\]*)\")\s*\]")
_PREFIX = "json-eval("

Steps = tuple[str | int, ...]


def steps_of(source: str) -> Steps:
    """The names and indexes of a path, with or without ``json-eval()``. Raises Unacceptable for any other path."""
    path = source.strip()
    path = path[len(_PREFIX) : -1].strip() if path.startswith(_PREFIX) else path
    if path in ("$", "$."):
        return ()
    rooted = path if path.startswith("$") else f"$.{path}"
    steps: list[str | int] = []
    position = 1
    while position < len(rooted):
        match = _STEP.match(rooted, position)
        if match is None:
            raise Unacceptable(
                f"nothing can be written back at the path {path}.",
                code="unsupported",
                hint="Use a path of names and indexes, like $.orders[0].items.",
            )
        name, index, single, double = match.groups()
        steps.append(int(index) if index else name or single or double or "")
        position = match.end()
    return tuple(steps)


def replaced(document: JsonValue, steps: Steps, value: JsonValue) -> JsonValue:
    """The document with another value at the place. Raises Fault when there is no such place."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(document, dict) and isinstance(step, str) and (step in document or not rest):
        return {**document, step: replaced(document.get(step), rest, value)}
    if isinstance(document, list) and isinstance(step, int) and -len(document) <= step < len(document):
        copy = list(document)
        copy[step] = replaced(copy[step], rest, value)
        return copy
    raise Fault(f"the payload has no '{step}' to write to")


def replaced_items(document: JsonValue, results: Mapping[int, JsonValue]) -> JsonValue:
    """The document with other values in the place of some objects and arrays in it; ``results`` is by their ``id``."""
    if id(document) in results:
        return results[id(document)]
    if isinstance(document, dict):
        return {key: replaced_items(value, results) for key, value in document.items()}
    if isinstance(document, list):
        return [replaced_items(value, results) for value in document]
    return document
