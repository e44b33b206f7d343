"""Markdown that a browser shows as it was meant: a tag in a sentence is code, and no HTML that vanishes; an index."""

from __future__ import annotations

import re

_BLOCK = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(rf"({_BLOCK.pattern}|``[^`]*``|`[^`\n]*`)", re.DOTALL | re.MULTILINE)
_TAG = re.compile(r"</?[A-Za-z][^<>`\n]*>")
_HEADING = re.compile(r"^(#+) (.*)$", re.MULTILINE)
_PUNCTUATION = re.compile(r"[^\w\- ]")


def with_tags_as_code(page: str) -> str:
    """The page with backticks around each tag that stands outside of code."""
    pieces = _CODE.split(page)  # code at the odd places
    pieces[::2] = (_TAG.sub(r"`\g<0>`", piece) for piece in pieces[::2])
    return "".join(pieces)


def with_index(page: str) -> str:
    """The page with links to its deepest headings after the title, by the headings above them."""
    headings, names = _headings(page), anchors(page)
    deepest = max(len(heading[1]) for heading in headings)
    groups: dict[str, list[str]] = {}
    group = ""
    for heading, name in list(zip(headings, names, strict=True))[1:]:
        text = heading[2].strip("`<>")
        if len(heading[1]) < deepest:
            group = text
        else:
            groups.setdefault(group, []).append(f"[{text}](#{name})")
    lines = (f"**{group}**: {', '.join(links)}" if group else ", ".join(links) for group, links in groups.items())
    first = headings[1].start()
    return page[:first] + "\n\n".join(lines) + "\n\n" + page[first:]


def anchors(page: str) -> list[str]:
    """What links to the headings of a page end with, as GitHub makes them: of equal headings the later have numbers."""
    found: list[str] = []
    seen: dict[str, int] = {}
    for heading in _headings(page):
        name = _PUNCTUATION.sub("", heading[2].lower()).strip().replace(" ", "-")
        number = seen[name] = seen.get(name, -1) + 1
        found.append(f"{name}-{number}" if number else name)
    return found


def _headings(page: str) -> list[re.Match[str]]:
    """Those outside of code, with their places in the page."""
    return list(_HEADING.finditer(_BLOCK.sub(lambda block: re.sub(r"[^\n]", " ", block[0]), page)))
