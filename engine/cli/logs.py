"""The log of a server, on standard error: lines for people, or one JSON object a line for those who collect them.

``***`` stands for every secret that was handed out.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any, Literal

from engine.core.log_text import indented, one_line
from engine.core.redaction import SECRETS
from engine.management.last_lines import LAST_LINES
from engine.message.codecs import json

Format = Literal["text", "json"]


class LineFormatter(logging.Formatter):
    """One record is one line, whatever the data in it holds; tracebacks follow it, further in."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name, as are the others
        text = SECRETS.masked(super().formatMessage(record))
        return indented(text) if hasattr(record, "own_breaks") else one_line(text)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return "    " + indented(SECRETS.masked(super().formatException(ei)))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        return "    " + indented(SECRETS.masked(super().formatStack(stack_info)))


class JsonFormatter(logging.Formatter):
    """``time`` (ISO 8601, UTC), ``level``, ``logger``, ``message``, and ``exception`` with its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": SECRETS.masked(record.getMessage()),
        }
        if record.exc_info:
            entry["exception"] = SECRETS.masked(self.formatException(record.exc_info))
        return json.encode(entry).decode()


def set_up_logging(format_: Format = "text") -> None:
    """Log what is said from here on; it also shows on the pages of the admin port."""
    lines = LineFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if format_ == "json" else lines)
    logging.basicConfig(level=logging.INFO, handlers=[handler, LAST_LINES])
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
