"""Base64 and URL encoding."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

from engine.errors import Fault
from engine.expressions.functions.registry import function
from engine.message.context import MessageContext

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")

# What commons-httpclient's URIUtil.encodePathQuery leaves alone besides letters and digits: a '+' only after a '?'.
_PATH = "-_.!~*'();/:@&=$,"
_QUERY = f"{_PATH}?+"


@function(
    "base64Encode",
    example=("base64Encode('user:secret')", "dXNlcjpzZWNyZXQ="),
    more=(("base64Encode('é', 'ISO-8859-1')", "6Q=="),),
)
def base64_encode(message: MessageContext, text: str, charset: str = "UTF-8") -> str:
    """The bytes of a text in ``charset`` as base64. Raises Fault for an unknown charset."""
    return base64.b64encode(_encoded(text, charset, "base64Encode")).decode("ascii")


@function(
    "base64Decode",
    example=("base64Decode('dXNlcjpzZWNyZXQ=')", "user:secret"),
    more=(("base64Decode('6Q==', 'ISO-8859-1')", "é"),),
)
def base64_decode(message: MessageContext, text: str, charset: str = "UTF-8") -> str:
    """The text behind base64 (also its URL form), trimmed; characters outside the alphabet are skipped.

    Raises Fault for an unknown charset.
    """
    url_form = text.encode("ascii", "ignore").replace(b"-", b"+").replace(b"_", b"/")
    digits = _NOT_BASE64.sub(b"", url_form)
    if len(digits) % 4 == 1:  # six bits make no byte
        digits = digits[:-1]
    raw = base64.b64decode(digits + b"=" * (-len(digits) % 4))
    try:
        return raw.decode(charset, "replace").strip()
    except LookupError:
        raise Fault(f"base64Decode() does not know the charset '{charset}'") from None


@function("url-encode", example=("url-encode('a b&c=ü')", "a%20b&c=%C3%BC"))
def url_encode(message: MessageContext, text: str, charset: str = "UTF-8") -> str:
    """The text with percent escapes; the reserved characters of a path and a query stay as they are.

    A space is `%20`. A `+` becomes `%2B` unless a `?` stands before it. Raises Fault for an unknown charset.
    """
    path, mark, query = text.partition("?")
    encoded_path = quote(_encoded(path, charset, "url-encode"), safe=_PATH)
    return encoded_path + mark + quote(_encoded(query, charset, "url-encode"), safe=_QUERY)


def _encoded(text: str, charset: str, function_name: str) -> bytes:
    try:
        return text.encode(charset, "replace")
    except LookupError:
        raise Fault(f"{function_name}() does not know the charset '{charset}'") from None
