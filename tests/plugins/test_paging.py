from __future__ import annotations

from typing import Any

import pytest

from engine.message.headers import Headers
from engine.plugins.paging import Paging, Position

URL = "https://acme.example/v1/things?size=2"


def after(
    paging: Paging, position: Position | None, answer: Any, seen: int, link: str = ""
) -> tuple[int, Position | None]:
    headers = Headers([(b"link", link.encode())] if link else [])
    items = paging.items_of(answer)
    assert items is not None
    return len(items), paging.after(position, answer, len(items), seen, headers, URL)


PAGES = Paging(size="size", largest=2, items="data", pages="page.totalPages")
ONES = Paging(first=1, largest=2, items="data", pages="page.totalPages")
SHORT = Paging(largest=2)
OFFSET = Paging(style="offset", position="from", largest=2, items="data", total="total")
CURSOR = Paging(style="cursor", position="after", items="data", next="meta.next")
LINK = Paging(style="link")


@pytest.mark.parametrize(
    ("paging", "position", "answer", "seen", "next_position"),
    [
        (PAGES, 0, {"data": [1, 2], "page": {"totalPages": 2}}, 2, 1),
        (PAGES, 1, {"data": [3, 4], "page": {"totalPages": 2}}, 4, None),
        (PAGES, 0, {"data": [], "page": {"totalPages": 9}}, 0, None),
        (PAGES, 0, {"page": {"totalPages": 0}}, 0, None),
        (PAGES, 0, {"data": [1, 2]}, 2, 1),
        (ONES, 1, {"data": [1, 2], "page": {"totalPages": 2}}, 2, 2),
        (ONES, 2, {"data": [3], "page": {"totalPages": 2}}, 3, None),
        (SHORT, 0, [1, 2], 2, 1),
        (SHORT, 1, [3], 3, None),
        (OFFSET, 0, {"data": [1, 2], "total": 3}, 2, 2),
        (OFFSET, 2, {"data": [3], "total": 3}, 3, None),
        (CURSOR, None, {"data": [1], "meta": {"next": "c1"}}, 1, "c1"),
        (CURSOR, "c1", {"data": [], "meta": {"next": "c2"}}, 1, "c2"),
        (CURSOR, "c2", {"data": [2], "meta": {"next": None}}, 2, None),
        (CURSOR, "c2", {"data": [2]}, 2, None),
    ],
)
def test_next_page(
    paging: Paging, position: Position | None, answer: Any, seen: int, next_position: Position | None
) -> None:
    assert after(paging, position, answer, seen)[1] == next_position


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ('<https://acme.example/v1/things?p=2>; rel="next"', "https://acme.example/v1/things?p=2"),
        ('</v1/things?p=1>; rel="prev", </v1/things?p=3>; rel="next"', "https://acme.example/v1/things?p=3"),
        ('<?p=4>; title="x"; rel=next', "https://acme.example/v1/things?p=4"),
        ('</v1/things?p=1>; rel="prev"', None),
        ("", None),
        pytest.param("<>;" * 100_000, None, id="in linear time"),
    ],
)
def test_links(link: str, url: str | None) -> None:
    assert after(LINK, None, [1], 1, link) == (1, url)


def test_no_page_at_all() -> None:
    assert PAGES.items_of([1]) is None
    assert PAGES.items_of(None) is None
    assert PAGES.items_of({"data": "x"}) is None


def test_query() -> None:
    assert (PAGES.start, PAGES.parameters, PAGES.query(3)) == (0, ("page", "size"), {"size": 2, "page": 3})
    assert (ONES.start, ONES.parameters, ONES.query(1)) == (1, ("page",), {"page": 1})
    assert (OFFSET.start, OFFSET.query(0)) == (0, {"from": 0})
    assert (CURSOR.start, CURSOR.query(None), CURSOR.query("c")) == (None, {}, {"after": "c"})
    assert (LINK.start, LINK.parameters, LINK.query("https://x/")) == (None, (), {})


def test_a_hostile_link_costs_linear_time() -> None:
    assert after(LINK, None, [1], 1, "<" * 1_000_000) == (1, None)
