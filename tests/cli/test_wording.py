from __future__ import annotations

import pytest

from engine.cli.wording import count


@pytest.mark.parametrize(("number", "text"), [(0, "0 files"), (1, "1 file"), (2, "2 files")])
def test_count(number: int, text: str) -> None:
    assert count(number, "file") == text
