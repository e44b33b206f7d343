from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.errors import Problems
from engine.plugins.error_map import MappedError
from engine.plugins.policy import DEFAULT_RETRY, Retry
from engine.plugins.yaml_policy import read_errors, read_retry
from engine.plugins.yaml_tree import read_yaml


def read(folder: Path, yaml: str) -> tuple[Any, Any, list[str]]:
    (folder / "c.yaml").write_text(yaml)
    problems = Problems()
    section = read_yaml(folder / "c.yaml", problems)
    assert section is not None
    return read_retry(section), list(read_errors(section)), [each.message for each in problems]


def test_nothing_said(tmp_path: Path) -> None:
    assert read(tmp_path, "a: 1") == (DEFAULT_RETRY, [], [])


def test_all_said(tmp_path: Path) -> None:
    retry, errors, problems = read(
        tmp_path,
        "retry: {statuses: [502], times: 3, methods: [post]}\n"
        "errors:\n  - {status: 404, code: GONE, message: a.b}\n  - {status: 5xx, code: BROKEN, body: x}\n",
    )
    assert problems == []
    assert retry == Retry(frozenset({502}), 3, frozenset({"POST"}))
    assert errors == [MappedError("404", "GONE", "a.b"), MappedError("5xx", "BROKEN", "", b"x")]


@pytest.mark.parametrize(
    ("yaml", "problem"),
    [
        ("retry: {statuses: [200]}", "'statuses' must be a list of numbers from 400 to 599."),
        ("retry: {statuses: 503}", "'statuses' must be a list of numbers from 400 to 599."),
        ("retry: {times: 99}", "'times' is at most 10."),
        ("retry: {often: 1}", "'often' is not known here."),
        ("errors: [{status: 404}]", "'code' is missing."),
        ("errors: [{status: 40, code: X}]", "'40' is no status such as 404 or 4xx."),
        ("errors: [x]", "Item 1 of 'errors' must be a mapping."),
        ("errors: {status: 404}", "'errors' must be a list."),
    ],
)
def test_mistakes(tmp_path: Path, yaml: str, problem: str) -> None:
    assert read(tmp_path, yaml)[2] == [problem]
