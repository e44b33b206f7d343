"""The line of a problem, with a caret under its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli.excerpt import excerpt
from engine.errors import Where


@pytest.mark.parametrize(
    ("text", "line", "column", "shown"),
    [
        ("<a>\n<b c='//x['/>\n</a>", 2, 11, ["    <b c='//x['/>", "              ^"]),
        ("<é ü='1'/>", 1, 6, ["    <é ü='1'/>", "         ^"]),
        ("\ufeff<a/>\r\n\t<b/>\r\n", 2, 2, ["     <b/>", "     ^"]),
        ("a\x0cb\n<c/>", 2, 1, ["    <c/>", "    ^"]),
        ("<a>\x1b[31m</a>", 1, 4, ["    <a> [31m</a>", "       ^"]),
        ("<a", 1, 3, ["    <a", "      ^"]),
        ("", 1, 1, ["    ", "    ^"]),
        ("<a/>", 2, 1, []),
        ("<a/>", 1, 6, []),
    ],
)
def test_line_and_caret(tmp_path: Path, text: str, line: int, column: int, shown: list[str]) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(text.encode())
    assert excerpt(Where(str(file), line, column), 80) == shown


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        (1, ["    01234567890123456789012345…", "    ^"]),
        (51, ["    …8901234567890123456789012…", "                 ^"]),
        (101, ["    …5678901234567890123456789", "                              ^"]),
    ],
)
def test_a_long_line_is_shown_around_the_place(tmp_path: Path, column: int, shown: list[str]) -> None:
    (tmp_path / "a.xml").write_text("0123456789" * 10)
    assert excerpt(Where(str(tmp_path / "a.xml"), 1, column), 31) == shown


def test_what_lies_in_an_archive_has_none(tmp_path: Path) -> None:
    assert excerpt(Where(f"{tmp_path}/a.car!s/s.xml", 1, 1), 80) == []
    (tmp_path / "b.xml").write_bytes(b"\xff\xfe<\0")
    assert excerpt(Where(str(tmp_path / "b.xml"), 1, 1), 80) == []
