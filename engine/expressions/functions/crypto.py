"""Message authentication codes."""

from __future__ import annotations

import hmac

from engine.errors import Fault
from engine.expressions.functions.registry import function
from engine.message.context import MessageContext

_DIGESTS = {
    "hmacmd5": "md5",
    "hmacsha1": "sha1",
    "hmacsha224": "sha224",
    "hmacsha256": "sha256",
    "hmacsha384": "sha384",
    "hmacsha512": "sha512",
}


@function(
    "hmac-generate",
    example=("hmac-generate('text', 'key')", "369e2959eb49450338b212748f77d8ded74847bb"),
    more=(
        (
            "hmac-generate('text', 'key', 'HmacSHA256')",
            "6afa9046a9579cad143a384c1b564b9a250d27d6f6a63f9f20bf3a7594c9e2c6",
        ),
    ),
)
def hmac_generate(message: MessageContext, text: str, key: str, algorithm: str = "HmacSHA1") -> str:
    """The HMAC of a text in hexadecimal; the algorithm has its Java name (HmacSHA1, HmacSHA256, HmacSHA512 …).

    Raises Fault for an unknown algorithm and an empty key, as Java does.
    """
    digest = _DIGESTS.get(algorithm.lower())
    if digest is None:
        raise Fault(f"hmac-generate() does not know the algorithm '{algorithm}'")
    if not key:
        raise Fault("hmac-generate() needs a key that is not empty")
    return hmac.new(key.encode(), text.encode("utf-8", "replace"), digest).hexdigest()
