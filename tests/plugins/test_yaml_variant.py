from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import Problems
from engine.plugins.paging import Paging
from engine.plugins.parameters import Parameter
from engine.plugins.rest import RestOperation
from engine.plugins.variant import Variant
from engine.plugins.yaml_spec import read_connector, read_operations
from engine.plugins.yaml_tree import read_yaml

GOOD = """\
connector: acme
summary: Orders at ACME.
versions: [v1, v2]
operations:
  list:
    summary: List orders.
    method: GET
    path: /orders
    v2:
      path: /shop/orders
      query: {since: "{since}", kind: "{kind}"}
      required: [since]
      defaults: {since: now-30d, kind: open}
      paging: {size: size, largest: 200, items: data, pages: page.total}
      results: {v1: shapes.old}
    parameters:
      since: {type: time, doc: From when on.}
      kind: {choices: [open, closed], doc: Which ones.}
  copy:
    summary: Copy an order.
    v2: {method: PUT, path: "/orders/{key}/copy"}
    parameters:
      key: {type: key, required: true, doc: The order.}
"""


def old(value: Any) -> Any:
    return value


def find(name: str) -> Callable[..., Any]:
    if name != "shapes.old":
        raise LookupError(f"There is no '{name}'.")
    return old


def read(folder: Path, text: str) -> tuple[list[RestOperation], list[str]]:
    file = folder / "acme" / "connector.yaml"
    file.parent.mkdir()
    file.write_text(text)
    problems = Problems()
    section = read_yaml(file, problems)
    assert section is not None
    connector = read_connector(section, "acme")
    operations = [operation for operation, _ in read_operations(section, connector, find)]
    return operations, [str(problem).removeprefix(f"{file}:") for problem in problems]


def test_versions(tmp_path: Path) -> None:
    (listing, copy), problems = read(tmp_path, GOOD)
    assert problems == []
    assert listing.variants == {
        "v1": Variant(method="GET", path="/orders"),
        "v2": Variant(
            method="GET",
            path="/shop/orders",
            query={"since": "{since}", "kind": "{kind}"},
            required=("since",),
            defaults={"since": "now-30d", "kind": "open"},
            paging=Paging(size="size", largest=200, items="data", pages="page.total"),
            results={"v1": old},
        ),
    }
    assert [each.name for each in listing.parameters] == ["since", "kind", "page", "size", "all", "resultShape"]
    assert listing.parameters[-1] == Parameter(
        "resultShape", "Give the result the form that this version has.", choices=("v1",)
    )
    assert copy.variants == {"v2": Variant(method="PUT", path="/orders/{key}/copy")}


MISTAKES = [
    ("    path: /orders\n    v2:", "    v2:", None),
    ("v2:\n      path", "v3:\n      path", "9:5: error[unknown-key]: 'v3' is not known here."),
    ("path: /shop", "pth: /shop", "10:7: error[unknown-key]: 'pth' is not known here. Did you mean 'path'?"),
    ("required: [since]", "required: [sine]", "12:18: error[unknown-parameter]: There is no parameter 'sine'. Did"),
    (
        "kind: open",
        "kind: opn",
        "13:34: error[bad-value]: The default must be one of open, closed. Did",
    ),
    ("since: now-30d", "since: yesterday", "13:18: error[bad-value]: The default must be an ISO 8601 date and time"),
    ("since: now-30d", "sinc: now", "13:18: error[unknown-parameter]: There is no parameter 'sinc'. Did you mean"),
    ("paging: {size", "paging: {style: pge, size", "14:16: error[bad-choice]: 'pge' as 'style' is not one of page,"),
    ("paging: {size", "paging: {style: cursor, size", "14:7: error[missing-key]: 'next' is missing."),
    ("pages: page", "pags: page", "14:55: error[unknown-key]: 'pags' is not known here. Did you mean 'pages'?"),
    ("items: data", "items: 'data['", "14:42: error[bad-value]: 'data[' as 'items' is no JSONPath:"),
    ("shapes.old", "shapes.odl", "15:17: error[unknown-function]: There is no 'shapes.odl'."),
    ("method: PUT, ", "", "error[missing-key]: 'method' is missing."),
    ('path: "/orders/{key}/copy"', "body: {}", "error[missing-key]: 'path' is missing."),
]


@pytest.mark.parametrize(("wrong_for", "wrong", "problem"), MISTAKES)
def test_mistakes(tmp_path: Path, wrong_for: str, wrong: str, problem: str | None) -> None:
    assert wrong_for in GOOD
    operations, problems = read(tmp_path, GOOD.replace(wrong_for, wrong, 1))
    if problem is None:
        assert problems == []
        assert list(operations[0].variants) == ["v2"]
    else:
        assert any(problem in each for each in problems), problems


SENDING = """\
connector: acme
summary: A.
base_url: http://a
operations:
  send:
    summary: S.
    method: POST
    path: /p
    query: {ids: {value: "{ids}", style: pipeDelimited}, plain: "{plain}"}
    body_type: multipart
    body: {photo: {content: "{photo}", filename: "{plain}"}}
    auth: none
    parameters:
      ids: {type: list, doc: I.}
      plain: {doc: P.}
      photo: {type: base64, doc: P.}
"""


def test_queries_with_a_style_files_and_no_credentials(tmp_path: Path) -> None:
    [operation], problems = read(tmp_path, SENDING)
    assert problems == []
    assert operation.variants == {
        "": Variant(
            method="POST",
            path="/p",
            query={"ids": {"value": "{ids}", "style": "pipeDelimited"}, "plain": "{plain}"},
            body={"photo": {"content": "{photo}", "filename": "{plain}"}},
            body_type="multipart",
            anonymous=True,
        )
    }


@pytest.mark.parametrize(
    ("wrong_for", "wrong", "problem"),
    [
        ("style: pipe", "styl: pipe", "9:35: error[unknown-key]: 'styl' is not known here. Did you mean 'style'?"),
        ('value: "{ids}", ', "", "9:13: error[bad-value]: A mapping in a query says how a value is written:"),
        ("pipeDelimited", "pipes", "9:35: error[bad-choice]: 'pipes' as 'style' is not one of form,"),
        ("style: pipeDelimited", "explode: maybe", "error[bad-value]: 'explode' must be true or false."),
        ('"{plain}"}\n    body_type', '"{photo}"}\n    body_type', "error[bad-value]: A parameter of the type base64"),
        ("multipart", "form", "error[bad-value]: A parameter of the type base64 goes into a body of the type"),
        ('{photo: {content: "{photo}", filename: "{plain}"}}', '"{photo}"', "A multipart body is a mapping of fields"),
        ("auth: none", "content_type: a/b", "12:5: error[bad-value]: A multipart body has a Content-Type of its own."),
        ("auth: none", "auth: some", "12:5: error[bad-choice]: 'some' as 'auth' is not one of connection, none."),
    ],
)
def test_mistakes_in_what_is_sent(tmp_path: Path, wrong_for: str, wrong: str, problem: str) -> None:
    assert wrong_for in SENDING
    _, problems = read(tmp_path, SENDING.replace(wrong_for, wrong, 1))
    assert any(problem in each for each in problems), problems
