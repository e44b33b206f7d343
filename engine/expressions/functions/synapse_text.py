"""The functions of ``${…}`` on text: case, parts, encodings."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from engine.expressions.functions.registry import synapse_function
from engine.expressions.synapse_values import EvaluationError, as_array, is_integer, shown
from engine.message.context import MessageContext
from engine.message.pattern import Pattern, compile_pattern

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def text(value: Any, function: str) -> str:
    """A text argument. Raises EvaluationError for anything else: numbers are not read as text."""
    if not isinstance(value, str):
        raise EvaluationError(f"{function}() takes a text, not {shown(value)}")
    return value


def integer(value: Any, function: str) -> int:
    """A whole number. Raises EvaluationError for anything else."""
    if not is_integer(value):
        raise EvaluationError(f"{function}() takes a whole number, not {shown(value)}")
    return int(value)


@synapse_function("length", example=("${length('GoTo')}", "4"), more=(("${length([1, 2])}", "2"),))
def length(message: MessageContext, value: Any) -> int:
    """The number of characters of a text, or of items of an array."""
    if isinstance(value, str):
        return len(value)
    items = as_array(value)
    if items is None:
        raise EvaluationError(f"length() takes a text or an array, not {shown(value)}")
    return len(items)


@synapse_function("toUpper", example=("${toUpper('GoTo')}", "GOTO"))
def to_upper(message: MessageContext, value: Any) -> str:
    """The text in upper case."""
    return text(value, "toUpper").upper()


@synapse_function("toLower", example=("${toLower('GoTo')}", "goto"))
def to_lower(message: MessageContext, value: Any) -> str:
    """The text in lower case."""
    return text(value, "toLower").lower()


@synapse_function("trim", example=("${trim(' GoTo ')}", "GoTo"))
def trim(message: MessageContext, value: Any) -> str:
    """The text without spaces and control characters at its ends."""
    return text(value, "trim").strip("".join(map(chr, range(33))))


@synapse_function(
    "subString", example=("${subString('webinar', 3)}", "inar"), more=(("${subString('webinar', 0, 3)}", "web"),)
)
def sub_string(message: MessageContext, value: Any, start: Any, end: Any = None) -> str:
    """The text from ``start``, counted from 0, to before ``end``. Numbers outside the text are an error."""
    whole = text(value, "subString")
    first = integer(start, "subString")
    last = len(whole) if end is None else integer(end, "subString")
    if not 0 <= first <= last <= len(whole):
        raise EvaluationError(f"subString() from {first} to {last} is outside a text of {len(whole)} characters")
    return whole[first:last]


@synapse_function("startsWith", example=("${startsWith('webinar', 'web')}", "true"))
def starts_with(message: MessageContext, value: Any, prefix: Any) -> bool:
    """Whether the text begins with ``prefix``."""
    return text(value, "startsWith").startswith(text(prefix, "startsWith"))


@synapse_function("endsWith", example=("${endsWith('webinar', 'web')}", "false"))
def ends_with(message: MessageContext, value: Any, suffix: Any) -> bool:
    """Whether the text ends with ``suffix``."""
    return text(value, "endsWith").endswith(text(suffix, "endsWith"))


@synapse_function("contains", example=("${contains('webinar', 'bin')}", "true"))
def contains(message: MessageContext, value: Any, part: Any) -> bool:
    """Whether ``part`` is in the text."""
    return text(part, "contains") in text(value, "contains")


@synapse_function("replace", example=("${replace('a-b-c', '-', '+')}", "a+b+c"))
def replace(message: MessageContext, value: Any, old: Any, new: Any) -> str:
    """The text with every ``old`` replaced by ``new``; both are plain text."""
    return text(value, "replace").replace(text(old, "replace"), text(new, "replace"))


@synapse_function("indexOf", example=("${indexOf('webinar', 'bin')}", "2"), more=(("${indexOf('abab', 'b', 2)}", "3"),))
def index_of(message: MessageContext, value: Any, part: Any, start: Any = 0) -> int:
    """Where ``part`` begins in the text, looking from ``start``; -1 when it is not there."""
    return text(value, "indexOf").find(text(part, "indexOf"), max(0, integer(start, "indexOf")))


@synapse_function("charAt", example=("${charAt('webinar', 2)}", "b"))
def char_at(message: MessageContext, value: Any, index: Any) -> str:
    """The character at ``index``, counted from 0. A number outside the text is an error."""
    whole, place = text(value, "charAt"), integer(index, "charAt")
    if not 0 <= place < len(whole):
        raise EvaluationError(f"charAt({place}) is outside a text of {len(whole)} characters")
    return whole[place]


@synapse_function("split", example=("${split('a, b,c', ', ?')}", '["a","b","c"]'))
def split(message: MessageContext, value: Any, pattern: Any) -> list[str]:
    """The parts of a text between the matches of a regular expression; empty ones at the end are left out."""
    whole, compiled = text(value, "split"), _regex(text(pattern, "split"))
    parts, position = [], 0
    for match in compiled.matches(whole):
        if match.end() == 0 or (match.start() == match.end() == len(whole)):
            continue  # nothing comes before an empty match at the start, nor after one at the end
        parts.append(whole[position : match.start()])
        position = match.end()
    parts.append(whole[position:])
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return parts


@synapse_function(
    "base64encode",
    example=("${base64encode('user:secret')}", "dXNlcjpzZWNyZXQ="),
    more=(("${base64encode('é', 'ISO-8859-1')}", "6Q=="),),
)
def base64_encode(message: MessageContext, value: Any, charset: Any = "UTF-8") -> str:
    """The bytes of a text in ``charset`` as base64."""
    return base64.b64encode(_encoded(value, charset, "base64encode")).decode("ascii")


@synapse_function("base64decode", example=("${base64decode('dXNlcjpzZWNyZXQ=')}", "user:secret"))
def base64_decode(message: MessageContext, value: Any) -> str:
    """The UTF-8 text behind base64."""
    digits = text(value, "base64decode").rstrip("=")
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise EvaluationError(f"{shown(value)} is not base64") from None


@synapse_function("urlEncode", example=("${urlEncode('a b&c=ü*')}", "a%20b%26c%3D%C3%BC%2A"))
def url_encode(message: MessageContext, value: Any, charset: Any = "UTF-8") -> str:
    """The text with percent escapes. In another charset than UTF-8 a space becomes ``+``, as in the reference."""
    encoded = quote_plus(_encoded(value, charset, "urlEncode"), safe="*").replace("~", "%7E")
    return encoded.replace("+", "%20").replace("*", "%2A") if charset == "UTF-8" else encoded


@synapse_function("urlDecode", example=("${urlDecode('a%20b+c')}", "a b c"))
def url_decode(message: MessageContext, value: Any) -> str:
    """The text without percent escapes; ``+`` is a space."""
    encoded = text(value, "urlDecode")
    if _BAD_ESCAPE.search(encoded):
        raise EvaluationError(f"{shown(value)} has a '%' without two digits")
    return unquote_plus(encoded)


def _encoded(value: Any, charset: Any, function: str) -> bytes:
    name = text(charset, function)
    try:
        return text(value, function).encode(name, "replace")
    except (LookupError, ValueError):
        raise EvaluationError(f"{function}() does not know the charset '{name}'") from None


def _regex(pattern: str) -> Pattern:
    try:
        return compile_pattern(pattern)
    except re.error as error:
        raise EvaluationError(f"{shown(pattern)} is not a regular expression: {error}") from None
