from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from engine.core.redaction import SECRETS
from engine.management.last_lines import LastLines


@pytest.fixture
def lines() -> Iterator[LastLines]:
    kept = LastLines(most=3, longest=10)
    logger = logging.getLogger("myelin")
    logger.addHandler(kept)
    yield kept
    logger.removeHandler(kept)


def test_the_newest_are_kept_newest_first(lines: LastLines) -> None:
    log = logging.getLogger("myelin.flow")
    for number in range(5):
        log.error("fault %d", number)
    assert [line.text for line in lines.newest_first()] == ["fault 4", "fault 3", "fault 2"]


def test_levels_and_what_is_left_out(lines: LastLines) -> None:
    logging.getLogger("myelin.flow").warning("odd")
    logging.getLogger("myelin.flow").info("usual")
    logging.getLogger("myelin.deploy").error("told elsewhere")
    assert [(line.level, line.text) for line in lines.newest_first()] == [("warning", "odd")]


def test_texts_are_one_line_cut_and_without_secrets(lines: LastLines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SECRETS, "masked", lambda text: text.replace("hunter2", "***"))
    logging.getLogger("myelin.flow").error("a\nhunter2 and more")
    assert lines.newest_first()[0].text == "a\\n*** and…"
