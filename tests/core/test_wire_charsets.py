"""Property test: whoever reads what leaves, by the Content-Type it has, finds the text that was in it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.core.wire import body_of
from engine.message.codecs import json
from engine.message.context import MessageContext
from engine.message.payload import Payload
from engine.testing.harness import Harness

HARNESS = Harness()
CHARSETS = ["utf-8", "ISO-8859-1", "UTF-16"]
JSON = ["application/json", "application/vnd.x+json"]
XML = ["application/xml", "text/xml", "application/soap+xml", "application/vnd.x+xml"]
TEXT = ["text/plain", "text/csv"]
LETTERS = st.text(st.characters(codec="latin-1", categories=("Ll", "Lu")), min_size=1, max_size=8).map("é{}".format)


def request(kind: str, letters: str, charset: str) -> MessageContext:
    """A message with these letters in it; ``declared`` is XML that tells its charset itself."""
    element = etree.Element("a")
    element.text = letters
    body, media = {
        "json": (f'{{"a":"{letters}"}}'.encode(charset), f"application/json; charset={charset}"),
        "xml": (etree.tostring(element, encoding="unicode").encode(charset), f"application/xml; charset={charset}"),
        "declared": (etree.tostring(element, encoding=charset, xml_declaration=True), "application/xml"),
        "text": (letters.encode(charset), f"text/plain; charset={charset}"),
    }[kind]
    return HARNESS.message(body, media)


def change(message: MessageContext) -> None:
    """Make the payload one of the flow, with the same content."""
    payload = message.payload
    if payload.kind == "json":
        payload.set_json(payload.json())
    elif payload.kind == "text":
        payload.set_text(payload.text())
    else:
        payload.editable_envelope()


def letters_of(payload: Payload) -> Any:
    if payload.kind == "text":
        return payload.text()
    value = payload.json()
    while isinstance(value, dict):
        value = next(iter(value.values()))
    return value


@given(
    kind=st.sampled_from(["json", "xml", "declared", "text"]),
    letters=LETTERS,
    charset=st.sampled_from(CHARSETS),
    message_type=st.sampled_from([None, *JSON, *XML, *TEXT]),
    wanted=st.sampled_from([None, *CHARSETS]),
    is_answer=st.booleans(),
    is_changed=st.booleans(),
)
def test_the_charset_that_is_told_is_the_charset_of_the_bytes(
    kind: str,
    letters: str,
    charset: str,
    message_type: str | None,
    wanted: str | None,
    is_answer: bool,
    is_changed: bool,
) -> None:
    message = request(kind, letters, charset)
    if is_changed:
        change(message)
    if message_type is not None:
        message.set_axis2("messageType", message_type)
    if wanted is not None:
        message.axis2["CHARACTER_SET_ENCODING"] = wanted
    body, content_type = body_of(message, is_answer=is_answer)
    assert isinstance(body, bytes)
    received = Payload(body, content_type or message.headers.get("content-type") or "", origin="client")
    if kind != "text" and received.kind == "text":
        assert letters in received.text() or json.encode(letters).decode() in received.text()
    else:
        assert letters_of(received) == letters
