"""QuickJS contexts: made once per thread, used for many messages, bounded in time, memory and stack.

A context has no way to the host: a run takes a text and gives a text, and quickjs-ng allows no callbacks while a time
limit is set. It releases the GIL while JavaScript runs.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import quickjs  # type: ignore[import-untyped]  # it has no stubs

from engine.core.env import ScriptLimits
from engine.message.codecs import json

RUNS_PER_CONTEXT = 1000
"""A context is replaced after so many runs: what a script may leave behind where it cannot be seen (pending promises)
is bounded by it."""

_INPUT_FILE = "<input>"


class ScriptError(Exception):
    """The script failed. ``line`` counts from 1 in the script, 0 when it is not known."""

    def __init__(self, message: str, line: int = 0, *, out_of_time: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.out_of_time = out_of_time


@dataclass(frozen=True, slots=True)
class Program:
    """A script ready to run. ``source`` is JavaScript without E4X."""

    source: str
    function: str | None = None
    """The function to call after ``source`` has run; None: the value of ``source`` counts."""
    uses_xml: bool = False
    changes_prototypes: bool = False
    """Such a script needs a context of its own: those that are shared are frozen."""


@dataclass(slots=True)
class _Context:
    engine: quickjs.Context
    call: Any
    runs: int = 0


@dataclass(slots=True)
class _Threads(threading.local):
    contexts: dict[bool, _Context] = field(default_factory=dict)
    """By whether XML values are there."""


_LOCAL = _Threads()


def run(program: Program, given: str, limits: ScriptLimits, time: float) -> dict[str, Any]:
    """One run on this thread, for at most ``time`` seconds; ``given`` is JSON (see ``prelude.js``).

    Gives ``{"needs": …}`` or ``{"value": …, "effects": …}``. Raises ScriptError.
    """
    context = _context(program, limits)
    context.engine.set_time_limit(time)
    try:
        answer: str = context.call(program.source, program.function, given)
    except quickjs.JSException as error:
        # Limits end a run so; what it left behind is not known.
        _LOCAL.contexts.clear()
        raise _limit_error(error, limits, time) from None
    context.runs += 1
    if not answer.startswith("clean") or context.runs >= RUNS_PER_CONTEXT or "out of memory" in answer:
        _LOCAL.contexts.pop(program.uses_xml, None)
    result: dict[str, Any] = json.decode(answer[len("clean") :].encode("utf-8", "surrogatepass"))
    failure = result.get("error")
    if failure is not None:
        raise _script_error(failure, limits)
    return result


def prepared(source: str) -> str:
    """The source as ``run`` takes it; one that returns at its top level becomes a function.

    Raises ScriptError with the line of the first mistake.
    """
    try:
        _parse(f"throw 0;{source}")
    except ScriptError as error:
        if "return" not in error.message:
            raise
        source = f"(function () {{{source}\n}})()"
        _parse(f"throw 0;{source}")
    return source


def names_prototypes(source: str) -> bool:
    """Whether the source looks as if it changes prototypes."""
    return "prototype" in source or "__proto__" in source


def _parse(source: str) -> None:
    """Parse the text, which throws 0 before it does anything. Raises ScriptError when it cannot be parsed."""
    try:
        # One context each time: it belongs to its thread, and flows are checked in any.
        quickjs.Context().eval(source)
    except quickjs.JSException as error:
        message, _, stack = str(error).partition("\n")
        if message.startswith(("SyntaxError", "ReferenceError")):
            raise ScriptError(message, _line_of(stack)) from None


@cache
def _library(name: str) -> str:
    # The prelude tells its own lines from those of scripts by their numbers.
    return "\n" * 10_000 + resources.files(__package__).joinpath(name).read_text("utf-8")


def _context(program: Program, limits: ScriptLimits) -> _Context:
    if program.changes_prototypes:
        return _new_context(program.uses_xml, limits, frozen=False)
    known = _LOCAL.contexts.get(program.uses_xml)
    if known is None:
        known = _LOCAL.contexts[program.uses_xml] = _new_context(program.uses_xml, limits, frozen=True)
    return known


def _new_context(xml: bool, limits: ScriptLimits, *, frozen: bool) -> _Context:
    engine = quickjs.Context()
    engine.set_memory_limit(limits.memory * 1024 * 1024)
    engine.set_max_stack_size(limits.stack * 1024)
    engine.eval(_library("prelude.js"))
    if xml:
        engine.eval(_library("e4x.js"))
    call = engine.get("__run")
    engine.get("__seal")(frozen)
    return _Context(engine, call)


def _limit_error(error: quickjs.JSException, limits: ScriptLimits, time: float) -> ScriptError:
    message, _, stack = str(error).partition("\n")
    if "interrupted" in message:
        text = f"it ran longer than {time:g} seconds, the limit scripts.time"
        return ScriptError(text, _line_of(stack), out_of_time=True)
    return ScriptError(_explained(message, limits), _line_of(stack))


def _script_error(failure: dict[str, Any], limits: ScriptLimits) -> ScriptError:
    """What the script threw."""
    return ScriptError(_explained(f"{failure['name']}: {failure['message']}", limits), int(failure["line"]))


def _explained(message: str, limits: ScriptLimits) -> str:
    if "out of memory" in message or message == "null":  # no room even for the error
        return f"it needs more than {limits.memory} MB, the limit scripts.memory"
    if "call stack" in message:
        return f"it calls itself too deeply for {limits.stack} kB, the limit scripts.stack"
    return message


def _line_of(stack: str) -> int:
    _, found, rest = stack.partition(f"{_INPUT_FILE}:")
    digits = rest.partition(":")[0].partition(")")[0].strip()
    return int(digits) if found and digits.isdigit() else 0
