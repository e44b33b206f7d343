"""JSONPath text -> a function from a JSON value to what is there.

Plain paths of names and indexes, which are nearly all there are, become a direct getter; ``jsonpath_steps.py`` takes
the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from engine.expressions.base import ExpressionError
from engine.expressions.jsonpath_parser import parse_path
from engine.expressions.jsonpath_steps import MISSING, Path, Scope
from engine.expressions.scanner import Scanner
from engine.message.codecs.json import JsonValue

Getter: TypeAlias = Callable[[JsonValue], JsonValue]


def compile_path(path: str) -> Getter:
    """Compile a path; one without ``$`` begins at the root, as Jayway has it.

    Raises ExpressionError with the offset of the first character that cannot be understood.
    """
    if not path:
        raise ExpressionError("the JSON path is empty")
    if path[0] in "'\"":
        raise ExpressionError("the JSON path stands in quotes", 0, f"Write {path.strip(path[0])} without them.")
    if path == "$.":  # what Synapse itself writes for the whole document
        return lambda document: document
    rooted = path if path.startswith("$") else f"$.{path}"
    try:
        return getter_of(parsed(rooted))
    except ExpressionError as error:
        offset = max(0, error.offset - len(rooted) + len(path))
        raise ExpressionError(f"not a JSON path: {error.message}", offset, error.hint) from None


def getter_of(path: Path) -> Getter:
    """The fastest function that finds what ``path`` finds, for a path that needs no message."""
    plain = path.plain()
    if plain is not None:
        return direct(plain)
    return lambda document: path.find(document, Scope(document))


def direct(steps: tuple[str | int, ...]) -> Getter:
    """A getter for names and indexes."""
    if len(steps) == 1 and isinstance(steps[0], str):
        name = steps[0]
        return lambda document: document.get(name, MISSING) if type(document) is dict else MISSING

    def get(document: JsonValue) -> JsonValue:
        value = document
        for step in steps:
            if type(step) is str and type(value) is dict:
                value = value.get(step, MISSING)
            elif type(step) is int and isinstance(value, list) and -len(value) <= step < len(value):
                value = value[step]
            else:
                return MISSING
        return value

    return get


def parsed(path: str) -> Path:
    """The steps of a path that begins with ``$``. Raises ExpressionError."""
    scanner = Scanner(path, 1)
    path_ = parse_path(scanner)
    if not scanner.at_end:
        raise scanner.unexpected("the end" if path_.function is not None else "'.' or '['")
    return path_
