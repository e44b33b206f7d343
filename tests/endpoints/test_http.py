from __future__ import annotations

from typing import Any

import pytest

from engine.testing.harness import Harness, LoadError


@pytest.mark.parametrize(
    ("template", "properties", "address"),
    [
        ("http://b/x", {}, "http://b/x"),
        ("http://b/{uri.var.id}", {"uri.var.id": "a b/c"}, "http://b/a%20b%2Fc"),
        ("http://b/{+uri.var.path}", {"uri.var.path": "a/b"}, "http://b/a/b"),
        ("{uri.var.base}/x", {"uri.var.base": "http://b"}, "http://b/x"),
        ("http://b/x?q={query.param.q}", {"query.param.q": "a&b"}, "http://b/x?q=a%26b"),
        ("http://b/{uri.var.none}", {"uri.var.other": "x"}, "http://b/"),
        ("http://b/{uri.var.none}", {"other": "x"}, "http://b/{uri.var.none}"),
        ("http://${host}/${id}", {"host": "b", "id": 7}, "http://b/7"),
        ("legacy-encoding:http://b/${id}", {"id": 7}, "http://b/7"),
        ("http://b/${id}", {"id": 7, "uri.var.x": "1"}, "http://b/$"),  # {id} is a variable then
        ("http://b/{+uri.var.x}", {"id": 7, "uri.var.x": "${id}"}, "http://b/$%7Bid%7D"),
    ],
)
def test_traps_33_and_34_template(endpoint_type: Any, template: str, properties: dict[str, Any], address: str) -> None:
    message = Harness().message()
    message.properties |= properties
    assert endpoint_type(f'<http uri-template="{template}"/>').address_for(message) == address


@pytest.mark.parametrize(
    ("attributes", "address"),
    [
        ('method="get" uri-template="http://b/t"', "http://b/t"),
        ('uri-template="http://b/t"', "http://b/t/x?y=1"),
        ('uri-template="http://b/{uri.var.id}/"', "http://b/7/x?y=1"),
    ],
)
def test_trap_35_a_method_drops_the_rest_of_the_path(endpoint_type: Any, attributes: str, address: str) -> None:
    message = Harness().message()
    message.axis2["REST_URL_POSTFIX"] = "/x?y=1"
    message.properties["uri.var.id"] = "7"
    assert endpoint_type(f"<http {attributes}/>").address_for(message) == address


@pytest.mark.parametrize(
    ("method", "axis2", "expected"),
    [
        ("", {}, "POST"),
        ("", {"HTTP_METHOD": "delete"}, "DELETE"),
        ('method="get"', {"HTTP_METHOD": "POST"}, "GET"),
        ('method="Patch"', {}, "PATCH"),
    ],
)
def test_method(endpoint_type: Any, method: str, axis2: dict[str, Any], expected: str) -> None:
    message = Harness().message()
    message.axis2 |= axis2
    http = endpoint_type(f'<http {method} uri-template="http://b/"/>')
    assert (http.method_for(message), http.format_for(message)) == (expected, None)


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ("", "missing-attribute"),
        ('uri-template="http://b/" method="fetch"', "bad-choice"),
        ('uri-template="http://b/{x"', "bad-expression"),
    ],
)
def test_mistakes_are_found_at_load(attributes: str, code: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(f'<endpoint name="e"><http {attributes}/></endpoint>')
    assert [problem.code for problem in raised.value.problems] == [code]


@pytest.mark.parametrize(
    ("template", "value", "address"),
    [
        ("http://b/{uri.var.x}", "a%20b", "http://b/a%20b"),
        ("http://b/{uri.var.x}", "a b/c", "http://b/a%20b/c"),
        ("http://b/{uri.var.x}?q={+uri.var.x}", "a+b", "http://b/a%20b?q=a%20b"),
        ("{uri.var.x}", "http://b/p%C3%BC?a=1", "http://b/p%C3%BC?a=1"),
        ("{uri.var.x}", "no address", "{uri.var.x}"),
        ("http://b/a%20fixed", "a", "http://b/a%20fixed"),
        ("http://b/fixed%20", "a", "http://b/fixed"),
        ("http://b/{uri.var.x} ", "a", "http://b/a"),
        ("http://b/p?{uri.var.none}", "a", "http://b/p?"),
        ("http://b/p?{uri.var.x}#", "a[0]=1", "http://b/p?a[0]=1#"),
        ("http://b/{uri.var.x}", "a[0]?b#c d", "http://b/a%5B0%5D?b#c%20d"),
        ("/{uri.var.x}", "a", "/{uri.var.x}"),
        ("http://{uri.var.x}/", "b\r\nX: y", "http://{uri.var.x}/"),
        ("http://b/{uri.var.x}", None, "http://b/{uri.var.x}"),
    ],
)
def test_legacy_encoding(endpoint_type: Any, template: str, value: str | None, address: str) -> None:
    message = Harness().message()
    message.set_property("uri.var.x", value)
    http = endpoint_type(f'<http method="get" uri-template="legacy-encoding:{template}"/>')
    assert http.address_for(message) == address


def test_http_2_is_told_to_have_no_effect() -> None:
    call = '<call><endpoint><http version="2.0" method="get" uri-template="http://b"/></endpoint></call>'
    [problem] = Harness().problems(call)
    assert "warning[no-effect]: <http>: HTTP/2 is not spoken here." in problem
