"""What a compiled stylesheet can do, whoever compiled it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from engine.message.codecs import text, xml


@dataclass(frozen=True, slots=True)
class Output:
    """A result as an element (text is in the element that Synapse puts text into); ``text`` serialises it."""

    element: xml.Element
    text: Callable[[], str]


class Stylesheet(Protocol):
    """A compiled stylesheet; safe to use from several threads."""

    is_slow: bool
    """Whether a transformation always belongs into a thread of its own."""

    def transform(self, source: xml.Element, parameters: Mapping[str, str]) -> Output:
        """The result for the tree below ``source``, which is the root for the stylesheet.

        Raises Fault when the transformation fails or makes no element.
        """


def text_output(result: str) -> Output:
    """The output of a stylesheet that makes text."""
    return Output(text.to_element(result), lambda: result)
