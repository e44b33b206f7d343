from __future__ import annotations

from pathlib import Path

import pytest

from engine.deploy.layered_registry import LayeredRegistry
from engine.errors import Fault
from engine.stores.registry import FileRegistry


@pytest.fixture
def registry(tmp_path: Path) -> LayeredRegistry:
    packaged = {"conf:a/b": b"packaged", "gov:mi-resources/x.json": b"{}", "l": b"local"}
    return LayeredRegistry(FileRegistry(tmp_path), packaged)


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("conf:/a/b", b"packaged"),
        ("conf:a/b", b"packaged"),
        ("/_system/config/a/b", b"packaged"),
        ("resources:x.json", b"{}"),
        ("gov:/mi-resources/x.json", b"{}"),
        ("l", b"local"),
        ("conf:/a", None),
    ],
)
def test_what_is_packaged_is_found_in_every_form(registry: LayeredRegistry, key: str, content: bytes | None) -> None:
    assert registry.get(key) == content


def test_what_a_flow_wrote_goes_first(registry: LayeredRegistry) -> None:
    registry.put("conf:/a/b", b"written")
    assert registry.get("conf:a/b") == b"written"
    registry.delete("/_system/config/a/b")
    assert registry.get("conf:/a/b") == b"packaged"


def test_paths_that_lead_out_are_faults(registry: LayeredRegistry) -> None:
    with pytest.raises(Fault, match="no path"):
        registry.get("conf:/../x")


def test_what_is_written_has_a_file(registry: LayeredRegistry, tmp_path: Path) -> None:
    registry.put("/_system/config/tokens/a", b"x")
    assert registry.file_of("conf:/tokens/a").read_bytes() == b"x"
    assert registry.file_of("conf:/tokens/a").is_relative_to(tmp_path)
