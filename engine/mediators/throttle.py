"""<throttle>"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field

from lxml import etree

from engine.core.env import env_of
from engine.core.mediator import Mediator
from engine.core.sequence import run
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, body, child, element, inline
from engine.declare.spec import Node
from engine.errors import Fault
from engine.mediators import _throttle_policy
from engine.mediators._direction import is_response
from engine.mediators._throttle_policy import Callers, Policy, PolicyError
from engine.mediators._throttle_rate import Permits, Rate, RateWindow
from engine.message.codecs import xml
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext
from engine.message.ending import Action
from engine.source import Element


@element("policy")
class PolicySource(Node):
    """The policy: WS-Policy written in place, or the key of an entry that holds it."""

    key: str | None = attr("Local entry or registry resource with the policy.", default=None, refers="local-entry")
    content: tuple[Element, ...] = inline("The policy.")


@element("branch")
class Branch(Node):
    """Mediators to run."""

    steps: tuple[Mediator, ...] = body("The mediators.")


@element("onAccept")
class OnAccept(Branch):
    """What runs for messages that may pass."""


@element("onReject")
class OnReject(Branch):
    """What runs for the others."""


@dataclass(slots=True)
class _Control:
    """A policy and the counters of its callers: one for each id in it, so their number is that of the policy."""

    policy: Policy
    windows: dict[tuple[str, str], RateWindow] = field(default_factory=dict)

    def admits(self, message: MessageContext) -> bool:
        """Whether the caller may pass: by its domain when an entry names it, else by its address."""
        domain = message.axis2.get("REMOTE_HOST")
        if domain and (id_ := self.policy.by_domain.of_domain(str(domain))) is not None:
            return self._judge("domain", self.policy.by_domain, id_)
        ip = str(message.axis2.get("REMOTE_ADDR") or message.exchange.client)
        id_ = self.policy.by_ip.of_ip(ip) if ip else None
        return id_ is None or self._judge("ip", self.policy.by_ip, id_)

    def _judge(self, kind: str, callers: Callers, id_: str) -> bool:
        verdict = callers.verdicts[id_]
        if not isinstance(verdict, Rate):
            return verdict == "allow"
        return self.windows.setdefault((kind, id_), RateWindow(verdict)).admits(time.monotonic())


@element("throttle", kind="mediator", category="advanced")
class Throttle(Mediator):
    """Let only so many messages pass, in a time or at a time.

    The policy gives each caller, by IP address or by domain, Allow, Deny, or Control: MaximumCount messages in UnitTime
    milliseconds, and after that none for ProhibitTimePeriod. ``other`` is everybody else; all callers under one id
    share its count. Who the caller is nobody may say of himself: X-Forwarded-For
    and X-Forwarded-Host (the domain) count from the `trusted_proxies` in `myelin.yaml` alone.

    MaximumConcurrentAccess bounds the messages between here and their answer, for all throttles of the same ``id``
    together. A message gives its place back once, when its conversation is over: answered, failed or dropped.

    Messages that may pass run ``onAccept`` and go on; without it they just go on. Others run ``onReject``; without it
    their flow ends. Answers of back ends pass. Counts belong to the process; changing the file begins them anew.

    Example::

        <throttle id="orders">
          <policy>
            <wsp:Policy xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy"
                        xmlns:throttle="http://www.wso2.org/products/wso2commons/throttle">
              <throttle:MediatorThrottleAssertion>
                <throttle:MaximumConcurrentAccess>10</throttle:MaximumConcurrentAccess>
              </throttle:MediatorThrottleAssertion>
            </wsp:Policy>
          </policy>
          <onReject>
            <property name="HTTP_SC" value="429" scope="axis2"/>
            <respond/>
          </onReject>
        </throttle>
    """

    id: str = attr("Name that throttles share to bound concurrent messages together.")
    on_accept: str | None = attr(
        "Sequence for messages that may pass.", name="onAccept", default=None, refers="sequence"
    )
    on_reject: str | None = attr("Sequence for the others.", name="onReject", default=None, refers="sequence")
    policy: PolicySource | None = child("The policy.", tag="policy")
    accept: OnAccept | None = child("What runs for messages that may pass.", tag="onAccept")
    reject: OnReject | None = child("What runs for the others.", tag="onReject")
    _control: _Control | None = dataclasses.field(init=False, default=None)
    _control_text: bytes | None = dataclasses.field(init=False, default=None)
    """The text that ``_control`` was made of, when it comes from an entry."""

    def __post_init__(self) -> None:
        if not self.id.strip():
            raise Unacceptable("the id is empty.", code="missing-attribute")
        if self.policy is not None and self.policy.content:
            try:
                self._control = _Control(_throttle_policy.parse(self.policy.content[0].to_lxml()))
            except PolicyError as error:
                raise Unacceptable(f"the policy cannot be used: {error}.") from None

    async def mediate(self, message: MessageContext) -> bool:
        if is_response(message):
            return True
        control = self._control_for(message)
        permits = self._permits(control, message)
        if not _may_pass(message, control, permits):
            return await self._run(message, self.on_reject, self.reject, otherwise=False)
        if permits is None:
            return await self._run(message, self.on_accept, self.accept, otherwise=True)
        if not message.ending.passed:
            message.ending.add(_giving_back(permits))
            return await self._run(message, self.on_accept, self.accept, otherwise=True)
        try:  # a branch that outlived its conversation has nothing but itself to wait for
            return await self._run(message, self.on_accept, self.accept, otherwise=True)
        finally:
            permits.give_back()

    async def _run(self, message: MessageContext, key: str | None, branch: Branch | None, *, otherwise: bool) -> bool:
        if key is not None:
            return await env_of(message).sequence(key.strip()).mediate(message)
        return otherwise if branch is None else await run(branch.steps, message)

    def _permits(self, control: _Control | None, message: MessageContext) -> Permits | None:
        limit = control.policy.concurrency if control is not None else None
        if limit is None:
            return None
        permits = env_of(message).shared("throttle", self.id.strip(), lambda: Permits(limit))
        permits.limit = limit  # a new policy holds at once
        return permits

    def _control_for(self, message: MessageContext) -> _Control | None:
        if self.policy is None or self.policy.key is None:
            return self._control
        entry = message.env.entry(self.policy.key)
        if entry is None:
            raise Fault(f"there is no entry '{self.policy.key}' with the policy of throttle '{self.id}'")
        text = etree.tostring(entry) if isinstance(entry, etree._Element) else str(entry).encode()
        if text != self._control_text:
            try:
                self._control = _Control(_throttle_policy.parse(xml.decode(text)))
            except (PolicyError, DecodeError) as error:
                raise Fault(f"the policy '{self.policy.key}' of throttle '{self.id}' cannot be used: {error}") from None
            self._control_text = text
        return self._control


def _may_pass(message: MessageContext, control: _Control | None, permits: Permits | None) -> bool:
    """Whether neither the number at a time nor the rate is used up. If so, a permit is taken."""
    if permits is not None and not permits.take():
        return False
    if control is None or control.admits(message):
        return True
    if permits is not None:
        permits.give_back()
    return False


def _giving_back(permits: Permits) -> Action:
    async def give_back() -> None:
        permits.give_back()

    return give_back
