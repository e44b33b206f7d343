"""Java properties files."""

from __future__ import annotations

import re
from collections.abc import Iterable


def properties_of(lines: Iterable[str]) -> dict[str, str]:
    """The names and values in the lines of a properties file, without its escapes."""
    pairs = (re.split(r"\s*[=:]\s*|\s+", line.strip(), maxsplit=1) for line in lines)
    return {pair[0]: pair[1] if len(pair) > 1 else "" for pair in pairs if pair[0] and pair[0][0] not in "#!"}
