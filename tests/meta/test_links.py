"""Links of the Markdown pages lead to files that are there, and to headings in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.declare.write.prose import anchors, with_tags_as_code

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for folder in (".", "bench", "connectors", "engine", "samples", "tests")
    for page in (ROOT.glob("*.md") if folder == "." else (ROOT / folder).rglob("*.md"))
)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = _CODE.sub("", page.read_text("utf-8"))
    dead = []
    for link in _LINK.findall(text):
        path, _, anchor = link.partition("#")
        target = page if not path else page.parent / path
        if "://" not in link and not (target.exists() and (not anchor or anchor in anchors(target.read_text("utf-8")))):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_tag_vanishes(page: Path) -> None:
    text = page.read_text("utf-8")
    assert with_tags_as_code(text) == text
