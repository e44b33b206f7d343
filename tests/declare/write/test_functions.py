from __future__ import annotations

from typing import Any

from engine.declare.write.functions import HEAD, page, reference
from engine.expressions.functions import Function


def repeat(message: Any, text: str, times: str = "2", between: str | None = None) -> str:
    raise NotImplementedError


def function(name: str) -> Function:
    examples = ((f"{name}('a')", "aa"), (f"{name}('a', '3')", "aaa"))
    return Function(name, repeat, "The text again and again.\n\nAt most nine times.", examples, 1, 3)


PAGE = """\
### repeat

`repeat(text, times = '2', between?)`

The text again and again.

At most nine times.

| expression | result |
|---|---|
| `repeat('a')` | `aa` |
| `repeat('a', '3')` | `aaa` |
"""


def test_page() -> None:
    assert page(function("repeat")) == PAGE


def test_reference_is_alphabetical() -> None:
    text = reference([function("Zip"), function("echo")], [function("other")])
    assert text.startswith(f"{HEAD}\n")
    heads = [line for line in text.splitlines() if line.startswith("#")][1:]
    assert heads == ["# In XPath", "## echo", "## Zip", "# In `${…}`", "## other"]
