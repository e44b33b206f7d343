from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.message.headers import Headers


def test_names_are_compared_without_case() -> None:
    # Synapse trap 13.
    headers = Headers([(b"content-type", b"text/plain")])
    assert headers.get("content-TYPE") == "text/plain"
    assert "CONTENT-type" in headers
    assert "Content" not in headers
    assert headers.get("Content") is None


def test_names_become_lower_case() -> None:
    headers = Headers()
    headers.set("X-A", "1")
    headers.add("X-B", "2")
    assert headers.raw == [(b"x-a", b"1"), (b"x-b", b"2")]


def test_repeated_names_keep_their_order() -> None:
    headers = Headers([(b"set-cookie", b"a=1"), (b"x", b"y")])
    headers.add("Set-Cookie", "b=2")
    assert headers.get("set-cookie") == "a=1"
    assert headers.get_all("SET-COOKIE") == ["a=1", "b=2"]
    assert list(headers) == [("set-cookie", "a=1"), ("x", "y"), ("set-cookie", "b=2")]
    assert len(headers) == 3


def test_set_replaces_all_values() -> None:
    headers = Headers([(b"x-a", b"1"), (b"y", b"2"), (b"x-a", b"3")])
    headers.set("X-a", "4")
    assert list(headers) == [("y", "2"), ("x-a", "4")]


def test_remove() -> None:
    headers = Headers([(b"x-a", b"1"), (b"y", b"2"), (b"x-a", b"3")])
    headers.remove("X-A")
    headers.remove("absent")
    assert list(headers) == [("y", "2")]


def test_without_gives_raw_pairs() -> None:
    headers = Headers([(b"host", b"h"), (b"x", b"1")])
    assert len(headers) == 2


def test_a_copy_is_independent() -> None:
    raw = [(b"x", b"1")]
    headers = Headers(raw)
    twin = headers.copy()
    twin.set("X", "2")
    headers.add("Y", "3")
    assert (headers.get("X"), twin.get("X"), "Y" in twin, raw) == ("1", "2", False, [(b"x", b"1")])


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        ("plain", b"plain"),
        ("é", b"\xe9"),
        ("€", b"\xe2\x82\xac"),
        ("\ud800", b"?"),
        ("a\tb", b"a\tb"),
        ("x\r\nEvil: 1", b"x  Evil: 1"),
        ("x\0y\x7fz", b"x y z"),
    ],
)
def test_values_on_the_wire(value: str, raw: bytes) -> None:
    headers = Headers()
    headers.set("X", value)
    headers.add("X", value)
    assert headers.raw == [(b"x", raw), (b"x", raw)]


def test_repr_shows_the_pairs() -> None:
    assert repr(Headers([(b"x", b"1")])) == "Headers([('x', '1')])"


@given(st.text(max_size=8), st.text(max_size=12))
def test_nothing_begins_another_header(name: str, value: str) -> None:
    headers = Headers()
    headers.set(name, value)
    assert headers.get(name) is not None
    line = b"".join(name + b":" + value for name, value in headers.raw)
    assert not any(character in line for character in b"\r\n\0")
    assert not any(character in name for name, _ in headers.raw for character in b": \t()")


def test_the_first_value_as_it_came() -> None:
    headers = Headers([(b"a", b"1"), (b"b", b"\xff"), (b"a", b"2")])
    assert (headers.first(b"a"), headers.first(b"b"), headers.first(b"c")) == (b"1", b"\xff", b"")


ILLEGAL = ["", "a b", "a:b", "a:", " a", "a\tb", "a\r\nb", "a\0", "é", "€", "a(b)", "a" * 257]


@pytest.mark.parametrize("name", ILLEGAL)
def test_what_has_no_legal_name_can_be_read_and_is_not_sent(name: str) -> None:
    headers = Headers([(b"x", b"1")])
    headers.set(name, "v")
    headers.add(name, "w")
    assert (headers.get(name), headers.get_all(name), name in headers) == ("w", ["w"], True)
    assert headers.raw == headers.copy().raw == [(b"x", b"1")]


def test_an_illegal_name_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    for value in "12":
        Headers().set("Consumer Key\r\nX: é", value)
    assert caplog.messages == [r"the header 'Consumer Key\r\nX: \xe9' is not sent: HTTP allows no such name"]


def test_removing_what_has_no_legal_name() -> None:
    headers = Headers()
    headers.set("Consumer Key", "v")
    twin = headers.copy()
    headers.remove("CONSUMER KEY")
    assert (headers.get("Consumer Key"), twin.get("Consumer Key")) == (None, "v")
    twin.clear()
    assert "Consumer Key" not in twin


def test_clear() -> None:
    headers = Headers([(b"x", b"1")])
    headers.clear()
    assert headers.raw == []


def test_what_is_set_may_be_a_coding() -> None:
    headers = Headers([(b"a", b"1")])
    headers.is_plain = True
    headers.remove("a")
    assert headers.is_plain
    headers.set("Content-Encoding", "gzip")
    assert not headers.is_plain
