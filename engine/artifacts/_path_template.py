"""How the resources of an API match the path below its context: URL mappings and URI templates (Synapse trap 43)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from engine.declare.convert import Unacceptable

_RESERVED = frozenset(":/?#[]@!$&'()*+,;=")
"""What ends a plain ``{variable}`` (RFC 3986 section 2.2)."""
_NAME = re.compile(r"([A-Za-z0-9._-]+)(?::([1-9][0-9]{0,4}))?")
_PIECE = re.compile(r"\{([^{}]*)\}|[^{}]+|[{}]")


class UrlMapping:
    """A servlet mapping: ``/a/b`` exactly, ``/a/*`` by its segments, ``*.jsp`` by the end of the path."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._segments: tuple[str, ...] | None = None
        self._extension = self._exact = ""
        if text.startswith("/") and text.endswith("/*"):
            self._segments = tuple(text[1:-2].split("/")) if len(text) > 2 else ()
        elif text.startswith("*."):
            self._extension = text[1:]
        else:
            self._exact = text[:-1] if len(text) > 1 and text.endswith("/") else text

    def is_exactly(self, path: str) -> bool:
        """Whether it is the path itself; slashes at its end do not count."""
        return bool(self._exact) and self._exact == (path.rstrip("/") or "/")

    def prefix_length(self, path: str) -> int:
        """How many segments of the path it names; 1 for ``/*``, 0 when it does not match."""
        if self._segments is None:
            return 0
        if not self._segments:
            return 1
        count = len(self._segments)
        return count if tuple(path.removeprefix("/").split("/")[:count]) == self._segments else 0

    def has_extension(self, path: str) -> bool:
        """Whether the path ends as ``*.jsp`` says."""
        return bool(self._extension) and path.endswith(self._extension)


@dataclass(frozen=True, slots=True)
class _Literal:
    """Text that stands as it is; a ``*`` at its end takes all that follows, nothing included."""

    text: str

    @property
    def first(self) -> str:
        return self.text[0]

    def match(self, rest: str, variables: dict[str, str], stop: str) -> int:
        del variables, stop
        if self.text.endswith("*"):
            return len(rest) if rest.startswith(self.text[:-1]) else -1
        return len(self.text) if rest.startswith(self.text) else -1


@dataclass(frozen=True, slots=True)
class _Expression:
    """``{a,b}`` and its kinds: ``{+a}`` takes reserved characters too, ``{#a}``, ``{.a}``, ``{/a}`` need their mark."""

    names: tuple[tuple[str, int], ...]
    """Name, and the length that its value must have; 0 = any."""
    mark: str = ""
    takes_reserved: bool = False
    separator: str = ","

    @property
    def first(self) -> str:
        return self.mark

    def match(self, rest: str, variables: dict[str, str], stop: str) -> int:
        if self.mark and not rest.startswith(self.mark):
            return 0
        start = len(self.mark)
        end = start
        while end < len(rest) and not self._ends_at(rest[end], stop):
            end += 1
        if end == start and end == len(rest):
            return start
        return end if self._set(rest[start:end], variables) else -1

    def _ends_at(self, char: str, stop: str) -> bool:
        if char == self.separator and len(self.names) > 1:
            return False
        return char == stop or (not self.takes_reserved and char in _RESERVED)

    def _set(self, text: str, variables: dict[str, str]) -> bool:
        values = text.split(self.separator) if len(self.names) > 1 or not self.takes_reserved else [text]
        if len(values) > len(self.names):
            return False
        for (name, length), value in zip(self.names, [*values, *[""] * len(self.names)], strict=False):
            decoded = unquote(value)
            if variables.setdefault(name, decoded) != decoded or (length and len(decoded) != length):
                return False
        return True


_KINDS: dict[str, dict[str, object]] = {
    "+": {"takes_reserved": True},
    "#": {"takes_reserved": True, "mark": "#"},
    ".": {"mark": ".", "separator": "."},
    "/": {"mark": "/", "separator": "/"},
}


@dataclass(slots=True)
class PathTemplate:
    """A URI template that takes paths apart: the reverse of expanding one. Raises Unacceptable.

    The text is matched as the client wrote it, percent-encoded; values are decoded. A template without a query accepts
    any query; one more slash at the end is accepted; a ``*`` at the end of a literal takes the rest.
    """

    text: str
    names: tuple[str, ...] = ()
    _nodes: list[_Literal | _Expression] = field(default_factory=list)
    _any_query: bool = True
    _fast: re.Pattern[str] | None = None

    def __post_init__(self) -> None:
        text = self.text[:-1] if len(self.text) > 1 and self.text.endswith("/") else self.text
        position = 0
        for piece in _PIECE.finditer(text):
            node: _Literal | _Expression
            if piece[1] is not None:
                node = _expression(piece[1], position)
                self.names += tuple(name for name, _ in node.names)
            elif piece[0] in "{}":
                raise Unacceptable(f"the '{piece[0]}' in the URI template has no partner.", offset=position)
            else:
                node = _Literal(piece[0])
                self._any_query = self._any_query and "?" not in piece[0]
            self._nodes.append(node)
            position = piece.end()
        if not self._nodes or not isinstance(self._nodes[0], _Literal):
            raise Unacceptable("the URI template of a resource begins with '/'.", hint=f"Write '/{self.text}'.")
        self._fast = _as_regex(self._nodes, self.names, self._any_query)

    def match(self, path: str) -> dict[str, str] | None:
        """The variables when it matches ``path`` (with its query), else None."""
        if self._fast is not None:
            found = self._fast.fullmatch(path)
            if found is None:
                return None
            values = found.groups()
            if all(values):
                pairs = zip(self.names, values, strict=True)
                return {name: unquote(value) if "%" in value else value for name, value in pairs}
        return self._match_slowly(path)

    def _match_slowly(self, path: str) -> dict[str, str] | None:
        variables: dict[str, str] = {}
        end = self._match_all(path, variables)
        if end == len(path) or (self._any_query and 0 < end < len(path) and path[end] == "?"):
            return variables
        return None

    def _match_all(self, path: str, variables: dict[str, str]) -> int:
        """Where the match ends, or -1."""
        position = 0
        for node, following in zip(self._nodes, [*self._nodes[1:], None], strict=True):
            length = node.match(path[position:], variables, following.first if following is not None else "")
            if length < 0:
                return -1
            position += length
            if position == len(path) and following is not None:
                return position if _may_be_absent(following, path) else -1
        return position + 1 if path[position:] == "/" else position


def _as_regex(nodes: list[_Literal | _Expression], names: tuple[str, ...], any_query: bool) -> re.Pattern[str] | None:
    """A pattern for the usual templates, with one plain variable in each pair of braces; None for the others.

    What it refuses does not match. What it accepts matches as it says when no value is empty: it takes the place of a
    walk over the nodes, which costs ten times as much.
    """
    if len(set(names)) < len(names):
        return None
    pattern = ""
    for node, following in zip(nodes, [*nodes[1:], None], strict=True):
        if isinstance(node, _Literal):
            wild = node.text.endswith("*")
            if wild and following is not None:
                return None
            text = node.text[:-1] if wild else node.text
            piece = re.escape(text) + ".*" * wild
            # Behind a variable a wildcard may be absent, with the slash before it, where the path ends.
            pattern += f"(?:{piece}|\\Z)" if pattern and node.text in ("*", "/*") else piece
        elif len(node.names) > 1 or node.names[0][1] or node.mark or node.takes_reserved:
            return None
        else:
            stop = following.first if following is not None else ""
            # Possessive, as the walk is: of several variables side by side the first takes all, in linear time.
            pattern += f"([^{re.escape(''.join(sorted(_RESERVED)) + stop)}]*+)"
    return re.compile(pattern + (r"(?:/|\?.*)?" if any_query else "/?"), re.DOTALL)


def _may_be_absent(node: _Literal | _Expression, path: str) -> bool:
    """Whether a template may end before ``node``: before a wildcard, and before the value of ``?key=``."""
    if isinstance(node, _Literal):
        return node.text in ("*", "/*")
    return "=" in path


def _expression(text: str, offset: int) -> _Expression:
    kind = _KINDS.get(text[:1], {})
    names = []
    for name in (text[1:] if kind else text).split(","):
        match = _NAME.fullmatch(name)
        if match is None:
            raise Unacceptable(f"'{{{text}}}' is not a variable of a resource's URI template.", offset=offset)
        names.append((match[1], int(match[2] or 0)))
    return _Expression(tuple(names), **kind)  # type: ignore[arg-type]  # the table above holds its fields
