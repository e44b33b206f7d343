"""Elements that do not run here -> the Markdown reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.declare import unsupported
from engine.declare.spec import Spec
from engine.declare.unsupported import Unsupported

HEAD = """
## not here

These elements of the language do not run on Myelin. A flow that has one is an error at load; the others run.
"""


def missing(known: Iterable[Spec]) -> Iterator[tuple[str, Unsupported]]:
    """Each tag that the catalogue does not know, with its reason and the way out."""
    kinds = {"mediator": unsupported.MEDIATORS, "artifact": unsupported.ARTIFACTS, **unsupported.SLOTS}
    there = {(kind, spec.tag) for spec in known for kind in spec.kinds}
    for kind, tags in kinds.items():
        for tag, why in tags.items():
            if (kind, tag) not in there:
                yield tag, why


def reference(known: Iterable[Spec]) -> str:
    """The part about them, of the reference of elements."""
    return "\n".join([HEAD, *(page(tag, why) for tag, why in sorted(missing(known)))])


def page(tag: str, why: Unsupported, level: int = 3) -> str:
    """One element: why, and what to do instead."""
    return f"{'#' * level} <{tag}>\n\nIt {why.reason}. {why.way_out}\n"
