"""SQL text with JDBC's ``?`` -> the same with named parameters, as SQLAlchemy's ``text()`` reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` |   # text and quoted names
    --[^\n]* | /\*.*?\*/ |                        # comments
    \$(?P<tag>\w*)\$.*?\$(?P=tag)\$ |             # PostgreSQL's dollar quotes
    (?P<escaped>\?\?) | (?P<placeholder>\?)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Sql:
    """``template`` names its parameters ``:p1`` to ``:pN``, where N is ``count``."""

    template: str
    count: int


def parse(sql: str) -> Sql:
    """``?`` in text, names and comments is what it is; ``??`` is an operator ``?``, as for JDBC."""
    pieces: list[str] = []
    count, position = 0, 0
    for match in _TOKEN.finditer(sql):
        pieces.append(_literal(sql[position : match.start()]))
        position = match.end()
        if match["placeholder"]:
            count += 1
            pieces.append(f":p{count}")
        else:
            pieces.append("?" if match["escaped"] else _literal(match[0]))
    pieces.append(_literal(sql[position:]))
    return Sql("".join(pieces).strip().rstrip(";").rstrip(), count)


def _literal(text: str) -> str:
    # A colon begins a parameter for text(); one with a backslash does not.
    return text.replace(":", "\\:")
