from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import Problems
from engine.plugins.parameters import Parameter
from engine.plugins.rest import RestOperation
from engine.plugins.settings import Settings
from engine.plugins.variant import Variant
from engine.plugins.yaml_spec import ConnectorFile, read_connector, read_operations
from engine.plugins.yaml_tree import read_yaml

GOOD = """\
connector: acme
summary: Orders at ACME.
connection: [accountKey]
timeout: 2.5
calls_per_second: 4
hide_headers: [ETag]
python: [operations]
operations:
  cancelOrder:
    summary: Cancel an order.
    doc: For good.
    method: DELETE
    path: /accounts/{accountKey}/orders/{orderKey}
    query: {notify: "{notify}"}
    answers: 204, no body.
    parameters:
      orderKey: {type: key, required: true, doc: The order.}
      notify: {type: boolean, default: true, doc: Whether to send an e-mail.}
  order:
    summary: Order.
    method: POST
    path: /orders
    body_from: operations.order
    accept: text/csv
    parameters:
      what: {doc: What, max_length: 5, choices: [tea, "NO"], needs: size, secret: true}
      size: {doc: How much}
  list:
    summary: List.
    method: GET
    path: /orders
"""


def order(values: Any) -> Any:
    return values


def find(name: str) -> Callable[..., Any]:
    if name != "operations.order":
        raise LookupError(f"There is no '{name}'.")
    return order


def read(folder: Path, text: str) -> tuple[ConnectorFile, list[tuple[RestOperation, str]], list[str]]:
    file = folder / "acme" / "connector.yaml"
    file.parent.mkdir()
    file.write_text(text)
    problems = Problems()
    section = read_yaml(file, problems)
    assert section is not None
    connector = read_connector(section, "acme")
    operations = list(read_operations(section, connector, find))
    return connector, operations, [str(problem).removeprefix(f"{file}:") for problem in problems]


def test_good_file(tmp_path: Path) -> None:
    connector, operations, problems = read(tmp_path, GOOD)
    assert problems == []
    assert connector == ConnectorFile("acme", Settings(2.5, 4), ("accountKey",), ("",), ("ETag",), ("operations",))
    (cancel, cancel_doc), (order_operation, _), (listing, _) = operations
    assert cancel == RestOperation(
        connector="acme",
        name="cancelOrder",
        summary="Cancel an order.",
        variants={
            "": Variant(
                method="DELETE",
                path="/accounts/{accountKey}/orders/{orderKey}",
                query={"notify": "{notify}"},
            )
        },
        parameters=(
            Parameter("orderKey", "The order.", "key", required=True),
            Parameter("notify", "Whether to send an e-mail.", "boolean", default=True),
        ),
        account=("accountKey",),
    )
    assert cancel_doc == "Cancel an order.\n\nFor good.\n\nAnswers 204, no body."
    assert (order_operation.variants[""].body_from, order_operation.variants[""].accept) == (order, "text/csv")
    assert order_operation.parameters[0] == Parameter(
        "what", "What", max_length=5, choices=("tea", "NO"), needs="size", secret=True
    )
    assert listing.parameters == ()


# What replaces what, and the problem that follows.
MISTAKES = [
    ("timeout: 2.5", "timeuot: 2.5", "4:1: error[unknown-key]: 'timeuot' is not known here. Did you mean 'timeout'?"),
    ("timeout: 2.5", "timeout: 2500", "4:1: error[bad-value]: 'timeout' must be seconds, up to 600."),
    ("timeout: 2.5", "timeout: soon", "4:1: error[bad-value]: 'timeout' must be seconds, up to 600."),
    ("calls_per_second: 4", "calls_per_second: -4", "5:1: error[bad-value]: 'calls_per_second' must be a whole"),
    ("[ETag]", "[ETag, 'X: y']", "6:22: error[bad-value]: 'X: y' is no name of a header."),
    ("connector: acme", "connector: amce", "1:1: error[bad-name]: The connector 'amce' must lie in a folder of"),
    ("summary: Orders at ACME.\n", "", "1:1: error[missing-key]: 'summary' is missing."),
    ("    summary: Cancel an order.\n", "", "9:3: error[missing-key]: 'summary' is missing."),
    ("method: DELETE", "method: DELET", "12:5: error[bad-choice]: 'DELET' as 'method' is not one of GET, POST, PUT,"),
    ("method: DELETE", "metod: DELETE", "12:5: error[unknown-key]: 'metod' is not known here. Did you mean 'method'?"),
    ("path: /acc", "path: acc", "13:5: error[bad-value]: A path begins with '/'"),
    ("orders/{orderKey}\n", "orders/{orderKey}?x=1\n", "13:5: error[bad-value]: A path begins with '/' and has no"),
    ("/{orderKey}\n", "/{oderKey}\n", "13:5: error[unknown-parameter]: '{oderKey}' is no parameter and nothing that"),
    ("key, required: true", "key", "13:5: error[optional-in-path]: 'orderKey' is part of the path and must be"),
    ('"{notify}"', '"{notfy}"', "14:5: error[unknown-parameter]: '{notfy}' is no parameter"),
    ('{notify: "{notify}"}', "{}", "18:7: error[unused-parameter]: 'notify' is used nowhere in path, query or body."),
    ("type: key", "type: kee", "17:18: error[bad-choice]: 'kee' as 'type' is not one of text, key,"),
    ("default: true", "default: maybe", "18:31: error[bad-value]: The default must be true or false."),
    ("boolean, default", "boolean, required: true, default", "error[bad-value]: A required parameter has no default."),
    ('choices: [tea, "NO"]', "choices: [tea, NO]", "error[bad-value]: Item 2 of 'choices' is not text. YAML reads NO"),
    ("needs: size", "needs: sice", "error[unknown-parameter]: There is no parameter 'sice'."),
    ("doc: What, ", "", "error[missing-key]: 'doc' is missing."),
    ("operations.order", "operations.oder", "23:5: error[unknown-function]: There is no 'operations.oder'."),
    ("method: POST", "method: GET", "23:5: error[bad-value]: A GET has no body."),
    ("    accept:", "    body: {}\n    accept:", "error[bad-value]: 'body' and 'body_from' exclude each other."),
    ("  list:", "  li st:", "28:3: error[bad-name]: 'li st' cannot be part of an XML tag."),
    ("size: {doc: How much}", "accountKey: {doc: x}", "'accountKey' already comes from the connection."),
    ("orderKey: {", "order key: {", "error[bad-name]: 'order key' cannot be an XML tag."),
]


@pytest.mark.parametrize(("old", "new", "problem"), MISTAKES)
def test_mistakes(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in GOOD
    _, operations, problems = read(tmp_path, GOOD.replace(old, new, 1))
    assert any(problem in each for each in problems), problems
    in_head = int(problems[0].partition(":")[0]) < 9
    assert len(operations) == (3 if in_head else 2)


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("type: key", "type: kee").replace("method: POST", "method: PSOT").replace("ETag", "E Tag")
    _, operations, problems = read(tmp_path, text)
    assert [problem.partition(" ")[2].partition(":")[0] for problem in problems] == [
        "error[bad-value]",
        "error[bad-choice]",
        "error[bad-choice]",
        "error[bad-value]",
    ]
    assert [operation.name for operation, _ in operations] == ["list"]
