from __future__ import annotations

import pytest

from engine.transports.http_out_answer import Violation, announced_length, begins_login, names_fields, reason_text


def test_the_reason_phrase() -> None:
    assert reason_text(b"Not F\xe9und\t!") == "Not Féund\t!"
    with pytest.raises(Violation, match="control characters"):
        reason_text(b"OK\x1b[31m")


def test_the_announced_length() -> None:
    assert announced_length([(b"a", b"1"), (b"content-length", b"12")]) == 12
    assert announced_length([(b"a", b"1")]) is None


@pytest.mark.parametrize(
    ("value", "names"), [(b"close", False), (b"Keep-Alive", False), (b"close, x-a", True), (b"x-a", True)]
)
def test_whether_connection_names_other_headers(value: bytes, names: bool) -> None:
    assert names_fields(value) is names


@pytest.mark.parametrize(
    ("challenge", "begins"),
    [
        (b"NTLM", True),
        (b"NTLM TlRMTVNTUAAC", True),
        (b'Basic realm="a", negotiate', True),
        (b'Basic realm="NTLM"', False),
        (b"Bearer", False),
    ],
)
def test_logins_of_connections(challenge: bytes, begins: bool) -> None:
    assert begins_login([(b"x", b"NTLM"), (b"www-authenticate", challenge)]) is begins
