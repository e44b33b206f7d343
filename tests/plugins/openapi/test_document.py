from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.plugins.openapi.document import DocumentError, load, read


def test_both_kinds_come_out_alike(documents: dict[str, Path]) -> None:
    fleet, shop, bare = (load(documents[name]) for name in ("fleet", "shop", "bare"))
    assert (fleet.base_url, shop.base_url, bare.base_url) == (
        "https://eu.api.example.com/v1",
        "https://shop.example.com/v2",
        "",
    )
    assert fleet.security == ("key", "token")
    assert shop.schemes == {"me": {"type": "http", "scheme": "basic"}}
    assert [(each.method, each.path) for each in fleet.operations] == [
        ("GET", "/cars"),
        ("POST", "/cars"),
        ("GET", "/cars/{carId}"),
        ("DELETE", "/cars/{carId}"),
        ("POST", "/cars/{carId}/photo"),
        ("POST", "/import"),
        ("PUT", "/note"),
    ]


def test_parameters_of_a_path_belong_to_its_operations(documents: dict[str, Path]) -> None:
    get = load(documents["fleet"]).operations[2]
    assert [(each.name, each.place, each.required) for each in get.parameters] == [("carId", "path", True)]


def test_lists_and_their_separators(documents: dict[str, Path]) -> None:
    def styles(name: str) -> dict[str, tuple[str, bool]]:
        return {each.name: (each.style, each.explode) for each in load(documents[name]).operations[0].parameters}

    fleet = styles("fleet")
    assert (fleet["ids"], fleet["fields"]) == (("form", True), ("form", False))
    assert fleet["X-Trace"] == ("simple", False)
    shop = styles("shop")
    assert (shop["with"], shop["sort"]) == (("form", True), ("form", False))
    wide = styles("wide")
    assert (wide["spaces"], wide["deep"]) == (("spaceDelimited", False), ("deepObject", True))
    assert wide["raw"] == ("content", False)


@pytest.mark.parametrize(
    ("collected", "style"),
    [
        ("csv", ("form", False)),
        ("ssv", ("spaceDelimited", False)),
        ("tsv", ("tabDelimited", False)),
        ("pipes", ("pipeDelimited", False)),
        ("multi", ("form", True)),
    ],
)
def test_lists_of_swagger(collected: str, style: tuple[str, bool]) -> None:
    parameter = {"name": "a", "in": "query", "type": "array", "items": {}, "collectionFormat": collected}
    [operation] = read({"swagger": "2.0", "paths": {"/a": {"get": {"parameters": [parameter]}}}}).operations
    assert (operation.parameters[0].style, operation.parameters[0].explode) == style


def test_own_security_replaces_that_of_the_document(documents: dict[str, Path]) -> None:
    by_id = {each.id: each.security for each in load(documents["fleet"]).operations}
    assert by_id["get-car"] == ()
    assert by_id["getCar"] == ("key", "token")
    assert {each.id: each.security for each in load(documents["shop"]).operations}["login"] == ("",)
    assert [each.id for each in load(documents["fleet"]).operations if each.is_open] == ["get-car"]
    assert [each.id for each in load(documents["shop"]).operations if each.is_open] == ["login"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: [", "neither JSON nor YAML"),
        ("{", "neither JSON nor YAML"),
        ("[1]", "it has no 'paths'"),
        ("openapi: 3.0.0", "it has no 'paths'"),
        ("paths: {}", "neither openapi: 3.x nor swagger: 2.0"),
        ("openapi: 3.0.0\npaths: {/a: {$ref: '#/x'}}", "refers to '#/x', which is not there"),
        ("openapi: 3.0.0\npaths: {/a: {$ref: 'other.yaml#/x'}}", "outside of the file"),
        ("openapi: 3.0.0\npaths: {/a: {$ref: '#/b'}}\nb: {$ref: '#/c'}\nc: {$ref: '#/b'}", "in a circle"),
    ],
)
def test_what_is_no_description(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(DocumentError, match=reason.replace("(", "[(]")):
        load(tmp_path / "a.yaml")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be read"):
        load(tmp_path / "none.yaml")


def test_escapes_of_json_that_yaml_does_not_know(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"openapi": "3.0.0", "info": {"title": "\\ud83d\\ude00"}, "paths": {}}')
    assert load(tmp_path / "a.json").title == "\N{GRINNING FACE}"


def test_nothing_in_it_is_trusted() -> None:
    odd = {"openapi": "3.0.0", "info": 5, "servers": [7], "security": 3, "paths": {"/a": {"get": {"parameters": "x"}}}}
    document = read(odd)
    assert (document.title, document.base_url, len(document.operations)) == ("API", "", 1)


AUTHORIZED = {"name": "authorization", "in": "header", "required": True, "schema": {"type": "string"}}
KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}


@pytest.mark.parametrize(
    ("parameters", "schemes", "found"),
    [
        ([AUTHORIZED], {}, {"Authorization": {"type": "apiKey", "in": "header", "name": "Authorization"}}),
        ([AUTHORIZED], {"key": KEY}, {"key": KEY}),
        ([AUTHORIZED | {"in": "query"}], {}, {}),
        ([], {}, {}),
    ],
)
def test_a_header_authorization_is_a_key_where_no_scheme_is_named(
    parameters: list[Any], schemes: dict[str, Any], found: dict[str, Any]
) -> None:
    operation = {"parameters": parameters, "responses": {}}
    document = read(
        {"openapi": "3.0.0", "paths": {"/a": {"get": operation}}, "components": {"securitySchemes": schemes}}
    )
    assert document.schemes == found
    assert document.security == (("Authorization",) if "Authorization" in found else ())
    assert [each.name for each in document.operations[0].parameters] == [
        each["name"] for each in parameters if each["in"] == "query"
    ]
