"""The two ways in which version 2 splits lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.gotowebinar.simulator.messages import Answer, Request, invalid, json_answer

DEFAULT_SIZE = 20
LARGEST_SIZE = 200


def embedded(request: Request, name: str, items: Sequence[Any]) -> Answer:
    """``{"_embedded": {name: […]}, "page": {…}}``; a list without items has no ``_embedded``."""
    number, size = _count(request, "page", 0), _size(request, "size")
    page = list(items[number * size : (number + 1) * size])
    about = {
        "size": size,
        "totalElements": len(items),
        "totalPages": -(-len(items) // size),
        "number": number,
    }
    return json_answer(200, ({"_embedded": {name: page}} if page else {}) | {"page": about})


def flat(request: Request, items: Sequence[Any]) -> Answer:
    """``{"data": […], "total", "page", "pageSize"}``."""
    number, size = _count(request, "page", 0), _size(request, "limit")
    page = list(items[number * size : (number + 1) * size])
    return json_answer(200, {"data": page, "total": len(items), "page": number, "limit": size, "pageSize": len(page)})


def _size(request: Request, name: str) -> int:
    size = _count(request, name, DEFAULT_SIZE)
    if not 0 < size <= LARGEST_SIZE:
        raise invalid(f"{name} must be between 1 and {LARGEST_SIZE}.")
    return size


def _count(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isdecimal() or len(text) > 9:
        raise invalid(f"{name} must be a whole number.")
    return int(text)
