"""Malformed answers through a whole engine: the client gets one answer, and what follows is unharmed."""

from __future__ import annotations

import contextlib
import re
import threading
from dataclasses import dataclass
from typing import Any

import pytest

from tests.malformed_answers import CHUNKED, HEAD, MALFORMED, TWO

SECOND = b"HTTP/1.1 200 OK\r\nX-Second: yes\r\nContent-Length: 8\r\n\r\nsmuggled"
"""What a second reader of the bytes would take for an answer."""

ONE_ANSWER: dict[str, tuple[bytes, int, bytes]] = {
    "two answers": (HEAD + TWO + SECOND, 200, b"ok"),
    "two answers, the first in chunks": (CHUNKED + b"2\r\nok\r\n0\r\n\r\n" + SECOND, 200, b"ok"),
    "an answer behind an empty one": (HEAD + b"Content-Length: 0\r\n\r\n" + SECOND, 200, b""),
    "an answer behind 204": (b"HTTP/1.1 204 No Content\r\n\r\n" + SECOND, 204, b""),
    "204 with a length and a body": (b"HTTP/1.1 204 No Content\r\nContent-Length: 8\r\n\r\nsmuggled", 204, b""),
    "204 in chunks": (
        b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nsmuggled\r\n0\r\n\r\n",
        204,
        b"",
    ),
    "304 with a body": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 8\r\n\r\nsmuggled", 304, b""),
    "a length that is too small": (HEAD + TWO + b"surplus", 200, b"ok"),
    "the beginning of an answer behind": (HEAD + TWO + b"HTTP/1.", 200, b"ok"),
    "something behind close": (HEAD + b"Connection: close\r\n" + TWO + SECOND, 200, b"ok"),
    "HTTP/1.0 in chunks": (
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        200,
        b"ok",
    ),
}
"""Answers of which the client gets the first, with its status and body, and nobody the rest."""

BROKEN_OFF: dict[str, tuple[bytes, bytes]] = {
    "a bad chunk size": (CHUNKED + b"2\r\nok\r\n", b"zz\r\n"),
    "a chunk longer than said": (CHUNKED + b"2\r\nok\r\n", b"1\r\nab\r\n"),
    "a chunk without an end of line": (CHUNKED + b"2\r\nok", b"0\r\n\r\n"),
    "an answer in place of a chunk": (CHUNKED + b"2\r\nok\r\n", SECOND),
    "a bad trailer": (CHUNKED + b"2\r\nok\r\n", b"0\r\nX Y: a\r\n\r\n"),
}
"""Answers whose fault comes after their head has gone to the client: it must see that they are not whole."""


@dataclass
class Setting:
    engine: Any
    back_end: Any

    def request(self, path: str) -> bytes:
        head = f"POST /services/p/{path} HTTP/1.1\r\nHost: h\r\nactivityid: row-{path}\r\n"
        return f"{head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}".encode()

    def log_of(self, path: str) -> list[str]:
        return [line for line in self.engine.log().splitlines() if f"row-{path}: " in line]

    def last_connection(self, path: str) -> str:
        """The number of the back end's connection on which it was asked for ``path``, and that only once."""
        numbers = [each.header("connection-number") for each in self.back_end.requests if each.target == f"/b/{path}"]
        assert len(numbers) == 1
        return str(numbers[0])


@pytest.fixture(scope="module")
def setting(start: Any, back_end: Any) -> Setting:
    never = "<suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure>"
    flow = (
        '<proxy xmlns="http://ws.apache.org/ns/synapse" name="p"><target><endpoint name="odd">'
        f'<address uri="{back_end.url}/b">{never}<markForSuspension><errorCodes>-1</errorCodes></markForSuspension>'
        "</address></endpoint></target></proxy>"
    )
    return Setting(start({"a.xml": flow}), back_end)


def slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower())


def assert_unharmed(setting: Setting, client: Any, path: str) -> None:
    """The next request gets its own answer, on another connection than the one of ``path``."""
    client.send(setting.request(f"{path}-next"))
    answer = client.answer()
    assert (answer.status, answer.body) == (200, b"{}")
    assert setting.last_connection(path) != setting.last_connection(f"{path}-next")


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_answer_is_a_502(setting: Setting, name: str) -> None:
    path, (pieces, reason) = slug(f"bad {name}"), MALFORMED[name]
    setting.back_end.on(f"/b/{path}", lambda _, connection: [connection.send(piece) for piece in pieces])
    client = setting.engine.connect()
    client.send(setting.request(f"{path}-before"))  # so that the malformed one comes on a connection in use
    assert client.answer().status == 200
    client.send(setting.request(path))
    answer = client.answer()
    assert answer.status == 502
    assert b'"code":101506' in answer.body
    assert b"answered something that is not HTTP/1.1: " in answer.body
    assert setting.last_connection(f"{path}-before") == setting.last_connection(path)
    assert_unharmed(setting, client, path)
    client.close()
    told = setting.log_of(path)
    assert len(told) == 1
    assert reason in told[0]
    assert "endpoint 'odd'" in told[0]


@pytest.mark.parametrize("name", ONE_ANSWER)
def test_two_answers_are_one(setting: Setting, name: str) -> None:
    path, (data, status, body) = slug(f"one {name}"), ONE_ANSWER[name]
    setting.back_end.on(f"/b/{path}", lambda _, connection: connection.send(data))
    client = setting.engine.connect()
    client.send(setting.request(path))
    answer = client.answer()
    assert (answer.status, answer.body) == (status, body)
    assert answer.header("x-second") is None
    assert_unharmed(setting, client, path)
    client.close()


def test_an_answer_that_nobody_asked_for(setting: Setting) -> None:
    """It comes when the answer before it is long done, and the connection rests."""
    go, closed = threading.Event(), threading.Event()

    def script(_: Any, connection: Any) -> None:
        connection.send(HEAD + TWO)
        go.wait(10)
        connection.send(SECOND)
        with contextlib.suppress(ConnectionError):
            connection.rfile.read(1)
        closed.set()

    setting.back_end.on("/b/late", script)
    client = setting.engine.connect()
    client.send(setting.request("late"))
    assert client.answer().body == b"ok"
    go.set()
    assert closed.wait(10)
    assert_unharmed(setting, client, "late")
    client.close()


@pytest.mark.parametrize("name", BROKEN_OFF)
def test_an_answer_that_turns_bad_is_broken_off(setting: Setting, name: str, until: Any) -> None:
    path, (good, bad) = slug(f"off {name}"), BROKEN_OFF[name]
    go = threading.Event()

    def script(_: Any, connection: Any) -> None:
        connection.send(good)
        go.wait(10)
        connection.send(bad)

    setting.back_end.on(f"/b/{path}", script)
    client = setting.engine.connect()
    client.send(setting.request(path))
    received = client.stream.readline()
    while not received.endswith(b"2\r\nok\r\n"):
        received += client.stream.readline()
    go.set()
    rest = client.rest()
    assert not rest.endswith(b"0\r\n\r\n")  # no last chunk: it is not whole
    assert b"smuggled" not in rest
    assert received.count(b"HTTP/1.1 ") == 1
    client.close()
    told = until(lambda: setting.log_of(path))
    assert len(told) == 1
    assert "not HTTP/1.1" in told[0]
    assert "endpoint 'odd'" in told[0]
    again = setting.engine.connect()
    assert_unharmed(setting, again, path)
    again.close()
