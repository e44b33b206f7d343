"""JSONPath text -> a function from a JSON value to what is there.

Plain paths of names and indexes, which are nearly all there are, become a direct getter. Everything else goes to
jsonpath-ng, imported at the first such path since that takes long. The dialect is Jayway's, which Synapse uses.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias

from engine.expressions.base import ExpressionError
from engine.message.codecs.json import JsonValue

log = logging.getLogger("myelin.expressions")


class Missing(Enum):
    """The type of MISSING."""

    MISSING = "missing"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing.MISSING
"""Nothing is at the path; None is a JSON null."""

Getter: TypeAlias = Callable[[JsonValue], JsonValue]

_STEP = re.compile(
    r"""
    \.(?P<name>[^\s.\[\](){}*,'"?]+)
  | \[\s*(?:(?P<index>-?[0-9]{1,9})|'(?P<single>[^'\\]*)'|"(?P<double>[^"\\]*)")\s*\]
    """,
    re.VERBOSE,
)
_AGGREGATE = re.compile(r"\.(length|size|min|max|sum|avg)\(\)$")
_REGEX_LITERAL = re.compile(r"=~\s*/((?:[^/\\]|\\.)*)/(i?)")


def compile_path(path: str) -> Getter:
    """Compile a path; one without ``$`` begins at the root, as Jayway has it.

    Raises ExpressionError with the offset of the first character that cannot be understood.
    """
    if not path:
        raise ExpressionError("the JSON path is empty")
    rooted = path if path.startswith("$") else f"$.{path}"
    steps = _plain_steps(rooted)
    if steps is not None:
        return _direct(steps)
    call = _AGGREGATE.search(rooted)
    if call is None:
        return _library(rooted, len(rooted) - len(path))
    values, aggregate = compile_path(rooted[: call.start()]), _AGGREGATES[call[1]]
    return lambda document: aggregate(values(document))


def _plain_steps(path: str) -> tuple[str | int, ...] | None:
    """The names and indexes of a plain path, None for any other."""
    if path == "$.":
        return ()
    steps: list[str | int] = []
    position = 1
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            return None
        name = match["name"] or match["single"] or match["double"]
        steps.append(int(match["index"]) if match["index"] else name or "")
        position = match.end()
    return tuple(steps)


def _direct(steps: tuple[str | int, ...]) -> Getter:
    if len(steps) == 1 and isinstance(steps[0], str):
        name = steps[0]
        return lambda document: document.get(name, MISSING) if type(document) is dict else MISSING

    def get(document: JsonValue) -> JsonValue:
        value = document
        for step in steps:
            if type(step) is str and type(value) is dict:
                value = value.get(step, MISSING)
            elif type(step) is int and type(value) is list and -len(value) <= step < len(value):
                value = value[step]
            else:
                return MISSING
        return value

    return get


def _library(path: str, shift: int) -> Getter:
    from jsonpath_ng.ext.parser import parse

    try:
        compiled = parse(_translated(path))
    except Exception as error:  # the library's own errors have no common class
        offset = _offset_of(str(error), len(path)) - shift
        raise ExpressionError(f"not a JSON path: {error}", max(offset, 0)) from None
    is_definite = _is_definite(compiled)

    def get(document: JsonValue) -> JsonValue:
        try:
            matches = [match.value for match in compiled.find(document)]
        except (TypeError, ValueError, AttributeError, LookupError) as error:
            log.warning("the JSON path %s failed: %s", path, error)
            return MISSING
        if is_definite:
            return matches[0] if matches else MISSING
        return matches

    return get


def _translated(path: str) -> str:
    """Jayway's regular expressions as jsonpath-ng writes them: ``=~ /a.*/i`` is ``=~ "(?i)a.*"``."""

    def replaced(match: re.Match[str]) -> str:
        flags = "(?i)" if match[2] else ""
        pattern = match[1].replace("\\/", "/").replace("\\", "\\\\").replace('"', '\\"')
        return f'=~ "{flags}{pattern}"'

    return _REGEX_LITERAL.sub(replaced, path)


def _offset_of(error: str, end: int) -> int:
    """The offset that jsonpath-ng names in its message; ``end`` when it came to the end too early."""
    found = re.search(r"at \d+:(\d+)|[Ll]ine \d+, col (\d+)", error)
    if found is None:
        return end if "end of string" in error else 0
    return min(int(found[1] or found[2]), end)


def _is_definite(path: Any) -> bool:
    """Whether a parsed path can match one place at most: names and indexes only."""
    from jsonpath_ng.jsonpath import Child, Fields, Index, Root

    if isinstance(path, Child):
        return _is_definite(path.left) and _is_definite(path.right)
    if isinstance(path, Fields):
        return len(path.fields) == 1 and path.fields[0] != "*"
    return isinstance(path, Root) or (isinstance(path, Index) and len(path.indices) == 1)


def _length(value: JsonValue) -> JsonValue:
    return len(value) if isinstance(value, (str, list, dict)) else MISSING


def _of_numbers(calculate: Callable[[list[Any]], Any]) -> Getter:
    def aggregate(value: JsonValue) -> JsonValue:
        items = value if isinstance(value, list) else []
        numbers = [item for item in items if isinstance(item, (int, float, Decimal)) and not isinstance(item, bool)]
        exact = [Decimal(repr(item)) if isinstance(item, float) else item for item in numbers]
        return calculate(exact) if exact else MISSING

    return aggregate


_AGGREGATES: Mapping[str, Getter] = {
    "length": _length,
    "size": _length,
    "min": _of_numbers(min),
    "max": _of_numbers(max),
    "sum": _of_numbers(sum),
    "avg": _of_numbers(lambda numbers: Decimal(sum(numbers)) / len(numbers)),
}
