from __future__ import annotations

import pytest

from engine.plugins.error_map import MappedError, fault_of
from engine.testing.harness import response

ERRORS = (
    MappedError("404", "GONE", "error.text"),
    MappedError("4xx", "REFUSED"),
    MappedError("200", "NO", "reason", b'"ok":false'),
)


@pytest.mark.parametrize(
    ("status", "body", "code", "message", "answered"),
    [
        (404, b'{"error": {"text": "no such thing"}}', "GONE", "acme: no such thing", 404),
        (404, b'{"error": 1}', "GONE", "acme: status 404", 404),
        (404, b"<html>", "GONE", "acme: status 404", 404),
        (422, b'{"error": {"text": "x"}}', "REFUSED", "acme: status 422", 422),
        (200, b'{"ok":false,"reason":"closed"}', "NO", "acme: closed", 502),
        (404, b'{"error": {"text": {"a": 1}}}', "GONE", 'acme: {"a":1}', 404),
    ],
)
def test_answers_that_are_faults(status: int, body: bytes, code: str, message: str, answered: int) -> None:
    fault = fault_of(response(status, body), ERRORS, "acme")
    assert fault is not None
    assert (fault.code, fault.message, fault.status) == (code, message, answered)


@pytest.mark.parametrize(("status", "body"), [(200, b'{"ok":true}'), (503, b""), (302, b"")])
def test_answers_that_go_on(status: int, body: bytes) -> None:
    assert fault_of(response(status, body), ERRORS, "acme") is None


def test_the_apis_words_are_cut() -> None:
    fault = fault_of(response(404, b'{"error": {"text": "%s"}}' % (b"x" * 9999)), ERRORS, "acme")
    assert fault is not None
    assert len(fault.message) == len("acme: ") + 500
