"""``<session>``: later messages of a client go where its first one went."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal

from lxml import etree

from engine.declare.convert import Duration
from engine.declare.fields import attr, child_text, element
from engine.declare.spec import SYNAPSE, Node
from engine.message.context import MessageContext
from engine.message.headers import Headers

_DEFAULT_TIMEOUT = 120.0
"""Seconds without a message after which a session is forgotten (SynapseConstants)."""

_MAX_SESSIONS = 100_000

_COOKIES = ("JSESSIONID", "PHPSESSID", "phpMyAdmin", "wordpress_test_cookie")
"""The cookies that carry a session (Synapse's AbstractDispatcher)."""

_CLIENT_ID = f"{{{SYNAPSE}}}ClientID"
_GROUP_ID = "{http://ws.apache.org/namespaces/axis2}ServiceGroupId"
_REPLY_TO = "{http://www.w3.org/2005/08/addressing}ReplyTo"
_PARAMETERS = "{http://www.w3.org/2005/08/addressing}ReferenceParameters"


@element("session")
class Session(Node):
    """How messages of one client are known."""

    type: Literal["http", "soap", "simpleClientSession"] = attr(
        "A cookie, Axis2's header ServiceGroupId, or the header ClientID that clients send."
    )
    timeout: Duration | None = child_text(
        "Milliseconds without a message after which a session ends; two minutes without it.", tag="sessionTimeout"
    )

    @property
    def reads_envelope(self) -> bool:
        return self.type != "http"

    def of_request(self, message: MessageContext) -> str | None:
        """The session that a request belongs to, or None."""
        if self.type == "http":
            return _cookie(message.headers.get_all("cookie"))
        return _header_text(message, _CLIENT_ID if self.type == "simpleClientSession" else _GROUP_ID)

    def of_answer(self, message: MessageContext, asked: str | None) -> str | None:
        """The session that an answer begins or goes on with; ``asked`` is what the request had."""
        if self.type == "http":
            return _cookie(message.headers.get_all("set-cookie"))
        if self.type == "simpleClientSession":
            return asked
        return _group_of_answer(message)

    def forget(self, message: MessageContext) -> None:
        """Take an unknown session out of a request: the back end that gets it would not know it either."""
        if self.type == "http":
            _remove_cookie(message.headers)
        elif self.type == "soap" and (block := _block(message, _GROUP_ID)) is not None:
            envelope = message.payload.envelope()
            parent = block.getparent()
            assert parent is not None  # it was found inside the header
            parent.remove(block)
            message.payload.set_envelope(envelope)


class Sessions:
    """Which child serves which session, in this process. Bounded: the longest unused ones go first."""

    def __init__(self, timeout: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._timeout = _DEFAULT_TIMEOUT if timeout is None else timeout
        self._clock = clock
        self._children: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def child_of(self, session: str) -> int | None:
        """The position of the child, or None for a session that is not known any more."""
        child, ends = self._children.get(session, (None, 0.0))
        if child is not None and self._clock() < ends:
            return child
        self._children.pop(session, None)
        return None

    def bind(self, session: str, child: int) -> None:
        """``child`` serves ``session`` from now on, until the timeout."""
        self._children[session] = child, self._clock() + self._timeout
        self._children.move_to_end(session)
        if len(self._children) > _MAX_SESSIONS:
            self._children.popitem(last=False)

    def __len__(self) -> int:
        return len(self._children)


def _cookie(values: list[str]) -> str | None:
    """The first cookie that carries a session, as ``NAME=value``."""
    pairs = (pair.strip() for value in values for pair in value.split(";"))
    return next((pair for pair in pairs if pair.partition("=")[0] in _COOKIES), None)


def _remove_cookie(headers: Headers) -> None:
    values = headers.get_all("cookie")
    if _cookie(values) is None:
        return
    pairs = [pair.strip() for value in values for pair in value.split(";")]
    kept = [pair for pair in pairs if pair and pair.partition("=")[0] not in _COOKIES]
    headers.remove("cookie")
    if kept:
        headers.set("Cookie", "; ".join(kept))


def _block(message: MessageContext, tag: str) -> etree._Element | None:
    if message.payload.kind not in ("soap11", "soap12"):
        return None
    return message.payload.envelope().find(f"{{*}}Header/{tag}")


def _header_text(message: MessageContext, tag: str) -> str | None:
    block = _block(message, tag)
    text = (block.text or "").strip() if block is not None else ""
    return text or None


def _group_of_answer(message: MessageContext) -> str | None:
    reply_to = _block(message, _REPLY_TO)
    group = reply_to.find(f"{_PARAMETERS}/{_GROUP_ID}") if reply_to is not None else None
    text = (group.text or "").strip() if group is not None else ""
    return text or None
