from __future__ import annotations

import pytest

from engine.endpoints.addressing import Format, content_type, with_postfix, without_way
from engine.testing.harness import Harness


@pytest.mark.parametrize(
    ("format_", "expected"),
    [
        (None, None),
        ("rest", None),
        ("get", None),
        ("pox", "application/xml"),
        ("soap11", "text/xml"),
        ("soap12", "application/soap+xml"),
    ],
)
def test_content_type(format_: Format | None, expected: str | None) -> None:
    assert content_type(format_) == expected


@pytest.mark.parametrize(
    ("uri", "postfix", "expected"),
    [
        ("http://b", None, "http://b"),
        ("http://b", "", "http://b"),
        ("http://b", "/x", "http://b/x"),
        ("http://b/", "/x", "http://b/x"),
        ("http://b", "x", "http://b/x"),
        ("http://b/", "x", "http://b/x"),
        ("http://b/base", "?y=1", "http://b/base?y=1"),
        ("http://b/base", "/x/?y=%20#", "http://b/base/x/?y=%20#"),
        ("http://b/", "/", "http://b/"),
        ("vfs:file:///out", "/x", "vfs:file:///out"),
    ],
)
def test_trap_35_rest_of_the_path(uri: str, postfix: str | None, expected: str) -> None:
    message = Harness().message(b"{}")
    message.axis2["REST_URL_POSTFIX"] = postfix
    assert with_postfix(uri, message) == expected


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("text/xml", "http://b"),
        ("application/soap+xml", "http://b"),
        ("application/xml", "http://b/x"),
        ("text/plain", "http://b/x"),
    ],
)
def test_soap_messages_have_no_rest_of_a_path(type_: str, expected: str) -> None:
    message = Harness().message(b"<a/>", type_)
    message.axis2["REST_URL_POSTFIX"] = "/x"
    assert with_postfix("http://b", message) == expected


QUEUE = "Write it as rabbitmq:/QUEUE?rabbitmq.server.port=…"
BROKER = "Send to an HTTP interface of the broker, or to a bridge; <store> keeps messages without a broker."
OTHER = "Send to what has an HTTP interface to it."
MOUNT = "Mount the remote folder, or let a tool such as rclone or lftp bring the files into a local one."


@pytest.mark.parametrize(
    ("uri", "remarks"),
    [
        ("http://b/x", []),
        ("HTTPS://b/x", []),
        ("${base}/x", []),
        ("b:9000/x", []),
        ("vfs:file:///out", []),
        ("local://services/p", []),
        ("rabbitmq:/q?rabbitmq.server.port=5672", []),
        (
            "rabbitmq:/",
            [
                (
                    "nothing can be sent there: the address names no queue.",
                    "Write it as rabbitmq:/QUEUE?rabbitmq.server.port=…",
                )
            ],
        ),
        ("jms:/q?x=y", [("nothing can be sent there: the engine has no transport jms.", BROKER)]),
        ("mailto:a@b", [("nothing can be sent there: the engine has no transport mailto.", OTHER)]),
        (
            "vfs:ftp://${host}/in",
            [
                (
                    "nothing can be sent there: the file system 'ftp' is not for this engine, which has local folders.",
                    MOUNT,
                )
            ],
        ),
    ],
)
def test_an_address_that_nothing_leads_to_is_told_at_load(uri: str, remarks: list[tuple[str, str]]) -> None:
    assert list(without_way(uri)) == remarks


def test_the_remark_stands_at_the_address() -> None:
    [problem] = Harness().problems('<send><endpoint><address uri="jms:/q"/></endpoint></send>')
    assert "warning[no-effect]: <address>: nothing can be sent there: the engine has no transport jms." in problem
