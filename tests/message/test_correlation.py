"""Ids of requests."""

from __future__ import annotations

import os
import re

import pytest

from engine.message import correlation


def test_ids_are_unique_and_safe() -> None:
    ids = [next(correlation.ids) for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert all(re.fullmatch(rb"[0-9a-f]{12}-[0-9a-f]+", each) and correlation.is_safe(each) for each in ids)


@pytest.mark.skipif(not hasattr(os, "register_at_fork"), reason="processes do not fork here")
def test_another_process_has_another_first_half(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correlation, "ids", correlation.ids)
    before = next(correlation.ids).partition(b"-")[0]
    correlation._renew()
    assert next(correlation.ids).partition(b"-")[0] != before


@pytest.mark.parametrize("given", ["3f6c2a4e-9d0b-4a8e-b7f0-0a1b2c3d4e5f", "a/b:c+d=@_.-", "x" * 128])
def test_a_safe_id(given: str) -> None:
    assert correlation.is_safe(given.encode())


@pytest.mark.parametrize("given", ["", "a b", "x\r\nEvil: 1", "\x1b[31m", "é", "x" * 129, "a;b", "<script>", "a\n"])
def test_any_other(given: str) -> None:
    assert not correlation.is_safe(given.encode("latin-1"))
