"""What a codec raises when bytes are not what their content type says."""

from __future__ import annotations


class DecodeError(ValueError):
    """The bytes cannot be read; the text says what is wrong and, where known, at which line and column.

    It goes on after "the request is": ``not JSON: …``, ``a form of more than 1000 fields``.
    """
