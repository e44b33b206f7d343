"""``<member>``: a host of a loadbalance or recipientlist endpoint; the path is that of the message."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, element
from engine.declare.spec import Node
from engine.endpoints._kind import Child
from engine.endpoints.endpoint import Endpoint
from engine.endpoints.leaf import Leaf
from engine.endpoints.suspension import SuspensionPolicy
from engine.message.context import MessageContext

_PAUSE = 0.5
"""Seconds until a member that failed is tried again: how often the reference looks whether it can be reached."""


_NEVER = frozenset({-1})
"""No error has this code."""


@element("member")
class Member(Node):
    """A host and its ports."""

    host: str = attr("Host name or address.", name="hostName")
    http_port: int | None = attr("Port for http.", name="httpPort", default=None)
    https_port: int | None = attr("Port for https, used when there is none for http.", name="httpsPort", default=None)

    def __post_init__(self) -> None:
        if self.http_port is None and self.https_port is None:
            raise Unacceptable("it needs an httpPort or an httpsPort.", code="missing-attribute")

    @property
    def origin(self) -> str:
        if self.http_port is not None:
            return f"http://{self.host}:{self.http_port}"
        return f"https://{self.host}:{self.https_port}"


@element("member-address")
class MemberAddress(Leaf):
    """The host of a ``<member>``."""

    origin: str = attr("Scheme, host and port.")
    rests: bool = attr("Whether it is passed over for a while after a failure.", default=True)

    def address_for(self, message: MessageContext) -> str:
        """The path the message has: that of its address, else that of the client's request."""
        to = message.destination
        if to:
            return self.origin + (to if to.startswith("/") else urlsplit(to).path)
        query = message.exchange.query
        return f"{self.origin}{message.exchange.path}{'?' + query if query else ''}"

    def _suspension_policy(self) -> SuspensionPolicy:
        if self.rests:
            return SuspensionPolicy(initial=_PAUSE)
        return SuspensionPolicy(suspend_codes=_NEVER, mark_codes=_NEVER)


def endpoint_of(member: Member, owner: str, *, rests: bool) -> Child:
    """The endpoint for a member of the endpoint named ``owner``. ``rests``: it is passed over after a failure."""
    kind = MemberAddress.spec.construct(where=member.where, origin=member.origin, rests=rests)
    return cast(Child, Endpoint.spec.construct(where=member.where, name=f"{owner} {member.origin}", type=kind))
