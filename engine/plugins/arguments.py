"""The arguments of one connector call: evaluated, converted and checked before anything is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.core.redaction import MASK, SECRETS
from engine.declare.convert import Unacceptable
from engine.errors import ErrorCode, Fault
from engine.expressions.dynamic import Value
from engine.message.context import MessageContext
from engine.plugins.parameters import BrokenRule, Convert, Parameter

_SHOWN = 100
"""Characters of a wrong value that an error repeats."""

_ABSENT = (None, "", "null")
"""A missing path of json-eval is empty text, and JSON's null is the text ``null`` (Synapse trap 1)."""

_NO_MEMBERS = ("empty", "text", "form", "binary")

REQUIRED = "required"

Violation = dict[str, str]
Texts = tuple[str | None, ...]
"""What a flow gives for the parameters that it computes, before anything is checked."""


class Arguments:
    """What one ``<connector.operation>`` of a flow passes, compiled: constants are checked at load, the rest per call.

    Raises Unacceptable when a constant breaks a rule.
    """

    __slots__ = ("_constants", "_dynamic", "_needs", "_operation", "_required", "_texts")

    def __init__(self, operation: str, parameters: Sequence[Parameter], values: Mapping[str, Value | None]) -> None:
        self._operation = operation
        self._constants = {each.name: each.default for each in parameters if each.default is not None}
        self._dynamic: list[tuple[Parameter, Convert]] = []
        self._texts: list[Callable[[MessageContext], str | None]] = []
        for parameter in parameters:
            value = values.get(parameter.name)
            if value is None:
                continue
            if value.is_static:
                self._set_constant(parameter, value.source)
            else:
                self._dynamic.append((parameter, parameter.converter()))
                self._texts.append(value.reader)
        self._required = frozenset(each.name for each in parameters if each.required)
        self._needs = tuple(each for each in parameters if each.needs)

    def texts(self, message: MessageContext) -> Texts:
        """What tells two calls of one element apart: equal texts give equal arguments."""
        return tuple([text(message) for text in self._texts])

    def evaluate(self, message: MessageContext, texts: Texts | None = None) -> dict[str, Any]:
        """The values that were given, by name; ``texts`` when they are there already.

        Raises Fault 400 that lists every broken rule.
        """
        arguments = dict(self._constants)
        violations: list[Violation] = []
        for (parameter, convert), text in zip(self._dynamic, texts or self.texts(message), strict=True):
            if text in _ABSENT:
                continue
            assert text is not None  # None is in _ABSENT
            try:
                arguments[parameter.name] = convert(text)
            except BrokenRule as broken:
                violations.append(_violation(parameter, text, broken))
        if violations or not (arguments.keys() >= self._required) or self._needs:
            self._refuse(message, arguments, violations)
        return arguments

    def _set_constant(self, parameter: Parameter, text: str) -> None:
        if not text.strip():
            return
        try:
            self._constants[parameter.name] = parameter.converter()(text)
        except BrokenRule as broken:
            shown = MASK if parameter.secret else text
            raise Unacceptable(f"'{shown}' as {parameter.name} must be {broken.rule}.", hint=broken.hint) from None

    def _refuse(self, message: MessageContext, arguments: dict[str, Any], violations: list[Violation]) -> None:
        broken = {each["parameter"] for each in violations}
        missing = [name for name in sorted(self._required) if name not in arguments and name not in broken]
        violations += [{"parameter": name, "value": "", "rule": REQUIRED} for name in missing]
        for parameter in self._needs:
            if parameter.name in arguments and parameter.needs not in arguments and parameter.needs not in broken:
                rule = f"required together with {parameter.name}"
                violations.append({"parameter": parameter.needs, "value": "", "rule": rule})
        if violations:
            raise refusal(self._operation, violations, self._content_type_hint(message, missing))

    def _content_type_hint(self, message: MessageContext, missing: list[str]) -> str:
        """All is missing from a body without members: nearly always a forgotten Content-Type, or a forgotten body."""
        if not missing or len(missing) < len(self._required) or message.payload.kind not in _NO_MEMBERS:
            return ""
        if message.payload.kind == "empty":
            return "The request has no body."
        came = message.headers.get("content-type") or "no Content-Type"
        return f"The request came with {came}; for JSON send Content-Type: application/json."


def refusal(operation: str, violations: Sequence[Violation], hint: str = "") -> Fault:
    """The 400 for arguments that break rules: the first in named members, all of them in ``violations``."""
    message = f"{operation}: " + "; ".join(_sentence(each) for each in violations)
    if hint:
        message += f". {hint}"
    details = {"operation": operation} | violations[0] | {"violations": list(violations)}
    return Fault(message, code=ErrorCode.MISSING_PARAMETER, status=400, details=details)


def _violation(parameter: Parameter, text: str, broken: BrokenRule) -> Violation:
    shown = MASK if parameter.secret else _shortened(SECRETS.masked(text))
    violation = {"parameter": parameter.name, "value": shown, "rule": broken.rule}
    return violation | {"hint": broken.hint} if broken.hint else violation


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _sentence(violation: Violation) -> str:
    if violation["rule"].startswith(REQUIRED):
        return f"{violation['parameter']} is {violation['rule']}"
    sentence = f"{violation['parameter']} must be {violation['rule']}"
    return f"{sentence}. {violation['hint']}" if "hint" in violation else sentence
