"""Property tests of all codecs together: whatever comes under whatever name, a view is a value or a Fault."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.errors import Fault
from engine.message.content_type import DEFAULT_TYPES, Kind
from engine.message.payload import Payload

TYPES = {
    **DEFAULT_TYPES,
    "related": 'multipart/related; boundary=b; type="text/xml"',
    "mtom": 'multipart/related; boundary=b; type="application/xop+xml"; start-info="application/soap+xml"',
    "utf-16 json": "application/json; charset=utf-16",
    "latin-1 xml": "application/xml; charset=latin-1",
    "unknown charset": "text/plain; charset=x-none",
    "utf-7 text": "text/plain; charset=utf-7",
}
SEEDS = [
    b'{"a": [1, "x", null, {"$": 1, "@b": 2}]}',
    b"<a b='1'>x<c/></a>",
    b"<p:a xmlns:p='u' xmlns='v' p:b='1'><?xml-multiple c?><c xmlns=''/></p:a>",
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body><s:Fault/></s:Body></s:Envelope>',
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
    b"a=1&b=%41",
    b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--\r\n',
    b"--b\r\nContent-Type: text/xml\r\n\r\n"
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>\r\n--b--\r\n',
]
CHARSETS = ["utf-8", "latin-1", "utf-16", "cp037", "idna", "utf-7", "hex", "x-none", ""]
LOOKS: list[Callable[[Payload], object]] = [
    Payload.json,
    Payload.json_text,
    Payload.check_json,
    Payload.envelope,
    Payload.content,
    Payload.text,
    Payload.body,
    Payload.attachments,
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good body with a piece of it in another's place."""
    seed, other = draw(st.sampled_from(SEEDS)), draw(st.sampled_from(SEEDS) | st.binary(max_size=8))
    start, end = draw(st.integers(0, len(seed))), draw(st.integers(0, len(seed)))
    return seed[:start] + other[: draw(st.integers(0, len(other)))] + seed[end:]


@pytest.mark.parametrize("content_type", TYPES.values(), ids=TYPES)
@given(raw=damaged() | st.binary(max_size=60))
def test_every_view_is_a_value_or_a_fault(content_type: str, raw: bytes) -> None:
    for look in LOOKS:
        with contextlib.suppress(Fault):
            look(Payload(raw, content_type, "client"))


@pytest.mark.parametrize("content_type", TYPES.values(), ids=TYPES)
@given(raw=damaged(), kind=st.sampled_from(sorted(DEFAULT_TYPES)), charset=st.sampled_from(CHARSETS))
def test_every_format_is_bytes_or_a_fault(content_type: str, raw: bytes, kind: Kind, charset: str) -> None:
    with contextlib.suppress(Fault):
        assert isinstance(Payload(raw, content_type, "client").render(kind, charset), bytes)
    changed = Payload(raw, content_type, "client")
    with contextlib.suppress(Fault):
        changed.editable_envelope()
        assert isinstance(changed.render(kind, charset), bytes)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"))


@pytest.mark.parametrize("kind", ["xml", "soap11", "soap12", "badgerfish", "form", "multipart"])
@given(values=st.lists(TEXT, min_size=1, max_size=4))
def test_what_is_written_is_read_again(kind: Kind, values: list[str]) -> None:
    """Fields of text come back from every format that has a place for them."""
    root = etree.Element("r")
    for value in values:
        etree.SubElement(root, "f").text = value
    payload = Payload()
    payload.set_content(root)
    written = payload.render(kind)
    again = Payload(written, DEFAULT_TYPES[kind], "client").content()
    assert again is not None
    assert [field.text or "" for field in again] == values
