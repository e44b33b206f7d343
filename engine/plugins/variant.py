"""What an operation sends and takes in one version of an API, as its author declares it and compiled."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.core.clock import Clock
from engine.errors import Fault
from engine.message.codecs.json import JsonValue
from engine.plugins.arguments import REQUIRED, refusal
from engine.plugins.bodies import BodyType, compile_body, encode_body
from engine.plugins.exchange import ApiRequest
from engine.plugins.paging import Paging
from engine.plugins.parameters import BrokenRule, Parameter
from engine.plugins.query import compile_query
from engine.plugins.shapes import ABSENT, Values, compile_headers, compile_path, placeholders

Reshape = Callable[[JsonValue], JsonValue]
"""An answer of the API -> the form that a flow asked for."""

RELATIVE_TIME = re.compile(r"now(?:([+-])([0-9]{1,6})([dhms]))?")
"""``now``, ``now+365d``, ``now-12h``: defaults of parameters of the type time."""

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One version's form of an operation; see ``yaml_spec`` for the meaning of the fields."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = ABSENT
    body_from: Callable[[Values], Any] | None = None
    accept: str = "application/json"
    headers: Mapping[str, Any] = field(default_factory=dict)
    body_type: BodyType = "json"
    content_type: str = ""
    """Instead of the one that goes with the body's type."""
    anonymous: bool = False
    """Whether it is sent without the connection's credentials."""
    required: tuple[str, ...] = ()
    """Parameters that this version cannot do without, besides those that no version can."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    paging: Paging | None = None
    results: Mapping[str, Reshape] = field(default_factory=dict)
    """Other forms of the answer, by the name under which ``resultShape`` asks for them."""


class Plan:
    """A variant, compiled: arguments -> request. All calls of the operation share it."""

    def __init__(
        self,
        tag: str,
        variant: Variant,
        parameters: tuple[Parameter, ...],
        clock: Clock,
        account: tuple[str, ...] = (),
    ) -> None:
        self.variant = variant
        self.paging = variant.paging
        self.results = variant.results
        self._tag = tag
        self._clock = clock
        paged = {name: f"{{{name}}}" for name in variant.paging.parameters} if variant.paging is not None else {}
        self._path = compile_path(variant.path)
        self._query = compile_query({**variant.query, **paged})
        self._headers = compile_headers(variant.headers)
        self._body = variant.body_from or (
            None if variant.body is ABSENT else compile_body(variant.body_type, variant.body)
        )
        path_names = set(placeholders(variant.path))
        shapes = (variant.path, variant.query, variant.headers, None if variant.body is ABSENT else variant.body)
        self.account_names = frozenset(name for shape in shapes for name in placeholders(shape)) & frozenset(account)
        """What a request takes from the connection."""
        # Keys are digits; free text could be a dot segment, which servers resolve even when it is encoded.
        self._free_segments = [each.name for each in parameters if each.name in path_names and each.type != "key"]

    def request(self, account: Mapping[str, str], arguments: Mapping[str, Any]) -> ApiRequest:
        """Raises Fault 400 for arguments that this version cannot take."""
        variant = self.variant
        values = {**account, **arguments}
        for name in self._free_segments:
            if values[name] in (".", ".."):
                raise self._refused(name, "no dot segment", values[name])
        if variant.defaults or variant.required:
            self._complete(values)
        try:
            path = self._path(values) + self._query(values)
        except KeyError as missing:
            raise self._refused(str(missing.args[0]), "required, here or in init") from None
        headers = self._headers(values)
        if self._body is None:
            return ApiRequest(variant.method, path, None, variant.accept, headers=headers, anonymous=variant.anonymous)
        try:
            body = self._body(values)
        except BrokenRule as broken:
            raise self._refused(broken.parameter, broken.rule, values.get(broken.parameter, "")) from None
        encoded, content_type = encode_body(variant.body_type, body, variant.content_type)
        return ApiRequest(variant.method, path, encoded, variant.accept, content_type, headers, variant.anonymous)

    def _refused(self, parameter: str, rule: str, value: Any = "") -> Fault:
        return refusal(self._tag, [{"parameter": parameter, "value": str(value), "rule": rule}])

    def _complete(self, values: dict[str, Any]) -> None:
        for name, default in self.variant.defaults.items():
            if name not in values:
                values[name] = relative_time(default, self._clock) if is_relative_time(default) else default
        missing = [name for name in self.variant.required if name not in values]
        if missing:
            raise refusal(self._tag, [{"parameter": name, "value": "", "rule": REQUIRED} for name in missing])


def is_relative_time(default: object) -> bool:
    return isinstance(default, str) and RELATIVE_TIME.fullmatch(default) is not None


def relative_time(text: str, clock: Clock) -> str:
    """``now-12h`` as ISO 8601 in UTC, whole seconds."""
    match = RELATIVE_TIME.fullmatch(text)
    assert match is not None  # checked by is_relative_time, at load
    sign, amount, unit = match.groups()
    instant = datetime.fromtimestamp(clock.now(), UTC)
    if amount:
        difference = timedelta(**{_UNITS[unit]: int(amount)})
        instant = instant + difference if sign == "+" else instant - difference
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
