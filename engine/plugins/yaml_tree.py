"""YAML with places: plain values, and for each of them file, line and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from engine.errors import Problems, Where, did_you_mean
from engine.plugins.answer_path import compile_path

MAX_DEPTH = 32

# The same rules in C: ten times as fast, which counts at each start. Wheels of PyYAML have it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping of a YAML file. What is asked of it and is wrong becomes a Problem; the default is given instead."""

    values: Mapping[str, Any]
    places: Mapping[Keys, Where]
    """Of each key: where it stands. Of each item of a list: where it begins."""
    keys: Keys
    problems: Problems

    def where(self, *keys: str | int) -> Where:
        return self.places[(*self.keys, *keys)]

    def error(self, code: str, message: str, *keys: str | int, hint: str = "") -> None:
        self.problems.error(code, self.where(*keys), message, hint)

    def known(self, *names: str) -> None:
        """Every other key is a Problem."""
        for key in self.values:
            if key not in names:
                self.error("unknown-key", f"'{key}' is not known here.", key, hint=did_you_mean(key, names))

    def required(self, *names: str) -> bool:
        """Whether all are there; each missing one is a Problem."""
        missing = [name for name in names if self.values.get(name) in (None, "")]
        for name in missing:
            self.error("missing-key", f"'{name}' is missing.")
        return not missing

    def text(self, key: str, default: str = "") -> str:
        return str(self._typed(key, str, "text", default))

    def answer_path(self, key: str) -> str:
        """A path into an answer of the API; empty when it is absent."""
        path = self.text(key)
        try:
            compile_path(path)
        except ValueError as error:
            self.error("bad-value", f"'{path}' as '{key}' is {error}.", key)
            return ""
        return path

    def flag(self, key: str) -> bool:
        return bool(self._typed(key, bool, "true or false", False))

    def count(self, key: str, default: Any = None) -> Any:
        """A whole number from 0, or the default."""
        value = self._typed(key, int, "a whole number", default)
        if isinstance(value, bool) or (isinstance(value, int) and value < 0):
            self.error("bad-value", f"'{key}' must be a whole number, 0 or more.", key)
            return default
        return value

    def number(self, key: str) -> float | None:
        """A number, or None."""
        value = self.values.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            self.error("bad-value", f"'{key}' must be a number.", key)
            return None
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(key, default)
        if value in choices:
            return value
        message = f"'{value}' as '{key}' is not one of {', '.join(choices)}."
        self.error("bad-choice", message, key, hint=did_you_mean(value, choices))
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of text."""
        items = self._typed(key, list, "a list", [])
        for index, item in enumerate(items):
            if not isinstance(item, str):
                hint = "YAML reads NO, ON and numbers as other types; put it in quotes."
                self.error("bad-value", f"Item {index + 1} of '{key}' is not text.", key, index, hint=hint)
        return tuple(item for item in items if isinstance(item, str))

    def items(self, key: str) -> Iterator[Section]:
        """The mappings in a list."""
        for index, values in enumerate(self._typed(key, list, "a list", [])):
            if isinstance(values, dict):
                yield Section(values, self.places, (*self.keys, key, index), self.problems)
            else:
                self.error("bad-value", f"Item {index + 1} of '{key}' must be a mapping.", key, index)

    def section(self, key: str) -> Section:
        """A nested mapping, empty when it is absent."""
        values = self._typed(key, dict, "a mapping", {})
        return Section(values, self.places, (*self.keys, key) if values else self.keys, self.problems)

    def sections(self, key: str) -> Iterator[tuple[str, Section]]:
        """The mappings inside a mapping; a name with nothing after it counts as empty."""
        outer = self.section(key)
        for name, values in outer.values.items():
            if isinstance(values, dict) or values is None:
                yield name, Section(values or {}, self.places, (*outer.keys, name), self.problems)
            else:
                outer.error("bad-value", f"'{name}' must be a mapping.", name)

    def _typed(self, key: str, kind: type, what: str, default: Any) -> Any:
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, kind):
            self.error("bad-value", f"'{key}' must be {what}.", key)
            return default
        return value


def read_yaml(path: Path, problems: Problems) -> Section | None:
    """The mapping in a YAML file; None and a Problem when there is none. Aliases are refused, and so are tags."""
    start = Where(str(path))
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except (OSError, UnicodeDecodeError) as error:
        problems.error("unreadable", start, f"The file cannot be read: {error}.")
        return None
    except yaml.MarkedYAMLError as error:
        problems.error("bad-yaml", _where(str(path), error.problem_mark), f"Not YAML: {error.problem}.")
        return None
    except yaml.YAMLError as error:
        problems.error("bad-yaml", start, f"Not YAML: {error}.")
        return None
    if not isinstance(root, yaml.MappingNode):
        problems.error("bad-yaml", start, "The file must hold a mapping.")
        return None
    reader = _Reader(str(path), problems)
    values = reader.value(root, ())
    return Section(values, reader.places, (), problems)


class _Reader:
    def __init__(self, file: str, problems: Problems) -> None:
        self._file = file
        self._problems = problems
        self._constructor = yaml.SafeLoader("")
        self._seen: set[int] = set()
        self.places: dict[Keys, Where] = {(): Where(file)}

    def value(self, node: yaml.Node, keys: Keys) -> Any:
        if id(node) in self._seen or len(keys) > MAX_DEPTH:
            what = "Aliases are not supported" if id(node) in self._seen else "This is nested too deep"
            self._problems.error("bad-yaml", _where(self._file, node.start_mark), f"{what}.")
            return None
        self._seen.add(id(node))
        match node:
            case yaml.MappingNode():
                return self._mapping(node, keys)
            case yaml.SequenceNode():
                return [self._item(item, (*keys, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, keys: Keys) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            where = _where(self._file, key_node.start_mark)
            if not isinstance(key_node, yaml.ScalarNode):
                self._problems.error("bad-yaml", where, "A key must be text.")
                continue
            key = str(key_node.value)
            if key in values:
                self._problems.error("repeated-key", where, f"'{key}' is here twice.")
            self.places[(*keys, key)] = where
            values[key] = self.value(value_node, (*keys, key))
        return values

    def _item(self, node: yaml.Node, keys: Keys) -> Any:
        self.places[keys] = _where(self._file, node.start_mark)
        return self.value(node, keys)

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            value = self._constructor.construct_object(node)
        except (yaml.YAMLError, ValueError):
            value = None
            self._problems.error("bad-yaml", _where(self._file, node.start_mark), "This value cannot be read.")
        # YAML's dates and binaries have no counterpart in JSON; what the author wrote does.
        return value if value is None or isinstance(value, (str, bool, int, float)) else node.value


def _where(file: str, mark: yaml.Mark | None) -> Where:
    return Where(file) if mark is None else Where(file, mark.line + 1, mark.column + 1)
