from __future__ import annotations

import pytest

from engine.core.http import HttpRequest, RawHeaders
from engine.errors import ErrorCode, TransportError
from engine.transports.http_out_head import CHUNKED, NO_BODY, content_length, framing_of, write_head
from engine.transports.http_out_url import split_url


def head(request: HttpRequest, framing: bytes = NO_BODY, **how: object) -> list[bytes]:
    """The lines of the head."""
    text = write_head(request, split_url(request.url), framing, **how)  # type: ignore[arg-type]
    assert text.endswith(b"\r\n\r\n")
    return text[:-4].split(b"\r\n")


@pytest.mark.parametrize(
    ("method", "body", "framing"),
    [
        ("GET", b"", NO_BODY),
        ("HEAD", b"", NO_BODY),
        ("DELETE", b"", NO_BODY),
        ("OPTIONS", b"", NO_BODY),
        ("POST", b"", b"\r\nContent-Length: 0"),
        ("PUT", b"", b"\r\nContent-Length: 0"),
        ("PATCH", b"", b"\r\nContent-Length: 0"),
        ("GET", b"ab", b"\r\nContent-Length: 2"),
        ("POST", b"abc", b"\r\nContent-Length: 3"),
    ],
)
def test_framing_of_bytes(method: str, body: bytes, framing: bytes) -> None:
    assert framing_of(method, body) == framing


@pytest.mark.parametrize(
    ("request_", "lines"),
    [
        (HttpRequest("GET", "http://h:81/a?b=c"), [b"GET /a?b=c HTTP/1.1", b"Host: h:81"]),
        (HttpRequest("GET", "http://[::1]/"), [b"GET / HTTP/1.1", b"Host: [::1]"]),
        (HttpRequest("GET", "http://h/", http10=True), [b"GET / HTTP/1.0", b"Host: h"]),
        (HttpRequest("GET", "http://h/", keep_alive=False), [b"GET / HTTP/1.1", b"Host: h", b"Connection: close"]),
        (HttpRequest("GET", "http://h/a?b", absolute_target=True), [b"GET http://h/a?b HTTP/1.1", b"Host: h"]),
        (HttpRequest("GET", "https://u:p@h/a", absolute_target=True),
         [b"GET https://h/a HTTP/1.1", b"Host: h", b"Authorization: Basic dTpw"]),
        (HttpRequest("GET", "http://u:p@h/", [(b"authorization", b"Bearer x")]),
         [b"GET / HTTP/1.1", b"Host: h", b"Authorization: Bearer x"]),
        (HttpRequest("GET", "http://h/", [(b"X-A", b"1"), (b"x-a", b"2"), (b"Empty", b"")]),
         [b"GET / HTTP/1.1", b"Host: h", b"X-A: 1", b"x-a: 2", b"Empty: "]),
        (HttpRequest("GET", "http://h/", [(b"hOST", b"other"), (b"A", b"1")]),
         [b"GET / HTTP/1.1", b"Host: other", b"A: 1"]),
        (HttpRequest("PURGE", "http://h/", [(b"N", "ü".encode("latin-1"))]),
         [b"PURGE / HTTP/1.1", b"Host: h", b"N: \xfc"]),
    ],
)  # fmt: skip
def test_head(request_: HttpRequest, lines: list[bytes]) -> None:
    assert head(request_) == lines


@pytest.mark.parametrize(
    "name",
    [
        b"Connection", b"CONTENT-LENGTH", b"transfer-encoding", b"Keep-Alive", b"TE", b"Trailer", b"Upgrade",
        b"Proxy-Connection",
    ],
)  # fmt: skip
def test_headers_of_the_connection_are_the_clients_own(name: bytes) -> None:
    lines = head(HttpRequest("POST", "http://h/", [(name, b"x"), (b"A", b"1")]), CHUNKED)
    assert lines == [b"POST / HTTP/1.1", b"Host: h", b"A: 1", b"Transfer-Encoding: chunked"]


def test_framing_comes_last() -> None:
    lines = head(HttpRequest("POST", "http://h/", [(b"A", b"1")]), content_length(7))
    assert lines[2:] == [b"A: 1", b"Content-Length: 7"]


def test_behind_a_proxy() -> None:
    lines = head(HttpRequest("GET", "http://h/a"), proxied=True, extra=b"Proxy-Authorization: Basic eDp5")
    assert lines == [b"GET http://h/a HTTP/1.1", b"Host: h", b"Proxy-Authorization: Basic eDp5"]


@pytest.mark.parametrize(
    ("method", "headers", "message"),
    [
        ("GET", [(b"A", b"1\r\nB: 2")], "the value of header A has a line break or another control character"),
        ("GET", [(b"A", b"1\n")], "the value of header A has a line break or another control character"),
        ("GET", [(b"A", b"1"), (b"B", b"\r")], "the value of header B has a line break or another control character"),
        ("GET", [(b"A", b"\x1b[2J")], "the value of header A has a line break or another control character"),
        ("GET", [(b"A", b"\0")], "the value of header A has a line break or another control character"),
        ("GET", [(b"Host", b"a\r\nB: 2")], "the value of header Host has a line break or another control character"),
        ("GET", [(b"", b"1")], "the header name '' has illegal characters"),
        ("GET", [(b"A B", b"1")], "the header name 'A B' has illegal characters"),
        ("GET", [(b"A:", b"1")], "the header name 'A:' has illegal characters"),
        ("GET", [(b"A\r\nB", b"1")], "the header name 'A\\r\\nB' has illegal characters"),
        ("GET", [(b"A\xfc", b"1")], "the header name 'Aü' has illegal characters"),
        ("GET / HTTP/1.1\r\nX: y\r\n\r\nGET", [], "the HTTP method has illegal characters"),
        ("", [], "the HTTP method has illegal characters"),
        ("CONNECT", [], "the HTTP method CONNECT is not for requests"),
    ],
)
def test_nothing_smuggles_another_request(method: str, headers: RawHeaders, message: str) -> None:
    with pytest.raises(TransportError) as caught:
        head(HttpRequest(method, "http://h/", headers))
    assert (caught.value.code, caught.value.message) == (ErrorCode.SENDING, message)
