"""The steps of a JSONPath, as Jayway's JsonPath takes them (the library that Synapse uses).

A path that can match one place at most is *definite*: its value is what is there. Any other path gives the list of all
matches, in document order.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias

from engine.errors import Fault
from engine.message.codecs.json import JsonValue
from engine.message.context import MessageContext

MAX_VISITS = 1_000_000
"""Values that one path may go through; ``$..*..*`` multiplies them. A path ends within a second or so."""


class Missing(Enum):
    """The type of MISSING."""

    MISSING = "missing"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing.MISSING
"""Nothing is at the path; None is a JSON null."""


class Budget:
    """The values that a path, with the paths in its conditions, may still go through."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = MAX_VISITS

    def spend(self, visits: int) -> None:
        """Raises Fault when MAX_VISITS is passed."""
        self._left -= visits
        if self._left < 0:
            raise Fault(f"the JSON path goes through more than {MAX_VISITS:,} values")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a step may look at besides the value it stands on."""

    root: JsonValue
    message: MessageContext | None = None
    budget: Budget = field(default_factory=Budget)

    def at(self, value: JsonValue) -> Scope:
        """The same with ``value`` as the root: what ``@`` begins at."""
        return Scope(value, self.message, self.budget)


Predicate: TypeAlias = Callable[[JsonValue, Scope], bool]
"""The condition of ``[?(…)]`` for one value."""

Operand: TypeAlias = Callable[[JsonValue, Scope], Any]
"""A value in a condition or in brackets, for the value that stands at ``@``."""


class Step(ABC):
    """One step: what it finds from one value."""

    __slots__ = ()
    is_definite = False
    """Whether it finds one value at most."""

    @abstractmethod
    def select(self, value: JsonValue, scope: Scope) -> Sequence[JsonValue]:
        """The values one step further. Raises Fault when MAX_VISITS is passed."""


class Names(Step):
    """``.name``, ``['name']``, ``['a','b']``. Several names at the end make one object of these members."""

    __slots__ = ("is_last", "names")

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.is_last = False
        """Set by the path for its last step."""

    @property
    def is_definite(self) -> bool:  # type: ignore[override]  # it depends on the path here
        return len(self.names) == 1 or self.is_last

    def select(self, value: JsonValue, scope: Scope) -> Sequence[JsonValue]:
        if type(value) is not dict:
            return ()
        found = {name: value[name] for name in self.names if name in value}
        return [found] if self.is_last and len(self.names) > 1 else list(found.values())


class Indexes(Step):
    """``[0]``, ``[-1]``, ``[0,2]``."""

    __slots__ = ("indexes",)

    def __init__(self, indexes: Sequence[int]) -> None:
        self.indexes = tuple(indexes)

    @property
    def is_definite(self) -> bool:  # type: ignore[override]
        return len(self.indexes) == 1

    def select(self, value: JsonValue, scope: Scope) -> Sequence[JsonValue]:
        if not isinstance(value, list):
            return ()
        return [value[index] for index in self.indexes if -len(value) <= index < len(value)]


class Slice(Step):
    """``[from:to]``. A third number is accepted and ignored, and ``[1:-1]`` is empty, both as Jayway has it."""

    __slots__ = ("start", "stop")

    def __init__(self, start: int | None, stop: int | None) -> None:
        self.start, self.stop = start, stop

    def select(self, value: JsonValue, scope: Scope) -> Sequence[JsonValue]:
        if not isinstance(value, list) or not value:
            return ()
        length, start, stop = len(value), self.start, self.stop
        if start is None:
            stop = length if stop is None else stop
            return value[: max(0, min(length, stop + length if stop < 0 else stop))]
        if stop is None:
            return value[max(0, start + length if start < 0 else start) :]
        places = range(max(start, -length), min(length, stop))
        return [value[index] for index in places if -length <= index]


class Wildcard(Step):
    """``.*`` and ``[*]``."""

    __slots__ = ()

    def select(self, value: JsonValue, scope: Scope) -> Sequence[JsonValue]:
        if type(value) is dict:
            return list(value.values())
        return value if isinstance(value, list) else ()


class Filter(Step):
    """``[?(…)]``: the items of an array for which the condition holds, or the object itself."""

    __slots__ = ("holds",)

    def __init__(self, holds: Predicate) -> None:
        self.holds = holds

    def select(self, value: JsonValue, scope: Scope) -> Sequence[JsonValue]:
        if type(value) is dict:
            return [value] if self.holds(value, scope) else ()
        return [item for item in value if self.holds(item, scope)] if isinstance(value, list) else ()


class Descend(Step):
    """``..`` with the step that follows it, tried on the value and on all that is inside it."""

    __slots__ = ("step",)

    def __init__(self, step: Step) -> None:
        self.step = step

    def select(self, value: JsonValue, scope: Scope) -> Sequence[JsonValue]:
        found: list[JsonValue] = []
        containers = 0
        for each in inside(value):
            containers += 1
            if isinstance(self.step, Filter) and type(each) is not dict:
                continue  # its items come by themselves
            found += self.step.select(each, scope)
        scope.budget.spend(max(0, containers - len(found)))  # what is found counts where it is used
        return found


class Bracket(Step):
    """Brackets whose content is computed: ``[vars.index]``, ``[vars.from:]``. A text is a name, a number an index."""

    __slots__ = ("_make", "_operands", "is_definite")

    def __init__(self, operands: Sequence[Operand | None], make: Callable[[list[Any]], Step], *, one: bool) -> None:
        self._operands = tuple(operands)
        self._make = make
        self.is_definite = one

    def select(self, value: JsonValue, scope: Scope) -> Sequence[JsonValue]:
        keys = [None if operand is None else operand(value, scope) for operand in self._operands]
        return self._make(keys).select(value, scope)


class Path:
    """A compiled path: its steps, then maybe a function such as ``length()``."""

    __slots__ = ("function", "is_definite", "steps")

    def __init__(self, steps: Sequence[Step], function: Function | None = None) -> None:
        self.steps = tuple(steps)
        self.function = function
        if steps and isinstance(steps[-1], Names):
            steps[-1].is_last = function is None
        self.is_definite = all(step.is_definite for step in steps)

    @property
    def is_whole(self) -> bool:
        """Whether the path is empty: the document itself."""
        return not self.steps and self.function is None

    def plain(self) -> tuple[str | int, ...] | None:
        """The names and indexes of a path that has nothing else, None for any other."""
        if self.function is not None:
            return None
        plain: list[str | int] = []
        for step in self.steps:
            if isinstance(step, Names) and len(step.names) == 1:
                plain.append(step.names[0])
            elif isinstance(step, Indexes) and len(step.indexes) == 1:
                plain.append(step.indexes[0])
            else:
                return None
        return tuple(plain)

    def find(self, document: JsonValue, scope: Scope) -> JsonValue:
        """The value (MISSING when there is none) of a definite path, the list of matches of any other.

        Raises Fault when the path goes through more than MAX_VISITS values.
        """
        values: list[JsonValue] = [document]
        for step in self.steps:
            further: list[JsonValue] = []
            for value in values:
                found = step.select(value, scope)
                if len(found) > 1:
                    scope.budget.spend(len(found))
                further += found
            values = further
        if self.function is None:
            return (values[0] if values else MISSING) if self.is_definite else values
        if self.is_definite:
            return self.function.call(values[0]) if values else MISSING
        if isinstance(self.steps[0], Descend) or self.function.of_numbers:
            return self.function.call(values)
        return [found for value in values if (found := self.function.call(value)) is not MISSING]


def inside(value: JsonValue) -> Iterator[JsonValue]:
    """The value and every object and array inside it, outer before inner."""
    pending = [value]
    while pending:
        each = pending.pop()
        yield each
        if type(each) is dict:
            pending += [item for item in reversed(each.values()) if isinstance(item, (dict, list))]
        elif isinstance(each, list):
            pending += [item for item in reversed(each) if isinstance(item, (dict, list))]


# ---------------------------------------------------------------- functions


@dataclass(frozen=True, slots=True)
class Function:
    """What may stand at the end of a path. ``of_numbers`` takes all matches of a path, the others each match."""

    call: Callable[[JsonValue], JsonValue]
    of_numbers: bool = False


def _length(value: JsonValue) -> JsonValue:
    return len(value) if isinstance(value, (str, list, dict)) else MISSING


def _keys(value: JsonValue) -> JsonValue:
    return list(value) if isinstance(value, dict) else MISSING


def _item(index: int) -> Callable[[JsonValue], JsonValue]:
    return lambda value: value[index] if isinstance(value, list) and value else MISSING


def _numeric(calculate: Callable[[list[float]], float]) -> Function:
    """Jayway calculates with doubles; what is no number is left out, and nothing is left of nothing."""

    def aggregate(value: JsonValue) -> JsonValue:
        items = value if isinstance(value, list) else ()
        try:
            numbers = [float(item) for item in items if _is_number(item)]
            return calculate(numbers) if numbers else MISSING
        except OverflowError:
            return math.inf

    return Function(aggregate, of_numbers=True)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _deviation(numbers: list[float]) -> float:
    mean = sum(numbers) / len(numbers)
    return math.sqrt(max(0.0, sum(number * number for number in numbers) / len(numbers) - mean * mean))


FUNCTIONS: Mapping[str, Function] = {
    "length": Function(_length),
    "size": Function(_length),
    "keys": Function(_keys),
    "first": Function(_item(0)),
    "last": Function(_item(-1)),
    "min": _numeric(min),
    "max": _numeric(max),
    "sum": _numeric(sum),
    "avg": _numeric(lambda numbers: sum(numbers) / len(numbers)),
    "stddev": _numeric(_deviation),
}
"""The functions at the end of a path, ``$.items.length()``."""
