from __future__ import annotations

import pytest

from engine.errors import ErrorCode, TransportError
from engine.transports.http_out_url import split_url


@pytest.mark.parametrize(
    ("url", "origin", "host", "port", "path"),
    [
        ("http://h", "http://h", "h", 80, "/"),
        ("http://h/", "http://h", "h", 80, "/"),
        ("HTTP://H:80/A", "http://h", "h", 80, "/A"),
        ("https://h:443/a", "https://h", "h", 443, "/a"),
        ("https://h:80/a", "https://h:80", "h", 80, "/a"),
        ("http://h:8080/a/b?x=1&y=%20#part", "http://h:8080", "h", 8080, "/a/b?x=1&y=%20"),
        ("http://h?x=1", "http://h", "h", 80, "/?x=1"),
        ("http://h#part", "http://h", "h", 80, "/"),
        ("http://h:/a", "http://h", "h", 80, "/a"),
        ("http://[::1]:81/a", "http://[::1]:81", "::1", 81, "/a"),
        ("http://[2001:DB8:0::1]/", "http://[2001:db8::1]", "2001:db8::1", 80, "/"),
        ("http://my_service.local/", "http://my_service.local", "my_service.local", 80, "/"),
        (
            "http://bücher.example/käse?q=ü",
            "http://xn--bcher-kva.example",
            "xn--bcher-kva.example",
            80,
            "/k%C3%A4se?q=%C3%BC",
        ),
        ('http://h/a|b"<>^`{}\\', "http://h", "h", 80, '/a|b"<>^`{}\\'),
        ("http://user:secret@h/a", "http://h", "h", 80, "/a"),
    ],
)
def test_legal_urls(url: str, origin: str, host: str, port: int, path: str) -> None:
    target = split_url(url)
    assert (target.origin.text, target.origin.host, target.origin.port, target.path) == (origin, host, port, path)


@pytest.mark.parametrize(
    "url",
    [
        "", "/a", "h/a", "ftp://h/", "http:/h/", "http://", "http:///a", "http://?x", "http://h:0/", "http://h:65536/",
        "http://h:123456/", "http://h:x/", "http://h:-1/", "http://[::1/", "http://[::zz]/", "http://[1.2.3.4]/",
        "http://h/a b", "http://h /a", " http://h/", "http://h/a\r\nX: y", "http://h/a\n", "http://h/\0", "http://h/a\tb",
        "http://h/\x7f", "http://h\\@evil/", "http://a@b@c d/", "http://h:1:2/", "http://a,b/",
        "http://" + "a" * 254 + "/",
    ],
)  # fmt: skip
def test_illegal_urls(url: str) -> None:
    with pytest.raises(TransportError) as caught:
        split_url(url)
    assert caught.value.code == ErrorCode.SENDING


def test_user_and_password_become_basic_authorization() -> None:
    assert split_url("http://al%40ice:s3:cret@h/").origin.authorization == b"Basic YWxAaWNlOnMzOmNyZXQ="
    assert split_url("http://h/").origin.authorization == b""


def test_shown_has_no_secrets() -> None:
    assert split_url("https://user:secret@h:8443/a/b?token=secret#x").shown == "https://h:8443/a/b"


def test_messages_of_illegal_urls_have_no_secrets() -> None:
    with pytest.raises(TransportError) as caught:
        split_url("http://user:secret@h:99999/a?token=secret")
    assert caught.value.message == "cannot send to this URL: port 99999 is out of range"
