"""Lists that an API gives in pages: how they are split, and where the next page begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from urllib.parse import urljoin

from engine.message.codecs.json import JsonValue
from engine.message.headers import Headers
from engine.plugins.answer_path import at

Style = Literal["page", "offset", "cursor", "link"]
STYLES: tuple[Style, ...] = ("page", "offset", "cursor", "link")

Position: TypeAlias = int | str
"""The number of a page, the number of items before it, a cursor, or the URL of a page."""

_LINK = re.compile(r'<([^<>]*)>\s*(?:;[^,<]*?)?;\s*rel="?next"?', re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """How an API splits a list.

    ``style``: the next page is asked for by its number, by the number of items before it, by a cursor that the answer
    holds, or by the URL in the header Link (RFC 8288). ``position`` and ``size`` are the query parameters for where a
    page begins and how many items it holds, ``largest`` the most that the API gives at once, ``first`` the number of
    the first page. The others are paths into the answer (``answer_path``): ``items`` is the array (empty: the
    answer itself), ``pages`` how many pages there are, ``total`` how many items, ``next`` the next cursor.
    """

    style: Style = "page"
    position: str = "page"
    size: str = ""
    largest: int = 100
    first: int = 0
    items: str = ""
    pages: str = ""
    total: str = ""
    next: str = ""

    @property
    def start(self) -> Position | None:
        """The position of the first page; None where the first request says nothing about it."""
        return {"page": self.first, "offset": 0}.get(self.style)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The query parameters that paging needs."""
        names = (self.position if self.style != "link" else "", self.size)
        return tuple(name for name in names if name)

    def query(self, position: Position | None) -> dict[str, Any]:
        """The values of ``parameters`` for the page at ``position``."""
        values: dict[str, Any] = {self.size: self.largest} if self.size else {}
        if position is not None and self.style != "link":
            values[self.position] = position
        return values

    def items_of(self, answer: JsonValue) -> list[JsonValue] | None:
        """The items of one page; an answer without the array has none. None when the answer is no page at all."""
        found = at(answer, self.items)
        if found is None and isinstance(answer, dict):
            return []
        return found if isinstance(found, list) else None

    def after(
        self, position: Position | None, answer: JsonValue, count: int, seen: int, headers: Headers, url: str
    ) -> Position | None:
        """Where the next page begins; None after the last one.

        ``count`` items came with this page and ``seen`` with all so far. ``url`` is that of this page, for relative
        links.
        """
        if self.style == "link":
            link = _LINK.search(headers.get("link") or "")
            return urljoin(url, link[1]) if link else None
        if self.style == "cursor":
            cursor = at(answer, self.next)
            return str(cursor) if cursor not in (None, "", False) else None
        if not count or self._is_last(position, answer, count, seen):
            return None
        assert isinstance(position, int)  # styles page and offset begin with a number
        return position + (1 if self.style == "page" else count)

    def _is_last(self, position: Position | None, answer: JsonValue, count: int, seen: int) -> bool:
        pages, total = at(answer, self.pages), at(answer, self.total)
        if self.pages and isinstance(pages, int) and isinstance(position, int):
            return position - self.first + 1 >= pages
        if self.total and isinstance(total, int):
            return seen >= total
        return count < self.largest
