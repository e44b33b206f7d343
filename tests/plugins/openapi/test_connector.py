"""Three descriptions of different style become connectors, and every operation runs against a stub of its document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.declare.spec import Spec
from engine.errors import Where
from engine.expressions.dynamic import Value
from engine.plugins import call_options
from engine.plugins.discovery import discover
from engine.plugins.openapi.connector import Converted, convert
from engine.plugins.openapi.document import load
from engine.runtime.catalog import language
from engine.testing.harness import Harness, StubClient
from engine.testing.openapi_stub import OpenApiStub


def converted(file: Path) -> Converted:
    return convert(load(file), "acme", file.name)


def entry(file: Path, operation: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(converted(file).yaml)["operations"][operation]
    return found


def test_head(documents: dict[str, Path]) -> None:
    text = converted(documents["fleet"]).yaml
    head = yaml.safe_load(text)
    del head["operations"]
    assert text.startswith("# Made by 'myelin connector new' from fleet.yaml.")
    assert head == {
        "connector": "acme",
        "summary": "Fleet",
        "docs": "https://docs.example.com",
        "base_url": "https://eu.api.example.com/v1",
        "auth": [
            {"type": "api-key", "in": "header", "name": "X-Key"},
            {
                "type": "oauth2",
                "grant": "client_credentials",
                "token_url": "https://auth.example.com/t",
                "scope": "read write",
            },
        ],
    }
    assert yaml.safe_load(converted(documents["shop"]).yaml)["auth"] == [{"type": "basic"}, {"type": "none"}]


def test_names_of_operations(documents: dict[str, Path]) -> None:
    assert list(yaml.safe_load(converted(documents["fleet"]).yaml)["operations"]) == [
        "cars_list",
        "postCars",
        "getCar",
        "get_car",
        "import",
        "note",
    ]
    # init is the connector's own
    assert "init2" in yaml.safe_load(converted(documents["shop"]).yaml)["operations"]


def test_what_cannot_be_sent_is_noted(documents: dict[str, Path]) -> None:
    assert converted(documents["fleet"]).notes == [
        "GET /cars: the cookie 'session' is not sent",
        "POST /cars/{carId}/photo: left out: the document does not name the parts of its multipart/form-data",
    ]
    assert converted(documents["wide"]).notes == [
        "webhooks are requests to you, which an API of yours takes: sold",
        "PATCH /cars: members of the body that the document does not name are not sent",
        "GET /matrix/{ids}: left out: its path parameter 'ids' has the style matrix",
    ]
    assert converted(documents["bare"]).notes == ["the document names no server: flows give apiUrl to init"]


def test_an_operation_with_query_and_headers(documents: dict[str, Path]) -> None:
    assert entry(documents["fleet"], "cars_list") == {
        "summary": "List cars.",
        "doc": "All of them.",
        "method": "GET",
        "path": "/cars",
        "query": {
            "filter[kind]": "{filter_kind}",
            "ids": "{ids}",
            "fields": {"value": "{fields}", "style": "form", "explode": False},
        },
        "headers": {"X-Trace": "{X_Trace}"},
        "answers": "200 Cars.",
        "parameters": {
            "filter_kind": {"choices": ["van", "bus"], "doc": "Not described."},
            "ids": {"type": "list", "doc": "Not described."},
            "fields": {"type": "list", "doc": "Not described."},
            "X_Trace": {"doc": "Not described."},
        },
    }


def test_an_operation_with_a_body(documents: dict[str, Path]) -> None:
    post = entry(documents["fleet"], "postCars")
    assert post["body"] == {name: f"{{{name}}}" for name in ("name", "seats", "kind", "built", "owner", "tags")}
    assert post["parameters"]["name"] == {"required": True, "max_length": 20, "doc": "Not described."}
    assert post["parameters"]["seats"]["minimum"] == 1
    login = entry(documents["shop"], "login")
    assert (login["body_type"], login["body"]) == ("form", {"user name": "{user_name}", "pass": "{pass}"})
    assert login["parameters"]["pass"]["secret"] is True


def test_lists_and_objects_in_a_query(documents: dict[str, Path]) -> None:
    listed = entry(documents["wide"], "list")
    assert listed["query"] == {
        "ids": "{ids}",
        "spaces": {"value": "{spaces}", "style": "spaceDelimited"},
        "pipes": {"value": "{pipes}", "style": "pipeDelimited"},
        "deep": {"value": "{deep}", "style": "deepObject"},
        "flat": {"value": "{flat}", "style": "form", "explode": True},
        "raw": "{raw}",
    }
    types = {name: each.get("type", "text") for name, each in listed["parameters"].items()}
    assert types == {
        "ids": "list",
        "spaces": "list",
        "pipes": "list",
        "deep": "json",
        "flat": "json",
        "raw": "json",
    }
    assert entry(documents["shop"], "order")["query"]["sort"] == {"value": "{sort}", "style": "form", "explode": False}


def test_files(documents: dict[str, Path]) -> None:
    photo = entry(documents["wide"], "photo")
    assert (photo["body_type"], photo["body"]) == (
        "multipart",
        {"file": {"content": "{file}", "filename": "{fileName}"}, "caption": "{caption}", "sizes": "{sizes}"},
    )
    assert photo["parameters"] == {
        "file": {"required": True, "type": "base64", "doc": "The file's content."},
        "fileName": {"doc": "Name under which the file goes."},
        "caption": {"doc": "Not described."},
        "sizes": {"type": "list", "doc": "Not described."},
    }
    upload = entry(documents["shop"], "upload")
    assert upload["body"] == {"f": {"content": "{f}", "filename": "{fName}"}}


def test_bodies_with_a_content_type_of_their_own(documents: dict[str, Path]) -> None:
    found = {
        name: (each.get("body_type"), each.get("content_type"), each["body"], each["parameters"].get("body"))
        for name in ("patch", "bytes", "xml")
        if (each := entry(documents["wide"], name))
    }
    whole = {"doc": "What to send."}
    assert found == {
        "patch": (None, "application/merge-patch+json", {"seats": "{seats}"}, None),
        "bytes": ("bytes", "application/octet-stream", "{body}", {"type": "base64", **whole}),
        "xml": ("text", "application/xml", "{body}", whole),
    }


def test_an_operation_that_needs_no_credentials(documents: dict[str, Path]) -> None:
    assert entry(documents["fleet"], "get_car")["auth"] == "none"
    assert entry(documents["shop"], "login")["auth"] == "none"
    assert "auth" not in entry(documents["fleet"], "getCar")


VALUES = {
    "integer": "1",
    "number": "1",
    "boolean": "true",
    "time": "2026-01-02T03:04:05Z",
    "email": "a@example.com",
    "base64": "AAEC",
    "list": "1,2",
}
JSON = {"owner": '{"mail": "a@example.com"}', "body": "[{}]"}


def arguments(spec: Spec, entry: dict[str, Any]) -> dict[str, Value | None]:
    """A value for every parameter of its own."""
    values: dict[str, Value | None] = {}
    for field in spec.fields:
        if field.name in call_options.NAMES:
            continue
        declared = entry.get("parameters", {}).get(field.name, {})
        kind = declared.get("type", "text")
        text = JSON.get(field.name, "{}") if kind == "json" else VALUES.get(kind, "text")
        if declared.get("choices"):
            text = declared["choices"][0]
        values[field.attribute] = Value(text)
    return values


@pytest.mark.parametrize("name", ["fleet", "shop", "bare", "wide"])
async def test_every_operation_runs_against_a_stub_of_its_document(
    documents: dict[str, Path], tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "found"
    (folder / "acme").mkdir(parents=True)
    result = converted(documents[name])
    (folder / "acme" / "connector.yaml").write_text(result.yaml)
    specs, problems = discover([folder])
    assert [str(each) for each in problems] == []
    assert len(specs) == result.operations + 1
    entries = yaml.safe_load(result.yaml)["operations"]
    stub = OpenApiStub(load(documents[name]))
    harness = Harness(catalog=language().with_specs(specs), http=StubClient(stub))
    init = {
        "fleet": "<acme.init><apiKey>k</apiKey></acme.init>",
        "shop": "<acme.init><username>u</username><password>p</password></acme.init>",
        "wide": "<acme.init/>",
        "bare": "<acme.init><apiUrl>http://api.example.com</apiUrl></acme.init>",
    }[name]
    for spec in specs:
        operation = spec.tag.partition(".")[2]
        if operation == "init":
            continue
        message = harness.message()
        await harness.run(init, message)
        mediator: Any = spec.construct(where=Where("test"), **arguments(spec, entries[operation]))
        await mediator.mediate(message)
        assert message.axis2["HTTP_SC"] < 300, stub.refused
    assert stub.refused == []
