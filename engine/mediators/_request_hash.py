"""One text for equal requests: the key under which ``<cache>`` keeps an answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.message.codecs import json, xml
from engine.message.context import MessageContext

_WITHOUT_BODY = frozenset({"GET", "DELETE", "HEAD"})
_NEVER_HASHED = frozenset({"date", "user-agent", "activityid", "x-correlation-id"})
"""The first two are left out by the reference, the others name the one message (its correlation header)."""
ALL = "*"


@dataclass(frozen=True, slots=True)
class HeaderChoice:
    """Which headers make requests differ: ``only`` these, or all but ``without``. Lower case; ``*`` is all."""

    only: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def of(self, message: MessageContext) -> list[tuple[str, str]]:
        """The headers that count, in an order of their own."""
        if not self.only and ALL in self.without:
            return []
        return sorted((name, value) for name, value in message.headers if self._counts(name))

    def _counts(self, name: str) -> bool:
        if name in _NEVER_HASHED:
            return False
        if self.only:
            return ALL in self.only or name in self.only
        return name not in self.without


def of_request(message: MessageContext, headers: HeaderChoice) -> str:
    """Method, address with query, the headers chosen, and the body unless the method has none.

    The reference leaves the method out, and would answer a HEAD with what a GET got.
    """
    method = _method(message)
    digest = hashlib.sha256()
    _add(digest, "request", method, message.destination or "")
    for name, value in headers.of(message):
        _add(digest, "header", name, value)
    if method not in _WITHOUT_BODY:
        _add_body(digest, message)
    return digest.hexdigest()


def of_body(message: MessageContext) -> str:
    """The body alone (the old DOMHASH)."""
    digest = hashlib.sha256()
    _add_body(digest, message)
    return digest.hexdigest()


def _method(message: MessageContext) -> str:
    return str(message.axis2.get("HTTP_METHOD") or message.exchange.method).upper()


def _add_body(digest: Any, message: MessageContext) -> None:
    payload = message.payload
    if payload.kind == "json":
        # Blanks make no difference, the order of members does.
        _add(digest, "json", json.encode(payload.json()))
    elif payload.is_structured:
        content = payload.content()
        if content is not None:
            _add_element(digest, content)
    elif payload.kind != "empty":
        body = payload.body()
        assert isinstance(body, bytes)  # the sequence loop has read it: the mediator reads bodies
        _add(digest, payload.kind, body)


def _add_element(digest: Any, root: xml.Element) -> None:
    """Names with their namespaces, attributes in any order, text; no comments and no prefixes."""
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            _add(digest, "end", "" if element is root else element.tail or "")
            continue
        _add(digest, "element", str(element.tag), element.text or "")
        for name, value in sorted((str(name), str(value)) for name, value in element.attrib.items()):
            _add(digest, "attribute", name, value)


def _add(digest: Any, *parts: str | bytes) -> None:
    # With its length before it, no part can pass for two.
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data))
        digest.update(data)
