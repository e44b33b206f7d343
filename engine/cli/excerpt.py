"""The line of a file that a problem is in, with a caret under the place: for eyes at a terminal."""

from __future__ import annotations

from pathlib import Path

from engine.errors import Where

_INDENT = "    "


def excerpt(where: Where, width: int) -> list[str]:
    """Two lines, none wider than ``width``; no lines when the file cannot be read there, as inside of an archive.

    Of a long line it is the part around the place, with ``…`` where something was left out.
    """
    line = _line(where)
    at = where.column - 1
    if line is None or at > len(line):
        return []
    room = max(width - len(_INDENT), 20)
    start = max(0, min(at - room // 2, len(line) + 1 - room)) if len(line) > room else 0
    shown = line[start : start + room]
    if start:
        shown = "…" + shown[1:]
    if start + room < len(line):
        shown = shown[:-1] + "…"
    return [_INDENT + shown, _INDENT + " " * (at - start) + "^"]


def _line(where: Where) -> str | None:
    """What stands there, with a space for each tab and each character that cannot be shown."""
    try:
        text = Path(where.file).read_text("utf-8-sig")
    except (OSError, ValueError):
        return None
    lines = text.split("\n")  # as places count: splitlines() would break at form feeds
    if where.line > len(lines):
        return None
    return "".join(character if character.isprintable() else " " for character in lines[where.line - 1].rstrip("\r"))
