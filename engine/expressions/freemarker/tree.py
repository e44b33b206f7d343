"""The parts of a FreeMarker template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Literal:
    """A number, a text, true or false."""

    value: Any


@dataclass(slots=True)
class Call:
    """One of the operations that ``values.Run`` has, on operands: ``get``, ``add``, ``default``, ``built_in`` …"""

    operation: str
    operands: Sequence[Expression]


@dataclass(slots=True)
class Variable:
    """The variable of a loop around, or else whatever has the name."""

    name: str


@dataclass(slots=True)
class Condition:
    """``and``, ``or``, ``not``: those that do not evaluate all of their operands."""

    operator: str
    operands: Sequence[Expression]


@dataclass(slots=True)
class Items:
    """``[a, b]``."""

    values: Sequence[Expression]


@dataclass(slots=True)
class Members:
    """``{"a": b}``."""

    pairs: Sequence[tuple[Expression, Expression]]


Expression = Literal | Call | Variable | Condition | Items | Members


@dataclass(slots=True)
class Text:
    """Text as it is."""

    text: str
    line: int = 1


@dataclass(slots=True)
class Output:
    """``${…}``."""

    value: Expression
    line: int


@dataclass(slots=True)
class If:
    """``<#if>`` with its ``<#elseif>`` and ``<#else>``."""

    branches: list[tuple[Expression, list[Statement]]]
    otherwise: list[Statement]
    line: int


@dataclass(slots=True)
class Loop:
    """``<#list>``. ``names`` are one name, or two for the keys and values of a hash."""

    values: Expression
    names: tuple[str, ...]
    body: list[Statement]
    otherwise: list[Statement]
    line: int


@dataclass(slots=True)
class Assign:
    """``<#assign name = value>``, or the text inside when there is no value."""

    name: str
    value: Expression | None
    body: list[Statement] = field(default_factory=list)
    line: int = 1


@dataclass(slots=True)
class Jump:
    """``<#break>`` or ``<#continue>``."""

    kind: str
    line: int


@dataclass(slots=True)
class Stop:
    """``<#stop "reason">``."""

    reason: Expression
    line: int


Statement = Text | Output | If | Loop | Assign | Jump | Stop
