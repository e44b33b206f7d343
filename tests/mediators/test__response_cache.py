from __future__ import annotations

import time

import pytest

from engine.mediators import _response_cache
from engine.mediators._response_cache import CachedResponse, ResponseCache


def _response(body: bytes = b"x", fetched: float = 0.0) -> CachedResponse:
    return CachedResponse(200, "OK", [(b"etag", b'"1"'), (b"etag", b'"2"')], "text/plain", body, fetched)


def test_the_least_recently_used_goes_first() -> None:
    cache = ResponseCache(2)
    cache.put("a", _response(), 60)
    cache.put("b", _response(), 60)
    assert cache.get("a") is not None
    cache.put("c", _response(), 60)
    assert [key for key in "abc" if cache.get(key)] == ["a", "c"]


def test_an_answer_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = ResponseCache(2)
    cache.put("a", _response(), 5)
    now = time.monotonic()
    monkeypatch.setattr(_response_cache.time, "monotonic", lambda: now + 4)
    assert cache.get("a") is not None
    monkeypatch.setattr(_response_cache.time, "monotonic", lambda: now + 6)
    assert cache.get("a") is None
    assert len(cache) == 0


def test_no_time_is_no_keeping() -> None:
    cache = ResponseCache(2)
    cache.put("a", _response(), 0)
    assert cache.get("a") is None


def test_bodies_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_response_cache, "MAX_BYTES", 10)
    cache = ResponseCache(100)
    for key in "abc":
        cache.put(key, _response(b"1234"), 60)
    assert [key for key in "abc" if cache.get(key)] == ["b", "c"]
    cache.put("b", _response(b"123456"), 60)
    assert [key for key in "abc" if cache.get(key)] == ["b", "c"]
    cache.put("d", _response(b"12345678901"), 60)
    assert len(cache) == 0


@pytest.mark.parametrize("size", [0, 1])
def test_sizes_at_the_edge(size: int) -> None:
    cache = ResponseCache(size)
    cache.put("a", _response(), 60)
    cache.put("b", _response(), 60)
    assert len(cache) == size


def test_age_counts_whole_seconds_and_never_backwards() -> None:
    assert _response(fetched=time.time() - 7.5).age == 7
    assert _response(fetched=time.time() + 100).age == 0


def test_the_first_of_repeated_headers() -> None:
    assert _response().header(b"etag") == '"1"'
    assert _response().header(b"age") == ""
