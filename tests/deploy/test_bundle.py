from __future__ import annotations

import pytest

from engine.deploy.bundle import Bundle, canonical, key_below
from engine.errors import Where


@pytest.mark.parametrize(
    ("key", "same"),
    [
        ("conf:/a/b", "conf:a/b"),
        ("conf:a/b/", "conf:a/b"),
        ("gov:a", "gov:a"),
        ("/_system/governance/a/b", "gov:a/b"),
        ("/_system/config", "conf:"),
        ("/_system/local/a", "a"),
        ("/_system/configuration/a", "_system/configuration/a"),
        ("resources:xslt/a.xsl", "gov:mi-resources/xslt/a.xsl"),
        (" a/b ", "a/b"),
        ("conf:../a", "conf:../a"),
    ],
)
def test_keys_in_one_form(key: str, same: str) -> None:
    assert canonical(key) == same


@pytest.mark.parametrize(
    ("folder", "key"),
    [
        ("/_system/config/xslt", "conf:xslt/a.xsl"),
        ("/_system/governance", "gov:a.xsl"),
        ("/_system/local/", "a.xsl"),
        ("gov:mi-resources", "gov:mi-resources/a.xsl"),
    ],
)
def test_keys_of_files_in_folders(folder: str, key: str) -> None:
    assert key_below(folder, "a.xsl") == key


def test_what_is_there_goes_first() -> None:
    first, second = Bundle({"a": b"1"}, {"r": b"1"}), Bundle({"a": b"2", "b": b"2"}, {"s": b"2"}, {"c": b"2"})
    second.problems.warning("left-out", Where("x"), "m")
    first.add(second)
    assert (first.flows, first.resources, first.connectors) == (
        {"a": b"1", "b": b"2"},
        {"r": b"1", "s": b"2"},
        {"c": b"2"},
    )
    assert len(first.problems) == 1
