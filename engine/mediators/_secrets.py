"""Keeping secrets out of the log."""

from __future__ import annotations

import re

from engine.core.redaction import MASK, WORDS, is_secret

# Names are bounded so that a long text without a closing quote costs linear time.
_JSON_MEMBER = re.compile(rf'("[^"\\]{{0,64}}?(?:{WORDS})[^"\\]{{0,64}}"\s*:\s*)"(?:[^"\\]|\\.)*"', re.IGNORECASE)
_XML_ELEMENT = re.compile(rf"(<[\w.:-]{{0,64}}?(?:{WORDS})[\w.:-]{{0,64}}(?:\s[^<>]*)?(?<!/)>)[^<]+", re.IGNORECASE)


def masked(text: str) -> str:
    """The text with the values of secret JSON members and XML elements replaced by ``***``."""
    if not is_secret(text):
        return text
    return _XML_ELEMENT.sub(rf"\1{MASK}", _JSON_MEMBER.sub(rf'\1"{MASK}"', text))
