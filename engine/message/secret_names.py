"""Names whose values nobody shows: of headers, properties, members of a payload."""

from __future__ import annotations

import re

MASK = "***"

WORDS = r"authorization|cookie|passw|secret|token|api[-_]?key|credential|-vault|vault-lookup"
"""Parts of such names, and the functions that read secrets."""

_NAME = re.compile(WORDS, re.IGNORECASE)


def is_secret(name: str) -> bool:
    """Whether a value of this name, or of an expression that has it, must not be shown: ``accessToken``."""
    return _NAME.search(name) is not None
