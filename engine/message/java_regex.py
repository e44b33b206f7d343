"""What Java's regular expressions do that Python's do not."""

from __future__ import annotations

import re

_REFERENCE = re.compile(r"\\(.)|\$(\d)", re.DOTALL)


def expanded(replacement: str, match: re.Match[str]) -> str:
    """Java's replacement text for a match: ``$1`` is a group, a backslash takes the next character as it is.

    Raises ValueError for a group that the expression does not have.
    """

    def part(reference: re.Match[str]) -> str:
        if reference[1] is not None:
            return reference[1]
        try:
            return match[int(reference[2])] or ""
        except IndexError:
            message = f"the regular expression has no group {reference[2]} for '{replacement}'"
            raise ValueError(message) from None

    return _REFERENCE.sub(part, replacement)
