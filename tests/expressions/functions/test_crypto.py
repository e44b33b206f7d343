from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.expressions.functions.crypto import hmac_generate

NO_MESSAGE: Any = None


def test_the_vectors_of_rfc_2202_and_4231() -> None:
    text, key = "what do ya want for nothing?", "Jefe"
    assert hmac_generate(NO_MESSAGE, text, key) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    assert hmac_generate(NO_MESSAGE, text, key, "HmacMD5") == "750c783e6ab0b503eaa86e310a5db738"
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert hmac_generate(NO_MESSAGE, text, key, "HmacSHA256") == expected


@pytest.mark.parametrize(
    ("key", "algorithm", "message"),
    [("k", "Rot13", "does not know the algorithm 'Rot13'"), ("", "HmacSHA1", "needs a key")],
)
def test_what_java_refuses_is_a_fault(key: str, algorithm: str, message: str) -> None:
    with pytest.raises(Fault, match=message):
        hmac_generate(NO_MESSAGE, "text", key, algorithm)
