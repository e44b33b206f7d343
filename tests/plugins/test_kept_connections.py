from __future__ import annotations

from engine.plugins import kept_connections
from engine.plugins.connection import Connection
from engine.plugins.kept_connections import KeptConnections
from engine.plugins.settings import Settings

FIRST, SECOND = Connection("https://first.example"), Connection("https://second.example")


def test_the_same_texts_give_the_same_connection() -> None:
    kept = KeptConnections()
    kept.keep(("a", None), FIRST)
    assert kept.get(("a", None)) is FIRST
    assert kept.get(("a", "")) is None


def test_other_settings_forget_all() -> None:
    kept, slow = KeptConnections(), Settings(timeout=60)
    kept.keep(("a",), FIRST)
    assert kept.get(("a",), slow) is None
    kept.keep(("a",), SECOND, slow)
    assert kept.get(("a",), slow) is SECOND
    assert kept.get(("a",)) is None


def test_what_was_made_under_settings_that_are_gone_is_not_kept() -> None:
    kept, before, after = KeptConnections(), Settings(timeout=1), Settings(timeout=2)
    assert kept.get(("a",), before) is None
    assert kept.get(("b",), after) is None
    kept.keep(("a",), FIRST, before)
    assert kept.get(("a",), after) is None


def test_those_used_least_lately_are_forgotten() -> None:
    kept = KeptConnections()
    for number in range(kept_connections.MOST):
        kept.keep((str(number),), FIRST)
    kept.get(("0",))
    kept.keep(("one more",), SECOND)
    assert [kept.get((name,)) for name in ("0", "1", "one more")] == [FIRST, None, SECOND]
