"""URI templates (RFC 6570) as Synapse's HTTP endpoint expands them (traps 33 and 34)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from engine.expressions.base import ExpressionError
from engine.message.codecs import json

_PREFIXES = ("uri.var.", "query.param.")
_BRACED = re.compile(r"\{([^{}]*)\}")
_VARIABLE = re.compile(r"((?:\w|%[0-9A-Fa-f]{2})(?:[\w.\-]|%[0-9A-Fa-f]{2})*)(?:(\*)|:([1-9][0-9]{0,3}))?")
_is_unreserved = re.compile(r"[A-Za-z0-9._~-]*").fullmatch
_ESCAPED_OR_NOT = re.compile(r"(%[0-9A-Fa-f]{2})|[^%]+|%")

# Handy-URI-Templates, Synapse's library, escapes the brackets that RFC 6570 counts as reserved (trap 34).
_RESERVED = ":/?#@!$&'()*+,;="

# What java.net.URI takes: no space, quote, brace or stray %, and at least one character after "scheme:".
_LEGAL = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*:(?=[^#])(?!//(?:[?#]|$))|(?![A-Za-z][A-Za-z0-9+.-]*:|:))"
    r"(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=\[\]\u00a1-\U0010ffff]|%[0-9A-Fa-f]{2})*"
    r"(?:\#(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=\[\]\u00a1-\U0010ffff]|%[0-9A-Fa-f]{2})*)?"
)

# After a constant origin every expansion is legal where the literals are: only escaped text is put in.
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:-]+/")


class _Operator(NamedTuple):
    """One row of the table in RFC 6570, appendix A."""

    first: str
    separator: str
    is_named: bool
    if_empty: str
    keeps_reserved: bool


_SIMPLE = _Operator("", ",", False, "", False)
_OPERATORS = {
    "+": _Operator("", ",", False, "", True),
    "#": _Operator("#", ",", False, "", True),
    ".": _Operator(".", ".", False, "", False),
    "/": _Operator("/", "/", False, "", False),
    ";": _Operator(";", ";", True, "", False),
    "?": _Operator("?", "&", True, "=", False),
    "&": _Operator("&", "&", True, "=", False),
}


class _Variable(NamedTuple):
    name: str
    is_exploded: bool
    length: int | None


class _Part(NamedTuple):
    """An expression and the literal text before it; ``only`` names the variable of a plain ``{name}``."""

    literal: str
    operator: _Operator
    variables: tuple[_Variable, ...]
    only: str | None


class UriTemplate:
    """A template, compiled once. Variables are the properties named ``uri.var.…`` and ``query.param.…`` only.

    A template that begins with ``{x}`` means ``{+x}``: its first variable is a whole address. Raises ExpressionError
    for braces without a partner and for wrong variable names.
    """

    __slots__ = ("_is_always_legal", "_parts", "_tail", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        parts, position = [], 0
        for match in _BRACED.finditer(text):
            parts.append(_part(_literal(text, position, match.start()), match))
            position = match.end()
        self._parts = tuple(parts)
        self._tail = _literal(text, position, len(text))
        escapes_all = not any(part.operator.keeps_reserved for part in parts)
        self._is_always_legal = bool(escapes_all and _ORIGIN.match(text) and _LEGAL.fullmatch(_BRACED.sub("", text)))

    def expand(self, properties: Mapping[str, Any]) -> str:
        """The address. Undefined variables vanish.

        The text comes back as it is when no property is a variable at all, and when the result is no legal URI.
        """
        uri = self.expand_any(properties)
        return uri if self._is_always_legal or not self._parts or _LEGAL.fullmatch(uri) else self.text

    def expand_any(self, properties: Mapping[str, Any]) -> str:
        """The same, also when the result is no legal URI."""
        if not self._parts:
            return self.text
        uri, is_defined = "", False
        for literal, operator, variables, only in self._parts:
            value = properties.get(only) if only is not None else None
            if type(value) is str and _is_unreserved(value):
                uri += literal + value
                is_defined = True
            else:
                uri += literal + _expanded(operator, variables, properties)
        uri += self._tail
        return uri if is_defined or _has_variables(properties) else self.text

    def __repr__(self) -> str:
        return f"UriTemplate({self.text!r})"


def _has_variables(properties: Mapping[str, Any]) -> bool:
    """Whether any property is a variable, of this template or not."""
    return any(name.startswith(_PREFIXES) and value is not None for name, value in properties.items())


def _literal(text: str, start: int, end: int) -> str:
    for offset in range(start, end):
        if text[offset] in "{}":
            raise ExpressionError(f"the '{text[offset]}' in the URI template has no partner", offset)
    return text[start:end]


def _part(literal: str, match: re.Match[str]) -> _Part:
    inner, offset = match[1], match.start(1)
    operator = _OPERATORS.get(inner[:1])
    names = inner[1:] if operator else inner
    offset += len(inner) - len(names)
    if operator is None:
        operator = _OPERATORS["+"] if match.start() == 0 else _SIMPLE
    variables = []
    for name in names.split(","):
        variables.append(_variable(name, offset))
        offset += len(name) + 1
    first = variables[0]
    is_plain = len(variables) == 1 and not operator.first and first.length is None and first.name.startswith(_PREFIXES)
    return _Part(literal, operator, tuple(variables), first.name if is_plain else None)


def _variable(text: str, offset: int) -> _Variable:
    match = _VARIABLE.fullmatch(text)
    if match is None:
        raise ExpressionError(f"'{text}' is not a variable of a URI template", offset)
    return _Variable(match[1], match[2] is not None, int(match[3]) if match[3] else None)


def _expanded(operator: _Operator, variables: tuple[_Variable, ...], properties: Mapping[str, Any]) -> str:
    pieces = [
        piece
        for variable in variables
        if variable.name.startswith(_PREFIXES) and properties.get(variable.name) is not None
        for piece in _pieces(operator, variable, properties[variable.name])
    ]
    return operator.first + operator.separator.join(pieces) if pieces else ""


def _pieces(operator: _Operator, variable: _Variable, value: Any) -> list[str]:
    """The text of one variable; an exploded list or object gives one piece for each item."""
    if isinstance(value, (list, dict)) and not value:
        return []
    if not variable.is_exploded or not isinstance(value, (list, dict)):
        return [_named(operator, variable.name, _joined(operator, variable, value))]
    if isinstance(value, list):
        return [_named(operator, variable.name, _encoded(operator, json.text_of(item))) for item in value]
    return [f"{_encoded(operator, key)}={_encoded(operator, json.text_of(item))}" for key, item in value.items()]


def _joined(operator: _Operator, variable: _Variable, value: Any) -> str:
    if isinstance(value, dict):
        value = [part for pair in value.items() for part in pair]
    if isinstance(value, list):
        return ",".join(_encoded(operator, json.text_of(item)) for item in value)
    return _encoded(operator, json.text_of(value)[: variable.length])


def _named(operator: _Operator, name: str, text: str) -> str:
    if not operator.is_named:
        return text
    return f"{name}={text}" if text else f"{name}{operator.if_empty}"


def _encoded(operator: _Operator, text: str) -> str:
    if _is_unreserved(text):
        return text
    if not operator.keeps_reserved:
        return quote(text, safe="", errors="replace")
    return "".join(
        match[1] or quote(match[0], safe=_RESERVED, errors="replace") for match in _ESCAPED_OR_NOT.finditer(text)
    )
