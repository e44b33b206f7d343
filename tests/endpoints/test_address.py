from __future__ import annotations

from typing import Any

import pytest

from engine.testing.harness import Harness, LoadError


def test_properties_in_the_address(endpoint_type: Any) -> None:
    message = Harness().message()
    message.properties |= {"host": "h", "port": 81}
    address = endpoint_type('<address uri="http://${host}:${port}/${none}"/>').address_for(message)
    assert address == "http://h:81/${none}"


def test_trap_35_rest_of_the_path(endpoint_type: Any) -> None:
    message = Harness().message()
    message.axis2["REST_URL_POSTFIX"] = "/x?y=1"
    assert endpoint_type('<address uri="http://b/"/>').address_for(message) == "http://b/x?y=1"


@pytest.mark.parametrize(
    ("format_", "method", "content_type"),
    [
        ("", "PUT", None),
        ('format="rest"', "PUT", None),
        ('format="get"', "GET", "application/x-www-form-urlencoded"),
        ('format="pox"', "PUT", "application/xml"),
        ('format="soap11"', "POST", "text/xml"),
        ('format="soap12"', "POST", "application/soap+xml"),
    ],
)
def test_format(endpoint_type: Any, format_: str, method: str, content_type: str | None) -> None:
    message = Harness().message()
    message.axis2["HTTP_METHOD"] = "put"
    address = endpoint_type(f'<address uri="http://b/" {format_}/>')
    assert (address.method_for(message), address.format_for(message)) == (method, content_type)


@pytest.mark.parametrize(("attributes", "code"), [('format="soap13"', "bad-choice"), ('optimize="x"', "bad-choice")])
def test_mistakes_are_found_at_load(attributes: str, code: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(f'<endpoint name="e"><address uri="http://b/" {attributes}/></endpoint>')
    assert [problem.code for problem in raised.value.problems] == [code]
