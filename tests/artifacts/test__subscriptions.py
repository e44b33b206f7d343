from __future__ import annotations

import pytest

from engine.artifacts import _subscriptions
from engine.artifacts._subscriptions import Subscription, Subscriptions, expiry, shown
from engine.errors import Fault


@pytest.mark.parametrize(
    ("topic", "wanted"), [("a/b", True), ("a/b/c", True), ("a", False), ("a/bc", False), ("", False)]
)
def test_topics(topic: str, wanted: bool) -> None:
    assert Subscription("1", "http://x", "a/b").wants(topic) is wanted


def test_they_end_when_their_time_is_over() -> None:
    now = [100.0]
    subscriptions = Subscriptions(lambda: now[0])
    short, forever = subscriptions.add("http://a", "t", 110.0), subscriptions.add("http://b", "t", None)
    assert [each.address for each in subscriptions] == ["http://a", "http://b"]
    assert subscriptions.renew(short.id, 120.0).expires == 120.0
    now[0] = 120.0
    assert list(subscriptions) == [forever]
    for act in (subscriptions.get, subscriptions.remove, lambda id_: subscriptions.renew(id_, None)):
        with pytest.raises(Fault, match="there is no subscription"):
            act(short.id)
    subscriptions.remove(forever.id)
    assert list(subscriptions) == []


def test_their_number_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_subscriptions, "LIMIT", 1)
    subscriptions = Subscriptions(lambda: 0.0)
    subscriptions.add("http://a", "t", None)
    with pytest.raises(Fault) as raised:
        subscriptions.add("http://a", "t", None)
    assert raised.value.status == 503


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("", None),
        ("*", None),
        ("PT10S", 110.0),
        ("P1DT1H1M1.5S", 100.0 + 86_400 + 3_600 + 60 + 1.5),
        ("1970-01-01T00:05:00Z", 300.0),
        ("1970-01-01T01:05:00+01:00", 300.0),
    ],
)
def test_ends(text: str, end: float | None) -> None:
    assert expiry(text, 100.0) == end


@pytest.mark.parametrize(
    "text",
    ["P", "soon", "10", "P9999Y", f"P{'9' * 400}Y", "PT٣S", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"],
)
def test_what_is_no_end(text: str) -> None:
    with pytest.raises(Fault, match="neither"):
        expiry(text, 0.0)


def test_shown() -> None:
    assert (shown(None), shown(300.0)) == ("*", "1970-01-01T00:05:00Z")
