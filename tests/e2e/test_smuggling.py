"""Malformed messages, byte for byte: none reaches the back end as two requests, or the client as two answers."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

POST = b"POST /services/p HTTP/1.1\r\nHost: h\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
INNER = b"GET /services/p/smuggled HTTP/1.1\r\nHost: h\r\n\r\n"
"""What a second reader of the bytes would take for a request."""
SIZE = b"%d" % len(INNER)

REFUSED: dict[str, bytes] = {
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: " + SIZE + b"\r\n\r\n" + INNER,
    "two equal lengths": POST + (b"Content-Length: " + SIZE + b"\r\n") * 2 + b"\r\n" + INNER,
    "list of lengths": POST + b"Content-Length: 0, " + SIZE + b"\r\n\r\n" + INNER,
    "negative length": POST + b"Content-Length: -1\r\n\r\n" + INNER,
    "signed length": POST + b"Content-Length: +0\r\n\r\n" + INNER,
    "hexadecimal length": POST + b"Content-Length: 0x0\r\n\r\n" + INNER,
    "length of letters": POST + b"Content-Length: abc\r\n\r\n" + INNER,
    "length with a space within": POST + b"Content-Length: 0 1\r\n\r\n" + INNER,
    "empty length": POST + b"Content-Length:\r\n\r\n" + INNER,
    "huge length": POST + b"Content-Length: 99999999999999999999999\r\n\r\n" + INNER,
    "length, then chunked": POST + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + INNER,
    "chunked, then length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + INNER,
    "chunked, identity": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + INNER,
    "identity": POST + b"Transfer-Encoding: identity\r\n\r\n" + INNER,
    "xchunked": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + INNER,
    "chunked in quotes": POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n' + INNER,
    "chunked, then gzip": POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n" + INNER,
    "gzip only": POST + b"Transfer-Encoding: gzip\r\n\r\n" + INNER,
    "chunked with a vertical tab": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + INNER,
    "space before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + INNER,
    "space before the colon of a length": POST + b"Content-Length : 5\r\n\r\n" + INNER,
    "tab before the colon": POST + b"Content-Length\t: 5\r\n\r\n" + INNER,
    "folded header": POST + b"X: a\r\n Transfer-Encoding: chunked\r\n\r\n" + INNER,
    "folded with a tab": POST + b"X: a\r\n\tb\r\n\r\n" + INNER,
    "folded coding": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + INNER,
    "header before the first": b"POST /services/p HTTP/1.1\r\n X: a\r\nHost: h\r\n\r\n" + INNER,
    "bare LF in the head": b"POST /services/p HTTP/1.1\nHost: h\nContent-Length: 0\n\n" + INNER,
    "bare LF after a header": POST + b"X: a\nContent-Length: 5\r\n\r\n" + INNER,
    "bare CR in a header": POST + b"X: a\rContent-Length: 5\r\n\r\n" + INNER,
    "CR CR LF": POST + b"X: a\r\r\n\r\n" + INNER,
    "NUL in a value": POST + b"X: a\0b\r\n\r\n" + INNER,
    "NUL in a name": POST + b"X\0: a\r\n\r\n" + INNER,
    "control character in a value": POST + b"X: a\x01b\r\n\r\n" + INNER,
    "empty name": POST + b": a\r\n\r\n" + INNER,
    "no colon": POST + b"nothing\r\n\r\n" + INNER,
    "parenthesis in a name": POST + b"X(: a\r\n\r\n" + INNER,
    "letters beyond ASCII in a name": POST + b"X\xe9: a\r\n\r\n" + INNER,
    "NUL in the target": b"POST /services/p\0 HTTP/1.1\r\nHost: h\r\n\r\n" + INNER,
    "space in the target": b"POST /services/p x HTTP/1.1\r\nHost: h\r\n\r\n" + INNER,
    "no version": b"POST /services/p\r\nHost: h\r\n\r\n" + INNER,
    "HTTP/2.0": b"POST /services/p HTTP/2.0\r\nHost: h\r\n\r\n" + INNER,
    "HTTP/1.10": b"POST /services/p HTTP/1.10\r\nHost: h\r\n\r\n" + INNER,
    "http in small letters": b"POST /services/p http/1.1\r\nHost: h\r\n\r\n" + INNER,
    "unknown method": b"SMUGGLE /services/p HTTP/1.1\r\nHost: h\r\n\r\n" + INNER,
    "method in small letters": b"post /services/p HTTP/1.1\r\nHost: h\r\n\r\n" + INNER,
    "space before the method": b" POST /services/p HTTP/1.1\r\nHost: h\r\n\r\n" + INNER,
    "chunk size of letters": CHUNKED + b"zz\r\n\r\n" + INNER,
    "chunk size 0x": CHUNKED + b"0x0\r\n\r\n" + INNER,
    "signed chunk size": CHUNKED + b"+0\r\n\r\n" + INNER,
    "negative chunk size": CHUNKED + b"-1\r\n\r\n" + INNER,
    "chunk size with underscore": CHUNKED + b"1_0\r\n" + INNER,
    "empty chunk size": CHUNKED + b"\r\n\r\n" + INNER,
    "chunk size overflow": CHUNKED + b"f" * 17 + b"\r\n" + INNER,
    "space before a chunk size": CHUNKED + b" 0\r\n\r\n" + INNER,
    "space behind a chunk size": CHUNKED + b"0 \r\n\r\n" + INNER,
    "chunk lines with LF": CHUNKED + b"0\n\n" + INNER,
    "chunk longer than said": CHUNKED + b"1\r\nab\r\n0\r\n\r\n" + INNER,
    "LF behind a chunk": CHUNKED + b"1\r\na\n0\r\n\r\n" + INNER,
    "LF in a chunk extension": CHUNKED + b"0;a\nb\r\n\r\n" + INNER,
    "NUL in a chunk extension": CHUNKED + b"0;\0\r\n\r\n" + INNER,
    "bare LF in a trailer": CHUNKED + b"0\r\nX: a\nY: b\r\n\r\n" + INNER,
    "Host twice": b"POST /services/p HTTP/1.1\r\nHost: h\r\nHost: evil\r\n\r\n" + INNER,
    "no Host": b"POST /services/p HTTP/1.1\r\nContent-Length: 0\r\n\r\n" + INNER,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + INNER,
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + INNER,
}
"""Requests that are answered once, with 400 (or no answer where nothing begins), and end the connection."""


class Recorder:
    """A back end that answers every request it finds in the bytes, and keeps the bytes."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.received: dict[socket.socket, bytes] = {}
        """By connection: what a request still streams when the next test begins stays apart from what follows."""
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=self.listener.accept()[:1], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        with connection, contextlib.suppress(OSError):
            pending = b""
            while piece := connection.recv(65536):
                self.received[connection] = self.received.get(connection, b"") + piece
                pending += piece
                if b"\r\n\r\n" in pending and (b"chunked" not in pending.lower() or pending.endswith(b"0\r\n\r\n")):
                    pending = b""
                    connection.sendall(self.answer)


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    back_end = Recorder()
    yield back_end
    back_end.listener.close()


@pytest.fixture(scope="module")
def engine(start: Any, recorder: Recorder) -> Any:
    never = "<suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure>"
    flow = (
        '<proxy xmlns="http://ws.apache.org/ns/synapse" name="p"><target><endpoint>'
        f'<address uri="http://127.0.0.1:{recorder.port}/b">{never}</address></endpoint></target></proxy>'
    )
    return start({"a.xml": flow}, "limits: {head_time: 2, body_time: 2}\nback_ends: {timeout: 2}")


def sent(engine: Any, data: bytes) -> bytes:
    """All that comes back."""
    client = engine.connect()
    client.send(data)
    client.socket.shutdown(socket.SHUT_WR)
    received = b""
    with contextlib.suppress(ConnectionResetError):
        received = client.rest()
    client.close()
    return received


@pytest.mark.parametrize("name", REFUSED)
def test_a_malformed_request_is_never_two(engine: Any, recorder: Recorder, name: str) -> None:
    recorder.received.clear()
    answer = sent(engine, REFUSED[name])
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in answer.lower()
    for received in list(recorder.received.values()):
        assert b"smuggled" not in received
        assert received.count(b" HTTP/1.1\r\n") <= 1  # a body may have begun to stream when its fault is found


@pytest.mark.parametrize("framing", [b"Content-Length: " + SIZE, b"Transfer-Encoding: chunked"])
def test_the_body_of_a_request_that_asks_for_another_protocol_is_its_body(
    engine: Any, recorder: Recorder, framing: bytes
) -> None:
    """Java's client asks for HTTP/2 with its first request, whatever that is; a front proxy may pass it on."""
    recorder.received.clear()
    head = POST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n" + framing
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(INNER), INNER) if b"chunked" in framing else INNER
    answer = sent(engine, head + b"\r\n\r\n" + body)
    assert answer.count(b"HTTP/1.1 200 ") == answer.count(b"HTTP/1.1 ") == 1, answer
    [received] = [each for each in list(recorder.received.values()) if INNER in each]
    assert received.count(b"POST /b HTTP/1.1\r\n") == 1
    assert received.count(INNER) == 1
    assert b"upgrade" not in received.lower()
