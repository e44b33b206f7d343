"""Dispatch by itself; what clients see of it is in test_api.py."""

from __future__ import annotations

import pytest

from engine.artifacts._resource import Head, Resource, Resources
from engine.errors import Where


def resource(**values: str) -> Resource:
    made = Resource.spec.construct(where=Where("test.xml"), **values)
    assert isinstance(made, Resource)
    return made


def head(method: str, path: str = "/", query: str = "") -> Head:
    return Head(method, path, query, [])


def test_one_that_is_there_for_options_alone_goes_first() -> None:
    get, options = resource(methods_text="GET"), resource(methods_text="OPTIONS", uri_template="/*")
    found = Resources([get, options]).find(head("OPTIONS"))
    assert not isinstance(found, int)
    assert found.resource is options


def test_allowed_methods_of_a_path() -> None:
    resources = Resources(
        [
            resource(methods_text="GET OPTIONS", uri_template="/x"),
            resource(methods_text="PUT GET", uri_template="/x"),
            resource(methods_text="POST", uri_template="/y"),
        ]
    )
    assert resources.find(head("DELETE", "/x")) == 405
    assert resources.allowed(head("DELETE", "/x")) == "GET, PUT"


@pytest.mark.parametrize(("query", "expected"), [("", "/x"), ("a=1", "/x?a=1")])
def test_path_and_query(query: str, expected: str) -> None:
    assert head("GET", "/x", query).path_and_query == expected
