from __future__ import annotations

import pytest

from engine.endpoints.addressing import Format, content_type, with_postfix
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
