"""Paths into the answers of APIs: JSONPath, without ``$.`` where it is only names (``page.totalPages``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from engine.message.codecs.json import JsonValue

_NAMES = re.compile(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*")

Find = Callable[[JsonValue], JsonValue]
"""The first value at a path; None when there is none."""


def at(answer: JsonValue, path: str) -> JsonValue:
    """The first value at ``path``; None when there is none. An empty path is the answer itself."""
    return compile_path(path)(answer)


@lru_cache(maxsize=1024)
def compile_path(path: str) -> Find:
    """Compile a path. Raises ValueError for what is no JSONPath."""
    if not path:
        return lambda answer: answer
    if _NAMES.fullmatch(path):
        return _names(tuple(path.split(".")))
    return _json_path(path)


def _names(names: tuple[str, ...]) -> Find:
    def find(answer: JsonValue) -> JsonValue:
        for name in names:
            answer = answer.get(name) if isinstance(answer, Mapping) else None
        return answer

    return find


def _json_path(path: str) -> Find:
    from jsonpath_ng.ext import parser  # only where names do not do: it takes 30 ms

    try:
        compiled = parser.parse(path)
    except Exception as error:
        # Its lexer and its parser raise classes of their own, and bare Exception too.
        raise ValueError(f"no JSONPath: {error}") from None

    def find(answer: JsonValue) -> JsonValue:
        found = compiled.find(answer)
        return found[0].value if found else None

    return find
