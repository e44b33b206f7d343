"""Parameters of connector operations: their types and the rules that a value must keep before anything is called."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from engine.errors import did_you_mean
from engine.message.codecs import json
from engine.message.codecs.errors import DecodeError
from engine.message.pattern import compile_pattern


class BrokenRule(ValueError):
    """A value breaks a rule of its parameter. The text of the error is the rule.

    ``parameter`` is named by those who look at several of them, such as the functions that make bodies.
    """

    def __init__(self, rule: str, hint: str = "", *, parameter: str = "") -> None:
        super().__init__(rule)
        self.rule = rule
        self.hint = hint
        self.parameter = parameter


Convert = Callable[[str], Any]
"""Text of the flow -> the value that is sent. Raises BrokenRule."""

_DIGITS = re.compile(r"[0-9]+")
_MOST_DIGITS = 20
"""Of the largest number of 64 bits."""
_INTEGER = re.compile(r"-?[0-9]{1,300}")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LIST_RULE = "a JSON array of text, or text separated by commas"


def _text(text: str) -> str:
    return text


def _key(text: str) -> str:
    """A numeric key of up to 64 bits. It stays text: a double would lose its last digits."""
    if not _DIGITS.fullmatch(text):
        raise BrokenRule("digits only")
    if len(text) > _MOST_DIGITS:
        raise BrokenRule(f"at most {_MOST_DIGITS} digits")
    return text


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise BrokenRule("a whole number")
    return int(text)


def _number(text: str) -> json.JsonNumber:
    if not _NUMBER.fullmatch(text):
        raise BrokenRule("a number")
    return json.JsonNumber(text)


def _boolean(text: str) -> bool:
    word = text.lower()
    if word not in ("true", "false"):
        raise BrokenRule("true or false")
    return word == "true"


def _time(text: str) -> str:
    rule = "an ISO 8601 date and time with its zone, such as 2016-06-09T16:45:58Z"
    if not _DATE_TIME.fullmatch(text):
        raise BrokenRule(rule)
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise BrokenRule(rule) from None
    return text


def _time_zone(text: str) -> str:
    if text not in _time_zones():
        raise BrokenRule("a time zone ID, such as Europe/Berlin", did_you_mean(text, _time_zones()))
    return text


@cache
def _time_zones() -> frozenset[str]:
    """Without the names that mean whatever a machine is set to, which some have among their zones."""
    return frozenset(available_timezones()) - {"localtime", "Factory"}


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise BrokenRule("an e-mail address")
    return text


@lru_cache(maxsize=256)
def _url(text: str) -> str:
    """Plain http or https: no user, query or fragment, so that nothing secret travels in it."""
    rule = "an http:// or https:// URL with a host and without user, query and fragment"
    try:
        parts = urlsplit(text)
        legal = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise BrokenRule(rule) from None
    printable = text.isascii() and text.isprintable() and " " not in text
    if parts.scheme not in ("http", "https") or not legal or not printable or any(each in text for each in "@?#\\"):
        raise BrokenRule(rule)
    return text


def _list(text: str) -> list[str]:
    """A JSON array of text, which is what json-eval makes of one, or text separated by commas; numbers become text."""
    if not text.lstrip().startswith("["):
        return [item.strip() for item in text.split(",") if item.strip()]
    try:
        items = json.decode(text.encode("utf-8", "replace"))
    except DecodeError:
        raise BrokenRule(_LIST_RULE) from None
    if any(isinstance(item, (list, dict, bool)) or item is None for item in items):
        raise BrokenRule(_LIST_RULE)
    return [json.text_of(item) for item in items]


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BrokenRule("base64") from None


def _json(text: str) -> json.JsonValue:
    try:
        return json.decode(text.encode("utf-8", "replace"))
    except DecodeError:
        raise BrokenRule("JSON") from None


TYPES: dict[str, Convert] = {
    "text": _text,
    "key": _key,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "time": _time,
    "time-zone": _time_zone,
    "email": _email,
    "url": _url,
    "list": _list,
    "json": _json,
    "base64": _base64,
}
"""What ``type:`` in a connector.yaml and ``Rules(type=…)`` in Python may say."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation.

    ``max_length`` counts characters. ``choices`` are compared exactly; for a list they hold for each item. ``needs``
    names a parameter that must be given together with this one. A ``secret`` never appears in an error. ``also`` is
    another name under which flows may give it. ``minimum`` and ``maximum`` are for numbers, ``pattern`` is found
    somewhere in the text, as JSON Schema has it.
    """

    name: str
    doc: str
    type: str = "text"
    required: bool = False
    default: Any = None
    max_length: int | None = None
    choices: tuple[str, ...] = ()
    needs: str = ""
    secret: bool = False
    also: str = ""
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    pattern: str = ""

    def converter(self) -> Convert:
        """The type and all rules as one function, made once at load."""
        convert, max_length, choices = TYPES[self.type], self.max_length, frozenset(self.choices)
        if max_length is None and not choices and not self._has_more_rules:
            return convert

        def checked(text: str) -> Any:
            value = convert(text)
            if max_length is not None and len(text) > max_length:
                raise BrokenRule(f"at most {max_length} characters")
            if choices:
                for each in value if isinstance(value, list) else (value,):
                    self._check_choice(each, choices)
            self._check_more(text, value)
            return value

        return checked

    @property
    def _has_more_rules(self) -> bool:
        return bool(self.pattern) or not (self.minimum is self.maximum is self.min_length is None)

    def _check_more(self, text: str, value: Any) -> None:
        if self.min_length is not None and len(text) < self.min_length:
            raise BrokenRule(f"at least {self.min_length} characters")
        if self.pattern and compile_pattern(self.pattern, re.NOFLAG).search(text) is None:
            raise BrokenRule(f"text that matches {self.pattern}")
        if self.minimum is not None and float(value) < self.minimum:
            raise BrokenRule(f"{self.minimum:g} or more")
        if self.maximum is not None and float(value) > self.maximum:
            raise BrokenRule(f"{self.maximum:g} or less")

    def _check_choice(self, value: Any, choices: frozenset[str]) -> None:
        if value not in choices:
            what = "one of" if self.type != "list" else "only values of"
            raise BrokenRule(f"{what} {', '.join(self.choices)}", did_you_mean(str(value), self.choices))

    @property
    def described(self) -> str:
        """The documentation with the rules, for the reference."""
        rules = []
        if self.type != "text":
            rules.append(f"Type: {self.type}.")
        if self.max_length is not None:
            rules.append(f"At most {self.max_length} characters.")
        if self.min_length is not None:
            rules.append(f"At least {self.min_length} characters.")
        if self.minimum is not None:
            rules.append(f"{self.minimum:g} or more.")
        if self.maximum is not None:
            rules.append(f"{self.maximum:g} or less.")
        if self.choices:
            rules.append(f"One of {', '.join(self.choices)}.")
        if self.needs:
            rules.append(f"Only together with {self.needs}.")
        doc = f"{self.doc}." if self.doc[-1:].isalnum() and rules else self.doc
        return " ".join([doc, *rules]).strip()
