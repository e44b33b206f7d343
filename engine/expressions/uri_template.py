"""URI templates (RFC 6570) with the rules of Synapse's HTTP endpoint (traps 33 and 34)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from engine.expressions.base import ExpressionError
from engine.message.codecs.json import text_of

PREFIXES = ("uri.var.", "query.param.")
"""Only properties named so are variables."""

_PART = re.compile(r"\{([^{}]*)\}")
_EXPRESSION = re.compile(r"([+#./;?&]?)([^,]+(?:,[^,]+)*)")
_VARIABLE = re.compile(r"([A-Za-z0-9_.\-]+)(\*|:[0-9]{1,4})?")
_PLAIN = re.compile(r"[A-Za-z0-9\-._~]*")
_LEGAL = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")

# Handy-URI-Templates, which Synapse uses, also encodes the brackets that RFC 6570 would keep.
_RESERVED = ":/?#@!$&'()*+,;="


class _Operator(NamedTuple):
    """RFC 6570 appendix A: what stands first, between, whether names are written, what is kept."""

    first: str
    separator: str
    named: bool
    empty: str
    reserved: bool


_OPERATORS = {
    "": _Operator("", ",", False, "", False),
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
    prefix: int | None


class _Expression(NamedTuple):
    operator: _Operator
    variables: tuple[_Variable, ...]


class UriTemplate:
    """A template, parsed once. Raises ExpressionError for text that is none."""

    __slots__ = ("_parts", "_variables", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts = tuple(_parse(text))
        self._variables = tuple(
            variable.name for part in self._parts if not isinstance(part, str) for variable in part.variables
        )

    def expand(self, properties: Mapping[str, Any]) -> str:
        """The URI. Undefined variables vanish; the template itself comes back when there is no variable at all, or
        when the result would be no legal URI (trap 33)."""
        if not self._variables:
            return self.text
        if not any(name in properties for name in self._variables) and not _any_variable(properties):
            return self.text
        uri = "".join(part if isinstance(part, str) else _expand(part, properties) for part in self._parts)
        return uri if _LEGAL.fullmatch(uri) else self.text

    def __repr__(self) -> str:
        return f"UriTemplate({self.text!r})"


def encode(value: str) -> str:
    """Percent-encode all but letters, digits and ``- . _ ~``, as UTF-8."""
    return value if _PLAIN.fullmatch(value) else quote(value, safe="")


def encode_reserved(value: str) -> str:
    """The same, but keep reserved characters and what is percent-encoded already."""
    if _PLAIN.fullmatch(value):
        return value
    pieces, start = [], 0
    for escape in _ESCAPE.finditer(value):
        pieces += [quote(value[start : escape.start()], safe=_RESERVED), escape[0]]
        start = escape.end()
    pieces.append(quote(value[start:], safe=_RESERVED))
    return "".join(pieces)


def _parse(text: str) -> list[str | _Expression]:
    parts: list[str | _Expression] = []
    end = 0
    for match in _PART.finditer(text):
        _add_literal(parts, text, end, match.start())
        # A template that begins with a variable means a whole address, so nothing in it is encoded (trap 33).
        inner = match[1]
        if match.start() == 0 and inner[:1] not in _OPERATORS:
            inner = f"+{inner}"
        parts.append(_parse_expression(inner, match.start()))
        end = match.end()
    _add_literal(parts, text, end, len(text))
    return parts


def _add_literal(parts: list[str | _Expression], text: str, start: int, end: int) -> None:
    literal = text[start:end]
    for brace in "{}":
        if brace in literal:
            raise ExpressionError(f"A '{brace}' has no partner.", start + literal.index(brace))
    if literal:
        parts.append(literal)


def _parse_expression(text: str, offset: int) -> _Expression:
    match = _EXPRESSION.fullmatch(text)
    if match is None:
        raise ExpressionError("{} holds no variable.", offset)
    variables = []
    for written in match[2].split(","):
        variable = _VARIABLE.fullmatch(written)
        if variable is None:
            raise ExpressionError(f"'{written}' is no variable of a URI template.", offset)
        modifier = variable[2] or ""
        variables.append(_Variable(variable[1], int(modifier[1:]) if modifier.startswith(":") else None))
    return _Expression(_OPERATORS[match[1]], tuple(variables))


def _expand(part: _Expression, properties: Mapping[str, Any]) -> str:
    operator = part.operator
    pieces = []
    for name, prefix in part.variables:
        value = properties.get(name) if name.startswith(PREFIXES) else None
        if value is None:
            continue
        text = value if isinstance(value, str) else text_of(value)
        if prefix is not None:
            text = text[:prefix]
        encoded = encode_reserved(text) if operator.reserved else encode(text)
        if operator.named:
            encoded = f"{name}={encoded}" if encoded else f"{name}{operator.empty}"
        pieces.append(encoded)
    return operator.first + operator.separator.join(pieces) if pieces else ""


def _any_variable(properties: Mapping[str, Any]) -> bool:
    return any(name.startswith(PREFIXES) for name in properties)
