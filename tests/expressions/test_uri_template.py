from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.expressions.base import ExpressionError
from engine.expressions.uri_template import UriTemplate

# The variables of RFC 6570, section 3.2, under names that Synapse takes.
RFC: dict[str, Any] = {
    "uri.var.count": ["one", "two", "three"],
    "uri.var.hello": "Hello World!",
    "uri.var.half": "50%",
    "uri.var.var": "value",
    "uri.var.base": "http://example.com/home/",
    "uri.var.path": "/foo/bar",
    "uri.var.list": ["red", "green", "blue"],
    "uri.var.keys": {"semi": ";", "dot": ".", "comma": ","},
    "uri.var.x": "1024",
    "uri.var.y": "768",
    "uri.var.empty": "",
    "uri.var.empty_keys": {},
    "uri.var.undef": None,
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("/{var}", "/value"),
        ("/{hello}", "/Hello%20World%21"),
        ("/{half}", "/50%25"),
        ("O{empty}X", "OX"),
        ("O{undef}X", "OX"),
        ("/{x,y}", "/1024,768"),
        ("/{x,hello,y}", "/1024,Hello%20World%21,768"),
        ("?{x,empty}", "?1024,"),
        ("?{x,undef}", "?1024"),
        ("/{var:3}", "/val"),
        ("/{var:30}", "/value"),
        ("/{list}", "/red,green,blue"),
        ("/{list*}", "/red,green,blue"),
        ("/{keys}", "/semi,%3B,dot,.,comma,%2C"),
        ("/{keys*}", "/semi=%3B,dot=.,comma=%2C"),
        ("/{+hello}", "/Hello%20World!"),
        ("/{+half}", "/50%25"),
        ("/{base}index", "/http%3A%2F%2Fexample.com%2Fhome%2Findex"),
        ("{+base}index", "http://example.com/home/index"),
        ("{+path}/here", "/foo/bar/here"),
        ("here?ref={+path}", "here?ref=/foo/bar"),
        ("up{+path}{var}/here", "up/foo/barvalue/here"),
        ("{+x,hello,y}", "1024,Hello%20World!,768"),
        ("{+path:6}/here", "/foo/b/here"),
        ("/{+keys*}", "/semi=;,dot=.,comma=,"),
        ("X{#var}", "X#value"),
        ("X{#hello}", "X#Hello%20World!"),
        ("{#path,x}/here", "#/foo/bar,1024/here"),
        ("X{.var}", "X.value"),
        ("X{.x,y}", "X.1024.768"),
        ("X{.list*}", "X.red.green.blue"),
        ("X{.empty_keys*}", "X"),
        ("{/var}", "/value"),
        ("{/var,x}/here", "/value/1024/here"),
        ("{/var,empty}", "/value/"),
        ("{/list*}", "/red/green/blue"),
        ("X{;x,y}", "X;uri.var.x=1024;uri.var.y=768"),
        ("X{;x,empty}", "X;uri.var.x=1024;uri.var.empty"),
        ("X{;list*}", "X;uri.var.list=red;uri.var.list=green;uri.var.list=blue"),
        ("X{;keys*}", "X;semi=%3B;dot=.;comma=%2C"),
        ("{?x,y}", "?uri.var.x=1024&uri.var.y=768"),
        ("{?x,empty}", "?uri.var.x=1024&uri.var.empty="),
        ("{?x,undef}", "?uri.var.x=1024"),
        ("{?undef}", ""),
        ("?fixed=yes{&x}", "?fixed=yes&uri.var.x=1024"),
        ("{&x,empty}", "&uri.var.x=1024&uri.var.empty="),
    ],
)
def test_rfc_6570_examples(template: str, expected: str) -> None:
    written = re.sub(r"([{,][+#./;?&]?)(?=\w)", r"\1uri.var.", template)
    assert UriTemplate(written).expand(RFC) == expected


@pytest.mark.parametrize(
    ("template", "properties", "expected"),
    [
        ("http://h/{uri.var.a}", {"uri.var.a": "x"}, "http://h/x"),
        ("http://h/?q={query.param.q}", {"query.param.q": "x"}, "http://h/?q=x"),
        ("http://h/{a}", {"a": "x", "uri.var.b": "y"}, "http://h/"),
        ("http://h/{a}", {"a": "x"}, "http://h/{a}"),
        ("http://h/{uri.var.a}", {}, "http://h/{uri.var.a}"),
        ("http://h/{uri.var.a}", {"uri.var.a": None}, "http://h/{uri.var.a}"),
        ("http://h/{uri.var.a}/b{?uri.var.c}", {"uri.var.z": "y"}, "http://h//b"),
        ("http://h/{uri.var.no}{uri.var.a}", {"uri.var.a": 5}, "http://h/5"),
        ("{uri.var.u}/x", {"uri.var.u": "https://h:81/p?q=1"}, "https://h:81/p?q=1/x"),
        ("{uri.var.u}", {"uri.var.u": "://h"}, "{uri.var.u}"),
        ("{uri.var.u}", {"uri.var.u": "http://"}, "{uri.var.u}"),
        ("http://h/a b/{uri.var.a}", {"uri.var.a": "x"}, "http://h/a b/{uri.var.a}"),
        ("http://h/{uri.var.b}", {"uri.var.b": True}, "http://h/true"),
        ("http://h/static", {"uri.var.a": "x"}, "http://h/static"),
        ("http://h/{+uri.var.a}", {"uri.var.a": "b#c"}, "http://h/b#c"),
        ("http://h/{+uri.var.a}", {"uri.var.a": "b#c#d"}, "http://h/{+uri.var.a}"),
    ],
)
def test_trap_33_which_variables_and_when(template: str, properties: dict[str, Any], expected: str) -> None:
    assert UriTemplate(template).expand(properties) == expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("", "a/b?c&d=e f", "a%2Fb%3Fc%26d%3De%20f"),
        ("", "-._~", "-._~"),
        ("", "ü€", "%C3%BC%E2%82%AC"),
        ("", "50%25", "50%2525"),
        ("+", "a/b?c&d=e f", "a/b?c&d=e%20f"),
        ("+", "50%25 %zz", "50%25%20%25zz"),
        ("+", '"<>{}|\\^`', "%22%3C%3E%7B%7D%7C%5C%5E%60"),
        ("+", "[ü]", "%5B%C3%BC%5D"),
    ],
)
def test_trap_34_encoding(operator: str, value: str, expected: str) -> None:
    assert UriTemplate(f"/{{{operator}uri.var.v}}").expand({"uri.var.v": value}) == f"/{expected}"


@pytest.mark.parametrize(
    ("template", "offset"),
    [("http://h/{a", 9), ("http://h/a}", 10), ("/{}", 2), ("/{a,,b}", 4), ("/{+a b}", 3), ("/{a:x}", 2), ("/{{a}}", 1)],
)
def test_errors_have_exact_offsets(template: str, offset: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        UriTemplate(template)
    assert caught.value.offset == offset


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_every_value_gives_a_legal_path_segment(value: str) -> None:
    segment = UriTemplate("/{uri.var.v}").expand({"uri.var.v": value})
    assert re.fullmatch(r"/(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*", segment)


def test_an_expansion_that_is_no_legal_uri() -> None:
    template = UriTemplate("http://b/a b/{uri.var.v}")
    assert template.expand({"uri.var.v": "c"}) == "http://b/a b/{uri.var.v}"
    assert template.expand_any({"uri.var.v": "c"}) == "http://b/a b/c"
    assert template.expand_any({"other": "c"}) == "http://b/a b/{uri.var.v}"
