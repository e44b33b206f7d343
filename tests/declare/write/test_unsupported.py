from __future__ import annotations

from engine.declare.unsupported import Unsupported
from engine.declare.write.unsupported import missing, page, reference
from engine.runtime.catalog import language


def test_page() -> None:
    assert page("ejb", Unsupported("calls Java", "Use <call>.")) == "### <ejb>\n\nIt calls Java. Use <call>.\n"


def test_what_is_there_is_not_missing() -> None:
    tags = {tag for tag, _ in missing(language())}
    assert "ejb" in tags
    assert not tags & {"fastXSLT", "log"}
    assert "class" in tags  # the kind of endpoint; the mediator is there


def test_reference_is_sorted() -> None:
    headings = [line for line in reference(language()).splitlines() if line.startswith("### ")]
    assert headings == sorted(headings)
