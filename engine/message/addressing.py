"""WS-Addressing blocks in the header of a SOAP envelope."""

from __future__ import annotations

from typing import NamedTuple

from lxml import etree

from engine.message.codecs import soap
from engine.message.codecs.xml import Element

FINAL = "http://www.w3.org/2005/08/addressing"
SUBMISSION = "http://schemas.xmlsoap.org/ws/2004/08/addressing"

NAMESPACES = frozenset({FINAL, SUBMISSION})
"""Of WS-Addressing 1.0, and of its submission of 2004."""

CALLED = "wsa.called"
"""Where the operation scope keeps what the client called its request (``Called``); None when it has no name."""

_NOWHERE = (f"{FINAL}/anonymous", f"{FINAL}/none", f"{SUBMISSION}/role/anonymous")


def text(envelope: Element, name: str) -> str:
    """The text of the block ``name``, of its Address if it has one; ``""`` when there is no such block."""
    header = soap.part_of(envelope, "Header") if soap.version_of(envelope) is not None else None
    if header is None:
        return ""
    for namespace in (FINAL, SUBMISSION):
        block = header.find(f"{{{namespace}}}{name}")
        if block is not None:
            reference = block.find("{*}Address")
            return ((block if reference is None else reference).text or "").strip()
    return ""


def is_anonymous(address: str) -> bool:
    """Whether the address names nobody: the other end of the connection, or no one at all."""
    return address in _NOWHERE


class Called(NamedTuple):
    """What an answer has to know of the blocks of its request."""

    namespace: str
    message_id: str
    action: str


def called(envelope: Element) -> Called | None:
    """What the sender called the message; None without a MessageID."""
    message_id = text(envelope, "MessageID")
    if not message_id:
        return None
    block = envelope.find(f"{{*}}Header/{{{FINAL}}}MessageID")
    return Called(FINAL if block is not None else SUBMISSION, message_id, text(envelope, "Action"))


def blocks(envelope: Element) -> list[Element]:
    """All header blocks of WS-Addressing."""
    return [block for block in envelope.iterfind("{*}Header/*") if etree.QName(block).namespace in NAMESPACES]


def remove_blocks(envelope: Element) -> None:
    for block in blocks(envelope):
        parent = block.getparent()
        assert parent is not None  # it is a child of the header
        parent.remove(block)


def add(parent: Element, namespace: str, name: str, value: str | None = None) -> Element:
    """A new block, or a part of one, below ``parent``."""
    block = etree.SubElement(parent, f"{{{namespace}}}{name}", nsmap={"wsa": namespace})
    block.text = value
    return block
