from __future__ import annotations

import pytest

from engine.mediators._throttle_policy import NAMESPACE, Callers, Policy, PolicyError, parse
from engine.mediators._throttle_rate import Rate
from engine.message.codecs import xml

CONTROL = (
    "<t:Control><w:Policy><t:MaximumCount>4</t:MaximumCount><t:UnitTime>800000</t:UnitTime>"
    "<t:ProhibitTimePeriod w:Optional='true'>1000\n</t:ProhibitTimePeriod></w:Policy></t:Control>"
)


def _parse(inside: str, assertion: str = "MediatorThrottleAssertion") -> Policy:
    text = (
        f'<w:Policy xmlns:w="http://schemas.xmlsoap.org/ws/2004/09/policy" xmlns:t="{NAMESPACE}">'
        f"<t:{assertion}>{inside}</t:{assertion}></w:Policy>"
    )
    return parse(xml.decode(text.encode()))


def _caller(id_: str, verdict: str, type_: str = "IP") -> str:
    return f'<w:Policy><t:ID t:type="{type_}">{id_}</t:ID><w:Policy>{verdict}</w:Policy></w:Policy>'


def test_every_kind_of_entry() -> None:
    policy = _parse(
        "<t:MaximumConcurrentAccess>10</t:MaximumConcurrentAccess>"
        + _caller("other", CONTROL)
        + _caller("10.0.0.1 - 10.0.0.9", "<t:Deny/>")
        + _caller("*.example.com", "<t:Allow/>", "DOMAIN")
    )
    assert policy == Policy(
        10,
        Callers({"other": Rate(4, 800.0, 1.0), "10.0.0.1 - 10.0.0.9": "deny"}),
        Callers({"*.example.com": "allow"}),
    )


@pytest.mark.parametrize(
    ("alternatives", "verdict"),
    [
        (
            "<w:All><t:MaximumCount>4</t:MaximumCount><t:UnitTime>5000</t:UnitTime>"
            "<t:ProhibitTimePeriod w:Optional='true'></t:ProhibitTimePeriod></w:All><t:IsAllow>true</t:IsAllow>",
            Rate(4, 5.0, 0.0),
        ),
        ("<t:IsAllow>true</t:IsAllow><w:All><t:MaximumCount>4</t:MaximumCount></w:All>", "allow"),
        ("<t:IsAllow>false</t:IsAllow>", "deny"),
    ],
)
def test_of_the_old_form_the_first_alternative_counts(alternatives: str, verdict: object) -> None:
    old = f'<w:All><t:ID t:type="IP">Other</t:ID><w:ExactlyOne>{alternatives}</w:ExactlyOne></w:All>'
    assert _parse(old, "ThrottleAssertion").by_ip.verdicts == {"other": verdict}


def test_a_limit_of_none_at_a_time_is_no_limit() -> None:
    assert _parse("<t:MaximumConcurrentAccess>0</t:MaximumConcurrentAccess>").concurrency is None


@pytest.mark.parametrize(
    ("ip", "id_"),
    [
        ("10.0.0.5", "10.0.0.5"),
        ("10.0.0.1", "10.0.0.1-10.0.0.9"),
        ("10.0.0.9", "10.0.0.1-10.0.0.9"),
        ("10.0.0.10", "10.0.0.*"),
        ("10.0.1.1", "other"),
        ("::1", "other"),
        ("fd00::7", "fd00::5-fd00::9"),
        ("unknown", "other"),
        ("", "other"),
    ],
)
def test_the_nearest_entry_for_an_address(ip: str, id_: str) -> None:
    ids = ["other", "10.0.0.*", "10.0.0.1-10.0.0.9", "fd00::5-fd00::9", "10.0.0.5"]
    assert Callers(dict.fromkeys(ids, "allow")).of_ip(ip) == id_


@pytest.mark.parametrize(
    ("domain", "id_"),
    [
        ("www.example.com", "www.example.com"),
        ("ftp.example.com", "*.example.com"),
        ("a.b.example.com", "*.example.com"),
        ("sub.plain.org", "plain.org"),
        ("host.net", "*.net"),
        ("localhost", "other"),
    ],
)
def test_the_nearest_entry_for_a_domain(domain: str, id_: str) -> None:
    ids = ["www.example.com", "*.example.com", "plain.org", "*.net", "other"]
    assert Callers(dict.fromkeys(ids, "allow")).of_domain(domain) == id_


def test_without_an_entry_for_others_there_may_be_none() -> None:
    assert Callers({}).of_ip("10.0.0.1") is None
    assert Callers({}).of_domain("a.b") is None


@pytest.mark.parametrize(
    ("inside", "error"),
    [
        ("<w:Policy/>", "<Policy> has no <ID>"),
        (_caller("", "<t:Allow/>"), "an <ID> is empty"),
        (_caller("x", "<t:Allow/>", "ROLE"), "the type of <ID> is 'ROLE'; it must be one of IP, DOMAIN"),
        (_caller("x", ""), "a caller has none of <Allow>, <Deny> and <Control>"),
        (_caller("1.2.3.4-x", "<t:Allow/>"), "'x' of the range '1.2.3.4-x' is no IP address"),
        (_caller("x", "<t:Control/>"), "<Control> needs <MaximumCount> and a <UnitTime> above 0"),
        (_caller("x", CONTROL.replace("800000", "0")), "<Control> needs"),
        (_caller("x", CONTROL.replace("800000", "soon")), "<UnitTime> is 'soon', not a whole number"),
        ("<t:MaximumConcurrentAccess>-1</t:MaximumConcurrentAccess>", "is '-1', not a whole number"),
    ],
)
def test_mistakes_are_told(inside: str, error: str) -> None:
    with pytest.raises(PolicyError, match=error.replace("(", r"\(")):
        _parse(inside)


def test_another_document_is_none() -> None:
    with pytest.raises(PolicyError, match="there is no <MediatorThrottleAssertion>"):
        parse(xml.decode(b"<a/>"))
