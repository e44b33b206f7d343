from __future__ import annotations

import pytest

from engine.message.content_type import DEFAULT_TYPES, ContentType, parse_content_type


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("application/json", ContentType("application/json", "json", "utf-8")),
        ("Application/JSON; charset=ISO-8859-1", ContentType("application/json", "json", "ISO-8859-1", is_plain=False)),
        ("text/json", ContentType("text/json", "json", "utf-8")),
        ("text/javascript;charset=utf-8", ContentType("text/javascript", "json", "utf-8")),
        ("application/json/badgerfish", ContentType("application/json/badgerfish", "badgerfish", "utf-8")),
        ("application/problem+json", ContentType("application/problem+json", "json", "utf-8")),
        ("application/xml", ContentType("application/xml", "xml", "utf-8")),
        ("application/atom+xml;type=entry", ContentType("application/atom+xml", "xml", "utf-8")),
        ('text/xml; charset="UTF-16"', ContentType("text/xml", "soap11", "UTF-16", is_plain=False)),
        (
            "application/soap+xml; action=\"urn:x\"; charset='utf-8'",
            ContentType("application/soap+xml", "soap12", "utf-8"),
        ),
        ("text/plain ; CHARSET = latin-1", ContentType("text/plain", "text", "latin-1", is_plain=False)),
        ("text/html", ContentType("text/html", "text", "utf-8")),
        (
            "application/x-www-form-urlencoded",
            ContentType("application/x-www-form-urlencoded", "form", "utf-8"),
        ),
        ("application/octet-stream", ContentType("application/octet-stream", "binary", "utf-8")),
        ("image/png", ContentType("image/png", "binary", "utf-8")),
        ("application/json; charset=", ContentType("application/json", "json", "utf-8")),
        ("", ContentType("", "binary", "utf-8")),
        ("multipart/form-data; boundary=b", ContentType("multipart/form-data", "multipart", "utf-8", is_plain=False)),
        ("nonsense;;;=", ContentType("nonsense", "binary", "utf-8")),
    ],
)
def test_parse(value: str, expected: ContentType) -> None:
    assert parse_content_type(value) == expected


def test_every_kind_announces_itself() -> None:
    assert {kind: parse_content_type(value).kind for kind, value in DEFAULT_TYPES.items()} == {
        kind: kind for kind in DEFAULT_TYPES
    }


def test_a_value_may_be_bytes() -> None:
    assert parse_content_type(b"text/xml; charset=latin-1") == parse_content_type("text/xml; charset=latin-1")


@pytest.mark.parametrize(
    ("value", "kind", "is_packaged"),
    [
        ('multipart/related; boundary=b; type="application/xop+xml"; start-info="text/xml"', "soap11", True),
        ('Multipart/Related; type="application/xop+xml"; start-info="application/soap+xml"', "soap12", True),
        ("multipart/related; type=application/xop+xml", "soap11", True),
        ("multipart/related; type=text/xml; boundary=b", "soap11", True),
        ("multipart/related; type=image/png", "binary", False),
        ("multipart/related", "binary", False),
        ("text/xml", "soap11", False),
    ],
)
def test_soap_inside_multipart(value: str, kind: str, is_packaged: bool) -> None:
    found = parse_content_type(value)
    assert (found.kind, found.is_packaged) == (kind, is_packaged)
