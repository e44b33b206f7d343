from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.message.codecs import form, json, soap, text, xml
from engine.message.codecs.errors import DecodeError

FAILURES: list[Callable[[], object]] = [
    lambda: json.decode(b"{"),
    lambda: json.decode(b"[" * 300),
    lambda: xml.decode(b"<a>"),
    lambda: xml.decode(b"<!DOCTYPE a><a/>"),
    lambda: form.decode("a=%00"),
    lambda: form.decode("a=1&" * 2000),
    lambda: text.decode(b"\xff", "utf-8"),
    lambda: text.decode(b"x", "x-none"),
    lambda: soap.content_of(xml.decode(f'<Envelope xmlns="{soap.NAMESPACES["soap11"]}"/>'.encode())),
]


@pytest.mark.parametrize("fail", FAILURES)
def test_every_text_goes_on_after_the_request_is(fail: Callable[[], object]) -> None:
    with pytest.raises(DecodeError) as caught:
        fail()
    assert str(caught.value).startswith(("not ", "a ", "in ", "XML ", "JSON "))
