"""The XPath expressions that need no XPath engine: a variable, a text, a constant get-property(), their concat()."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from engine.expressions.base import Expression
from engine.expressions.values import argument_of, text_of, truth_of, xpath_string
from engine.expressions.variables import Reader
from engine.message.context import MessageContext


class Atom(ABC):
    """A part of an expression that is evaluated in Python."""

    __slots__ = ()

    @abstractmethod
    def read(self, message: MessageContext) -> Any:
        """The value; None for a missing property."""


class Constant(Atom):
    """A text in quotes."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def read(self, message: MessageContext) -> str:
        return self.text


class Read(Atom):
    """A variable or a get-property() with constant arguments."""

    __slots__ = ("read",)
    read: Reader  # type: ignore[assignment]  # the reader itself is the method: one call less for each access

    def __init__(self, read: Reader) -> None:
        self.read = read


class Concat(Atom):
    """``concat()`` of atoms; a missing property counts as ``""``."""

    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[Atom]) -> None:
        self.parts = tuple(parts)

    def read(self, message: MessageContext) -> str:
        return "".join([xpath_string(part.read(message)) for part in self.parts])


class Simple(Expression):
    """An expression that is one atom. The value keeps its Python type."""

    __slots__ = ("_read",)

    def __init__(self, source: str, atom: Atom, *, reads_body: bool) -> None:
        super().__init__(source, reads_body=reads_body)
        self._read = atom.read

    def evaluate(self, message: MessageContext) -> Any:
        return self._read(message)

    def text(self, message: MessageContext) -> str | None:
        value = self._read(message)
        return value if type(value) is str else text_of(value)

    def truth(self, message: MessageContext) -> bool:
        return truth_of(self._read(message))

    def argument(self, message: MessageContext) -> Any:
        return argument_of(self._read(message))
