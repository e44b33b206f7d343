from __future__ import annotations

import pytest

from engine.core.client_targets import LOOPBACK, check, for_server
from engine.errors import Fault


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("http://localhost:9000/a", [LOOPBACK]),
        ("https://127.0.0.1/", [LOOPBACK]),
        ("http://[::1]:80", [LOOPBACK]),
        ("http://orders.test:8080/a?b", ["orders.test"]),
        ("http://ORDERS.test/a", ["orders.test"]),
        ("http://orders.test:8080/a", ["orders.test:8080"]),
        ("http://[2001:db8::7]:8080/a", ["[2001:db8::7]:8080"]),
        ("http://anything.test/", ["*"]),
    ],
)
def test_allowed(address: str, allowed: list[str]) -> None:
    check(address, allowed)


@pytest.mark.parametrize(
    ("address", "allowed", "status"),
    [
        ("http://localhost/", [], 403),
        ("http://localhost/", ["orders.test"], 403),
        ("http://orders.test:81/", ["orders.test:80"], 403),
        ("http://orders.test.evil.test/", ["orders.test"], 403),
        ("http://evil.test/orders.test", ["orders.test"], 403),
        ("http://orders.test@evil.test/", ["orders.test"], 403),
        ("http://evil.test#@orders.test/", ["orders.test"], 403),
        ("http://127.0.0.2/", [LOOPBACK], 403),
        ("http://169.254.169.254/", [LOOPBACK], 403),
        ("http://localhost:x/", ["*"], 400),
        ("http:///x", ["*"], 400),
        ("file:///etc/passwd", ["*"], 400),
        ("vfs:file:///tmp/x", ["*"], 400),
        ("", ["*"], 400),
    ],
)
def test_refused(address: str, allowed: list[str], status: int) -> None:
    with pytest.raises(Fault) as raised:
        check(address, allowed)
    assert raised.value.status == status


def test_what_to_do_is_said() -> None:
    with pytest.raises(Fault) as raised:
        check("http://orders.test/", [])
    assert raised.value.message == "clients may not have the engine send to 'orders.test'"
    assert raised.value.detail == (
        "Let the flow set the header To, or allow 'orders.test' under limits: client_targets in myelin.yaml."
    )


@pytest.mark.parametrize(
    ("host", "left"),
    [("127.0.0.1", [LOOPBACK, "a"]), ("::1", [LOOPBACK, "a"]), ("0.0.0.0", ["a"]), ("10.1.1.1", ["a"])],
)
def test_who_listens_to_others_is_no_way_to_this_machine(host: str, left: list[str]) -> None:
    assert for_server([LOOPBACK, "a"], host) == left
