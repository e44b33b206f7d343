"""The traps of the reference -> Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.declare.traps import Trap

HEAD = """\
# Where the reference surprises

Generated from the declarations by `myelin docs --write`; do not edit.

What Synapse does and nobody expects, and flows depend on all the same. Myelin does it too; where it differs on purpose,
[engine/README.md](../README.md) says so. Other pages name a trap by its number.
"""

_NAMED = re.compile(r"\btraps? \d+(?:(?:, | and )\d+)*")


def reference(traps: Iterable[Trap]) -> str:
    """All of them, by number."""
    return "\n".join([HEAD, *(page(each, level=2) for each in traps)])


def page(each: Trap, level: int = 3) -> str:
    """One trap. The heading is its number alone, which links lead to."""
    return f"{'#' * level} Trap {each.number}\n\n**{each.title}.** {each.doc}\n"


def linked(text: str) -> str:
    """A page of the reference with each trap that it names as a link."""
    return _NAMED.sub(lambda match: re.sub(r"\d+", r"[\g<0>](traps.md#trap-\g<0>)", match[0]), text)
