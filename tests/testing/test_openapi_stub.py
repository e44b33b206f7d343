from __future__ import annotations

import json
from typing import Any

import pytest

from engine.core.http import HttpRequest
from engine.plugins.openapi.document import read
from engine.testing.openapi_stub import OpenApiStub, example

DOCUMENT = read(
    {
        "openapi": "3.0.0",
        "servers": [{"url": "https://api.example.com/v1"}],
        "components": {"securitySchemes": {"k": {"type": "apiKey", "in": "query", "name": "key"}}},
        "paths": {
            "/pets/{id}": {
                "get": {
                    "parameters": [
                        {"name": "id", "in": "path", "schema": {"type": "integer"}},
                        {"name": "n", "in": "query", "required": True, "schema": {"type": "integer", "maximum": 9}},
                        {"name": "tags", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                    ],
                    "responses": {
                        "200": {
                            "content": {
                                "application/json": {
                                    "schema": {
                                        "type": "object",
                                        "properties": {"name": {"type": "string", "example": "Rex"}},
                                    }
                                }
                            }
                        }
                    },
                }
            },
            "/pets/mine": {"get": {"responses": {"204": {"description": "none"}}}},
            "/pets": {
                "post": {
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": {"type": "object", "required": ["name"]}}},
                    },
                    "responses": {"201": {"description": "made"}},
                }
            },
        },
    }
)


def ask(method: str, path: str, body: bytes = b"") -> tuple[int, Any]:
    stub = OpenApiStub(DOCUMENT)
    response = stub(HttpRequest(method, f"https://api.example.com/v1{path}", [], body))
    assert isinstance(response.body, bytes)
    assert bool(stub.refused) == (response.status >= 400)
    return response.status, json.loads(response.body) if response.body else None


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "answer"),
    [
        ("GET", "/pets/5?n=3&key=secret&tags=a&tags=b", b"", 200, {"name": "Rex"}),
        ("GET", "/pets/mine", b"", 204, None),
        ("POST", "/pets", b'{"name": "x"}', 201, None),
    ],
)
def test_what_the_document_allows(method: str, path: str, body: bytes, status: int, answer: Any) -> None:
    assert ask(method, path, body) == (status, answer)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "mistake"),
    [
        ("GET", "/dogs", b"", 404, "the document has no such operation"),
        ("PUT", "/pets/5", b"", 404, "the document has no such operation"),
        ("GET", "/pets/5", b"", 400, "the query parameter 'n' is missing"),
        ("GET", "/pets/5?n=99", b"", 400, "n: 99 is greater than the maximum of 9"),
        ("GET", "/pets/x?n=1", b"", 400, "id: 'x' is not of type 'integer'"),
        ("GET", "/pets/5?n=1&other=2", b"", 400, "the query parameter 'other' is not known"),
        ("POST", "/pets", b"", 400, "the body is missing"),
        ("POST", "/pets", b"{}", 400, "the body: 'name' is a required property"),
        ("POST", "/pets", b"{", 400, "the body is"),
    ],
)
def test_what_it_does_not_allow(method: str, path: str, body: bytes, status: int, mistake: str) -> None:
    found, answer = ask(method, path, body)
    assert found == status
    assert mistake in answer["mistakes"][0]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "minimum": 5}, 5),
        ({"type": "string", "format": "date"}, "2026-01-02"),
        ({"type": "string", "maxLength": 2}, "te"),
        ({"type": "string", "minLength": 6}, "textxx"),
        ({"enum": ["b", "c"]}, "b"),
        ({"oneOf": [{"type": "boolean"}]}, True),
        ({"type": "array", "minItems": 2, "items": {"type": "number"}}, [1, 1]),
        ({"default": 7}, 7),
    ],
)
def test_example(schema: Any, value: Any) -> None:
    assert example(DOCUMENT, schema) == value


def test_an_endless_schema_has_an_example() -> None:
    schema: dict[str, Any] = {"type": "object"}
    schema["properties"] = {"child": schema}
    assert json.dumps(example(DOCUMENT, schema)).count("child") <= 8
