"""XPath 2.0's functions with regular expressions, with the time limit of all others. Imports elementpath."""

from __future__ import annotations

import re
from typing import Any

from elementpath import XPath2Parser
from elementpath.regex import RegexError, translate_pattern

from engine.message.java_regex import expanded
from engine.message.pattern import Pattern, compile_pattern

_FLAGS = {"s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE, "x": re.VERBOSE}
_REPLACEMENT = re.compile(r"(?:[^\\$]|\\[\\$]|\$[0-9])*")


class LimitedParser(XPath2Parser):
    """The library's parser with functions of our own for ``matches``, ``replace`` and ``tokenize``."""


def _matches(function: Any, context: Any = None) -> bool:
    text = function.get_argument(context, default="", cls=str)
    return _compiled(function, context, flags_at=2).search(text) is not None


def _replace(function: Any, context: Any = None) -> str:
    text = function.get_argument(context, default="", cls=str)
    replacement = function.get_argument(context, 2, required=True, cls=str)
    pattern = _compiled(function, context, flags_at=3, may_be_empty=False)
    if not _REPLACEMENT.fullmatch(replacement):
        raise function.error("FORX0004", f"'{replacement}' is not a replacement")
    try:
        return pattern.replace(lambda match: expanded(replacement, match), text)
    except ValueError as error:
        raise function.error("FORX0004", str(error)) from None


def _tokenize(function: Any, context: Any = None) -> list[str]:
    text = function.get_argument(context, default="", cls=str)
    return _compiled(function, context, flags_at=2, may_be_empty=False).split(text) if text else []


def _compiled(function: Any, context: Any, *, flags_at: int, may_be_empty: bool = True) -> Pattern:
    """The second argument, with the flags in the one at ``flags_at``. Raises the library's errors of XPath."""
    source = function.get_argument(context, 1, required=True, cls=str)
    flags = re.NOFLAG
    for letter in function.get_argument(context, flags_at, required=True, cls=str) if len(function) > flags_at else "":
        if letter not in _FLAGS:
            raise function.error("FORX0001", f"'{letter}' is no flag of a regular expression")
        flags |= _FLAGS[letter]
    try:
        pattern = compile_pattern(translate_pattern(source, flags, function.parser.xsd_version), flags)
    except (re.error, RegexError) as error:
        raise function.error("FORX0002", f"'{source}' is not a regular expression: {error}") from None
    if not may_be_empty and pattern.search(""):
        raise function.error("FORX0003", f"the regular expression '{source}' matches the empty text")
    return pattern


for _name, _evaluate in {"matches": _matches, "replace": _replace, "tokenize": _tokenize}.items():
    _base: Any = LimitedParser.symbol_table[_name]
    LimitedParser.symbol_table[_name] = type(_base.__name__, (_base,), {"evaluate": _evaluate})
