"""Descriptions; how clients ask for them is in test_api.py."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from engine.artifacts import _openapi
from engine.artifacts._resource import Resource
from engine.errors import Fault, Where


def definition(published: str = "", *resources: dict[str, str]) -> _openapi.Definition:
    made = [Resource.spec.construct(where=Where("test.xml"), **values) for values in resources]
    return _openapi.Definition("n", "2", "/b", made, published)  # type: ignore[arg-type]


def nothing(key: str) -> Any:
    return None


def test_paths_of_all_kinds_of_resources() -> None:
    made = definition(
        "",
        {"uri_template": "/{a:3}/{+b,c}", "methods_text": "GET"},
        {"url_mapping": "*.jsp", "methods_text": "PATCH"},
        {"methods_text": "GET"},
    )
    document = json.loads(made.render("swagger.json", "https", "h:1", nothing)[0])
    assert (document["schemes"], document["host"], document["basePath"]) == (["https"], "h:1", "/b")
    assert list(document["paths"]) == ["/{a}/{b}{c}", "/*.jsp", "/*"]
    assert [each["name"] for each in document["paths"]["/{a}/{b}{c}"]["get"]["parameters"]] == ["a", "b", "c"]
    assert document["paths"]["/*.jsp"]["patch"]["parameters"][0]["in"] == "body"


def test_yaml_is_the_same_document() -> None:
    made = definition("", {"uri_template": "/é"})
    assert yaml.safe_load(made.render("openapi.yaml", "http", None, nothing)[0]) == made.openapi("http", None)


def test_published_definitions_are_read_by_registry_path() -> None:
    seen = []

    def read(key: str) -> str:
        seen.append(key)
        return '{"swagger": "2.0"}'

    made = definition("/_system/governance/swagger_files/a.json", {})
    assert made.render("openapi.json", "http", None, read)[0] == b'{"swagger":"2.0"}'
    assert seen == ["gov:/swagger_files/a.json"]


def test_without_the_published_one_the_resources_speak() -> None:
    assert (
        json.loads(definition("gov:/none", {}).render("openapi.json", "http", None, nothing)[0])["openapi"] == "3.0.3"
    )


def test_a_published_definition_that_is_none() -> None:
    with pytest.raises(Fault, match="neither JSON nor YAML"):
        definition("k", {}).render("openapi.json", "http", None, lambda key: "{")


@pytest.mark.parametrize(
    ("path", "key"),
    [("/_system/config/x", "conf:/x"), ("/_system/governance/x/y", "gov:/x/y"), ("gov:/x", "gov:/x"), ("x", "x")],
)
def test_registry_keys(path: str, key: str) -> None:
    assert _openapi.registry_key(path) == key


@pytest.mark.parametrize(("text", "bad"), [("", False), ("a%20", False), ("%", True), ("%2", True), ("%zz", True)])
def test_bad_escapes(text: str, bad: bool) -> None:
    assert _openapi.is_badly_escaped(text) is bad
