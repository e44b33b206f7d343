"""Keeping secrets out of the log."""

from __future__ import annotations

import re

MASK = "***"

_WORDS = r"authorization|cookie|passw|secret|token|api[-_]?key|credential"
_NAME = re.compile(_WORDS, re.IGNORECASE)
# Names are bounded so that a long text without a closing quote costs linear time.
_JSON_MEMBER = re.compile(rf'("[^"\\]{{0,64}}?(?:{_WORDS})[^"\\]{{0,64}}"\s*:\s*)"(?:[^"\\]|\\.)*"', re.IGNORECASE)
_XML_ELEMENT = re.compile(rf"(<[\w.:-]{{0,64}}?(?:{_WORDS})[\w.:-]{{0,64}}(?:\s[^<>]*)?(?<!/)>)[^<]+", re.IGNORECASE)


def is_secret(name: str) -> bool:
    """Whether a value of this name, or of an expression that has it, must not be shown: ``accessToken``."""
    return _NAME.search(name) is not None


def masked(text: str) -> str:
    """The text with the values of secret JSON members and XML elements replaced by ``***``."""
    if _NAME.search(text) is None:
        return text
    return _XML_ELEMENT.sub(rf"\1{MASK}", _JSON_MEMBER.sub(rf'\1"{MASK}"', text))
