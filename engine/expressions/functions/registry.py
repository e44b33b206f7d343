"""The tables of functions that expressions may call, and the decorators that fill them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Call = TypeVar("Call", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Function:
    """One function. ``call`` takes the message and the arguments.

    An XPath function gets its arguments as text, by XPath's ``string()``; one of ``${…}`` gets them as they are.
    ``examples`` are pairs of an expression and its text.
    """

    name: str
    call: Callable[..., Any]
    doc: str
    examples: tuple[tuple[str, str], ...]
    min_arguments: int
    max_arguments: int

    @property
    def signature(self) -> str:
        """How it is called: ``url-encode(text, charset = 'UTF-8')``; ``?`` marks what may be absent."""
        return f"{self.name}({', '.join(_shown(parameter) for parameter in _arguments(self.call))})"


FUNCTIONS: dict[str, Function] = {}
"""Every XPath function by name."""

SYNAPSE_FUNCTIONS: dict[str, Function] = {}
"""Every function of ``${…}`` by name."""


def function(name: str, *, example: tuple[str, str], more: tuple[tuple[str, str], ...] = ()) -> Callable[[Call], Call]:
    """Declare an XPath function; its docstring is its documentation, its signature says how many arguments it takes."""
    return _declaration(FUNCTIONS, name, (example, *more))


def synapse_function(
    name: str, *, example: tuple[str, str], more: tuple[tuple[str, str], ...] = ()
) -> Callable[[Call], Call]:
    """Declare a function of ``${…}``. It may raise EvaluationError."""
    return _declaration(SYNAPSE_FUNCTIONS, name, (example, *more))


def _declaration(
    table: dict[str, Function], name: str, examples: tuple[tuple[str, str], ...]
) -> Callable[[Call], Call]:
    def declare(call: Call) -> Call:
        parameters = _arguments(call)
        required = sum(parameter.default is inspect.Parameter.empty for parameter in parameters)
        doc = inspect.cleandoc(call.__doc__ or "")
        table[name] = Function(name, call, doc, examples, required, len(parameters))
        return call

    return declare


def _arguments(call: Callable[..., Any]) -> list[inspect.Parameter]:
    """What an expression gives: all but the message."""
    return list(inspect.signature(call).parameters.values())[1:]


def _shown(parameter: inspect.Parameter) -> str:
    if parameter.default is inspect.Parameter.empty:
        return parameter.name
    return f"{parameter.name}?" if parameter.default is None else f"{parameter.name} = {parameter.default!r}"
