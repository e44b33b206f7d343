from __future__ import annotations

from typing import Any

import pytest

from engine.endpoints._placeholders import filled


@pytest.mark.parametrize(
    ("address", "properties", "result"),
    [
        ("http://b/x", {}, "http://b/x"),
        ("http://${host}:${port}/${host}", {"host": "h", "port": 81}, "http://h:81/h"),
        ("http://b/${none}", {}, "http://b/${none}"),
        ("http://b/${none}/${x}", {"x": "1"}, "http://b/${none}/1"),
        ("http://b/$x{y}", {"y": "z"}, "http://b/$x{y}"),
        ("http://b/${x", {"x": "1"}, "http://b/${x"),
        ("http://b/${x}", {"x": "${y}", "y": "1"}, "http://b/${y}"),
    ],
)
def test_properties_take_the_places(address: str, properties: dict[str, Any], result: str) -> None:
    assert filled(address, properties) == result
