"""Which id a request has."""

from __future__ import annotations

import pytest

from engine.testing.wire import PlayedConnection
from engine.transports.http_in_correlation import correlate
from engine.transports.http_in_cycle import Cycle

HOST = (b"host", b"a")


@pytest.mark.parametrize("name", [b"activityid", b"x-correlation-id"])
def test_an_id_that_is_safe_stays(name: bytes) -> None:
    headers = [HOST, (name, b"order-1")]
    cycle = Cycle(PlayedConnection(), "GET", "/", list(headers))
    cycle.correlation = (name, b"order-1")
    assert correlate(cycle, makes=True) == b"order-1"
    assert (cycle.correlation, cycle.headers) == ((name, b"order-1"), headers)


@pytest.mark.parametrize("given", [None, b"a b", b"", b"\x1b[31m", b"x" * 129])
def test_else_it_gets_one(given: bytes | None) -> None:
    cycle = Cycle(PlayedConnection(), "GET", "/", [HOST])
    if given is not None:
        cycle.correlation = (b"x-correlation-id", given)
        cycle.headers.append(cycle.correlation)
    own = correlate(cycle, makes=True)
    assert cycle.correlation == (b"activityid", own)
    assert cycle.headers == [HOST, cycle.correlation]
    assert own != given


@pytest.mark.parametrize(("given", "kept"), [(b"order-1", b"order-1"), (b"a b", b""), (None, b"")])
def test_none_is_made_unless_it_shall(given: bytes | None, kept: bytes) -> None:
    cycle = Cycle(PlayedConnection(), "GET", "/", [HOST])
    if given is not None:
        cycle.correlation = (b"x-correlation-id", given)
        cycle.headers.append(cycle.correlation)
    assert correlate(cycle, makes=False) == kept
    assert cycle.headers == ([HOST, (b"x-correlation-id", kept)] if kept else [HOST])
    assert cycle.correlation == ((b"x-correlation-id", kept) if kept else None)
