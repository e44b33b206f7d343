"""The WS-Policy of ``<throttle>``: who may call how often, and how many at a time.

    <wsp:Policy>
      <throttle:MediatorThrottleAssertion>
        <throttle:MaximumConcurrentAccess>10</throttle:MaximumConcurrentAccess>
        <wsp:Policy>
          <throttle:ID throttle:type="IP">10.0.0.1-10.0.0.9</throttle:ID>
          <wsp:Policy>
            <throttle:Control>
              <wsp:Policy>
                <throttle:MaximumCount>4</throttle:MaximumCount>
                <throttle:UnitTime>800000</throttle:UnitTime>
                <throttle:ProhibitTimePeriod>1000</throttle:ProhibitTimePeriod>
    …

``<throttle:Allow/>`` or ``<throttle:Deny/>`` may stand in place of Control. The old form has ThrottleAssertion, wsp:All
and wsp:ExactlyOne, of which the first alternative counts. Times are in milliseconds.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal

from engine.mediators._throttle_rate import Rate
from engine.message.codecs.xml import Element

NAMESPACE = "http://www.wso2.org/products/wso2commons/throttle"
OTHER = "other"
"""The id of callers that no other entry names."""

Verdict = Literal["allow", "deny"] | Rate

_ASSERTIONS = ("MediatorThrottleAssertion", "ThrottleAssertion")
_TYPES = ("IP", "DOMAIN")


class PolicyError(ValueError):
    """The policy cannot be used; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Callers:
    """Verdicts by caller id, in the order of the policy."""

    verdicts: dict[str, Verdict]

    def of_ip(self, ip: str) -> str | None:
        """The id that names an address: itself, a range of addresses, its network ``10.0.0.*``, ``other``."""
        if ip in self.verdicts:
            return ip
        ranges = (id_ for id_ in self.verdicts if "-" in id_ and _in_range(ip, id_))
        return next(ranges, None) or self._known(f"{ip.rpartition('.')[0]}.*") or self._known(OTHER)

    def of_domain(self, domain: str) -> str | None:
        """The id that names a domain: itself, ``*.`` and the rest of it, its parents alike, ``other``."""
        if domain in self.verdicts:
            return domain
        rest = domain
        while rest:
            _, _, rest = rest.partition(".")
            if (found := self._known(f"*.{rest}") or self._known(rest)) is not None:
                return found
        return self._known(OTHER)

    def _known(self, id_: str) -> str | None:
        return id_ if id_ in self.verdicts else None


@dataclass(frozen=True, slots=True)
class Policy:
    """``concurrency`` messages at a time (None: any number), and verdicts by address and by domain."""

    concurrency: int | None
    by_ip: Callers
    by_domain: Callers


def parse(root: Element) -> Policy:
    """The policy in an XML document. Raises PolicyError."""
    assertion = next((each for name in _ASSERTIONS for each in root.iter(_throttle(name))), None)
    if assertion is None:
        raise PolicyError(f"there is no <MediatorThrottleAssertion> of the namespace {NAMESPACE}")
    concurrency: int | None = None
    verdicts: dict[str, dict[str, Verdict]] = {type_: {} for type_ in _TYPES}
    for part in assertion.iterchildren("*"):
        if part.tag == _throttle("MaximumConcurrentAccess"):
            # The reference takes a limit of 0 for none.
            concurrency = _number(part) or None
            continue
        id_ = part.find(_throttle("ID"))
        if id_ is None:
            raise PolicyError(f"<{_local(part)}> has no <ID>")
        verdicts[_type_of(id_)][_caller(id_)] = _verdict(part)
    return Policy(concurrency, Callers(verdicts["IP"]), Callers(verdicts["DOMAIN"]))


def _type_of(id_: Element) -> str:
    type_ = id_.get(_throttle("type"))
    if type_ not in _TYPES:
        raise PolicyError(f"the type of <ID> is '{type_ or ''}'; it must be one of {', '.join(_TYPES)}")
    return type_


def _caller(id_: Element) -> str:
    text = (id_.text or "").strip()
    if not text:
        raise PolicyError("an <ID> is empty")
    if text.lower() == OTHER:
        return OTHER
    if "-" in text and id_.get(_throttle("type")) == "IP":
        for end in text.split("-"):
            if _address(end) is None:
                raise PolicyError(f"'{end.strip()}' of the range '{text}' is no IP address")
    return text


def _verdict(part: Element) -> Verdict:
    """What the first of allow, deny and control says."""
    for each in part.iter("*"):
        if each.tag == _throttle("Allow"):
            return "allow"
        if each.tag == _throttle("Deny"):
            return "deny"
        if each.tag == _throttle("IsAllow"):
            return "allow" if (each.text or "").strip() == "true" else "deny"
        if each.tag in (_throttle("Control"), _throttle("MaximumCount"), _throttle("UnitTime")):
            return _rate(part)
    raise PolicyError("a caller has none of <Allow>, <Deny> and <Control>")


def _rate(part: Element) -> Rate:
    values = {}
    for name in ("MaximumCount", "UnitTime", "ProhibitTimePeriod"):
        found = next(part.iter(_throttle(name)), None)
        values[name] = _number(found) if found is not None and (found.text or "").strip() else None
    count, unit, prohibited = values.values()
    if count is None or not unit:
        raise PolicyError("<Control> needs <MaximumCount> and a <UnitTime> above 0")
    return Rate(count, unit / 1000, (prohibited or 0) / 1000)


def _number(element: Element) -> int:
    text = (element.text or "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise PolicyError(f"<{_local(element)}> is '{text[:80]}', not a whole number")
    return int(text)


def _in_range(ip: str, range_: str) -> bool:
    first, _, last = range_.partition("-")
    low, address, high = _address(first), _address(ip), _address(last)
    if low is None or address is None or high is None or not low.version == address.version == high.version:
        return False
    return int(low) <= int(address) <= int(high)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


def _throttle(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
