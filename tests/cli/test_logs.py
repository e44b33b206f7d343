"""The log of a server: lines for people, and JSON."""

from __future__ import annotations

import json
import logging
import sys

from engine.cli.logs import JsonFormatter, LineFormatter
from engine.core.log_text import OWN_BREAKS
from engine.core.redaction import SECRETS


def test_log_lines_do_not_show_secrets() -> None:
    SECRETS.add("hunter2-of-the-log")
    formatter = LineFormatter("%(message)s")
    try:
        raise ValueError("hunter2-of-the-log")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "a %s", ("hunter2-of-the-log",), sys.exc_info())
    text = formatter.format(record)
    assert text.startswith("a ***")
    assert "ValueError: ***" in text
    assert "hunter2" not in text


FORGED = "a\n2026-01-01 00:00:00,000 ERROR   myelin: forged\r\x1b[2J\x85\u2028b\tc"
SAFE = r"a\n2026-01-01 00:00:00,000 ERROR   myelin: forged\r\x1b[2J\x85\u2028b" + "\tc"


def test_data_in_a_log_line_begins_no_other_line() -> None:
    try:
        raise ValueError(FORGED)
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "%s", (FORGED,), sys.exc_info())
    first, *trace = LineFormatter("%(levelname)s: %(message)s").format(record).split("\n")
    assert first == f"ERROR: {SAFE}"
    assert trace[0] == "    Traceback (most recent call last):"
    assert all(line.startswith("    ") for line in trace)
    assert "\x1b" not in "".join(trace)


def test_an_author_may_break_a_line() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "%s", ("a = 1\nb = 2",), None)
    vars(record).update(OWN_BREAKS)
    assert LineFormatter("%(levelname)s: %(message)s").format(record) == "INFO: a = 1\n    b = 2"


def test_a_record_in_json() -> None:
    record = logging.LogRecord("myelin.flow", logging.WARNING, "", 1, "%s: a\nb \u2028 \udcff", ("id-1",), None)
    record.created = 1764082800.1234
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line) == {
        "time": "2025-11-25T15:00:00.123+00:00",
        "level": "WARNING",
        "logger": "myelin.flow",
        "message": "id-1: a\nb \u2028 \udcff",
    }


def test_a_traceback_in_json_shows_no_secret() -> None:
    SECRETS.add("hunter2-in-json")
    try:
        raise ValueError("hunter2-in-json")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "a %s", ("hunter2-in-json",), sys.exc_info())
    line = JsonFormatter().format(record)
    assert "hunter2" not in line
    entry = json.loads(line)
    assert entry["message"] == "a ***"
    assert entry["exception"].startswith("Traceback (most recent call last):")
    assert entry["exception"].endswith("ValueError: ***")
