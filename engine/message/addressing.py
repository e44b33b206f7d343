"""WS-Addressing blocks in the header of a SOAP envelope."""

from __future__ import annotations

from engine.message.codecs import soap
from engine.message.codecs.xml import Element

FINAL = "http://www.w3.org/2005/08/addressing"
SUBMISSION = "http://schemas.xmlsoap.org/ws/2004/08/addressing"

_NOWHERE = (f"{FINAL}/anonymous", f"{FINAL}/none", f"{SUBMISSION}/role/anonymous")


def text(envelope: Element, name: str) -> str:
    """The text of the block ``name``, of its Address if it has one; ``""`` when there is no such block."""
    version = soap.version_of(envelope)
    header = envelope.find(f"{{{soap.NAMESPACES[version]}}}Header") if version is not None else None
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
