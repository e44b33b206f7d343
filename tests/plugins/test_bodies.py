from __future__ import annotations

import re
from typing import Any

import pytest

from engine.plugins.bodies import BodyType, compile_body, encode_body
from engine.plugins.shapes import ABSENT

VALUES = {"a": "x y", "n": 5, "list": ["1", "2"], "object": {"content": "c"}, "file": b"\0\1", "name": 'a"b.png'}


@pytest.mark.parametrize(
    ("body_type", "body", "content_type", "expected"),
    [
        ("json", {"a": 1}, "", (b'{"a":1}', "application/json")),
        ("json", ABSENT, "", (b"{}", "application/json")),
        ("json", {"a": 1}, "application/merge-patch+json", (b'{"a":1}', "application/merge-patch+json")),
        ("form", {"a": "x y", "l": ["1", "2"]}, "", (b"a=x+y&l=1&l=2", "application/x-www-form-urlencoded")),
        ("form", ABSENT, "", (b"", "application/x-www-form-urlencoded")),
        ("text", "ü", "", ("ü".encode(), "text/plain; charset=utf-8")),
        ("text", "<a/>", "application/xml", (b"<a/>", "application/xml")),
        ("text", ABSENT, "", (b"", "text/plain; charset=utf-8")),
        ("bytes", b"\0\1", "", (b"\0\1", "application/octet-stream")),
        ("bytes", "text", "image/svg+xml", (b"text", "image/svg+xml")),
    ],
)
def test_bytes_and_content_type(body_type: BodyType, body: Any, content_type: str, expected: tuple[bytes, str]) -> None:
    assert encode_body(body_type, body, content_type) == expected


def multipart(shape: Any) -> tuple[str, list[str]]:
    """Content-Type, and the parts."""
    encoded, content_type = encode_body("multipart", compile_body("multipart", shape)(VALUES))
    *parts, end = encoded.decode("latin-1").split("--multipart-boundary")
    assert end == "--\r\n"
    return content_type, [part.removeprefix("\r\n").removesuffix("\r\n") for part in parts[1:]]


def test_parts() -> None:
    content_type, parts = multipart(
        {
            "text": "{a}",
            "numbers": "{list}",
            "object": "{object}",
            "missing": "{missing}",
            "plain": "{file}",
            "photo": {"content": "{file}", "filename": "{name}", "type": "image/png"},
            "unnamed": {"content": "{file}", "filename": "{missing}"},
            "gone": {"content": "{missing}", "filename": "f"},
        }
    )
    assert content_type == "multipart/form-data; boundary=multipart-boundary"
    head = 'Content-Disposition: form-data; name="'
    binary = "\r\nContent-Type: application/octet-stream\r\n\r\n\0\1"
    assert parts == [
        f'{head}text"\r\n\r\nx y',
        f'{head}numbers"\r\n\r\n1',
        f'{head}numbers"\r\n\r\n2',
        # What a parameter gave is JSON, whatever its members are called.
        f'{head}object"\r\nContent-Type: application/json\r\n\r\n{{"content":"c"}}',
        f'{head}plain"; filename="plain"{binary}',
        f'{head}photo"; filename="a%22b.png"\r\nContent-Type: image/png\r\n\r\n\0\1',
        f'{head}unnamed"; filename="unnamed"{binary}',
    ]


def test_a_boundary_that_no_part_has() -> None:
    encoded, content_type = encode_body("multipart", {"a": b"--multipart-boundary"})
    boundary = content_type.partition("=")[2]
    assert re.fullmatch("multipart-boundary-[0-9a-f]{32}", boundary)
    assert encoded.endswith(f"--{boundary}--\r\n".encode())


def test_a_line_break_cannot_end_a_head() -> None:
    values = {"file": b"x", "evil": "a\r\nX-Evil: 1"}
    shape = {"f": {"content": "{file}", "filename": "{evil}", "type": "{evil}"}}
    encoded, _ = encode_body("multipart", compile_body("multipart", shape)(values))
    assert b"\r\nX-Evil" not in encoded
