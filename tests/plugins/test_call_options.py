"""configKey, responseVariable, overwriteBody and onError, for operations that are YAML and those that are Python."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.core.http import HttpRequest, HttpResponse
from engine.errors import Fault
from engine.plugins.discovery import discover
from engine.runtime.catalog import language
from engine.testing.harness import Harness, LoadError, StubClient, response

YAML = """
connector: acme
summary: Orders.
base_url: https://api.acme.example
auth: {type: bearer}
python: [more]
operations:
  getOrder:
    summary: Get an order.
    method: GET
    path: /orders/{id}
    parameters:
      id: {required: true, doc: Which.}
"""
MORE = '''
from decimal import Decimal
from engine.api import Call, Fault, operation

@operation("acme.total")
def total(call: Call, id: str) -> dict:
    """Add an order up.

    Args:
        id: Which.
    """
    return {"total": call.session.get(f"/orders/{id}").json()["order"]}

@operation("acme.refuse")
def refuse() -> str:
    """Refuse."""
    raise Fault("no")
'''
ENTRIES = """
<localEntry key="A"><acme.init><accessToken>a</accessToken></acme.init></localEntry>
<localEntry key="B"><description/><acme.init><apiUrl>https://other.example</apiUrl><accessToken>b</accessToken>
</acme.init></localEntry>
<sequence name="mend"><property name="mended" value="1"/></sequence>
"""
Make = Callable[..., Harness]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def build(artifacts: str = ENTRIES) -> Harness:
        folder = tmp_path / "acme"
        folder.mkdir(exist_ok=True)
        (folder / "connector.yaml").write_text(YAML)
        (folder / "more.py").write_text(MORE)
        specs, problems = discover([tmp_path])
        assert [str(each) for each in problems] == []
        client = StubClient(answer)
        return Harness(artifacts, catalog=language().with_specs(specs), http=client)

    return build


def answer(request: HttpRequest) -> HttpResponse:
    return response(201, body=b'{"order": 9007199254740993}')


def sent(harness: Harness) -> list[tuple[str, bytes]]:
    client = harness.http
    assert isinstance(client, StubClient)
    return [(each.url, dict(each.headers)[b"authorization"]) for each in client.requests]


@pytest.mark.parametrize("operation", ["getOrder", "total"])
async def test_config_key_runs_the_connection_first(make: Make, operation: str) -> None:
    harness = make()
    message = harness.message(b"{}")
    message.properties["key"] = "B"
    for key in ("A", "{$ctx:key}", "A"):
        await harness.run(f'<acme.{operation} configKey="{key}"><id>1</id></acme.{operation}>', message)
    # The connection stays for the operations that follow.
    await harness.run(f"<acme.{operation}><id>2</id></acme.{operation}>", message)
    assert sent(harness) == [
        ("https://api.acme.example/orders/1", b"Bearer a"),
        ("https://other.example/orders/1", b"Bearer b"),
        ("https://api.acme.example/orders/1", b"Bearer a"),
        ("https://api.acme.example/orders/2", b"Bearer a"),
    ]


@pytest.mark.parametrize("key", ["conf:/c.xml", "R"])
async def test_a_connection_in_the_registry(make: Make, key: str) -> None:
    harness = make('<localEntry key="R" src="conf:/c.xml"/>')
    for token in ("r1", "r2"):
        init = f'<acme.init xmlns="http://ws.apache.org/ns/synapse"><accessToken>{token}</accessToken></acme.init>'
        harness.services.registry.put("conf:/c.xml", init.encode())
        await harness.run(f'<acme.getOrder configKey="{key}"><id>1</id></acme.getOrder>', harness.message(b"{}"))
    assert [header for _, header in sent(harness)] == [b"Bearer r1", b"Bearer r2"]


@pytest.mark.parametrize(
    ("entry", "key", "text"),
    [
        ("", "{'none'}", "there is no connection 'none'"),
        ('<localEntry key="C">text</localEntry>', "C", "there is no connection 'C'"),
        ('<localEntry key="C"><acme/></localEntry>', "C", "there is no connection 'C'"),
        ('<localEntry key="C"><acme.init xmlns="urn:x"/></localEntry>', "C", "there is no connection 'C'"),
        ("", "{$ctx:none}", "gives no name"),
    ],
)
async def test_keys_that_name_no_connection(make: Make, entry: str, key: str, text: str) -> None:
    harness = make(entry)
    with pytest.raises(Fault, match=text):
        await harness.run(f'<acme.getOrder configKey="{key}"><id>1</id></acme.getOrder>', harness.message(b"{}"))
    assert sent(harness) == []


@pytest.mark.parametrize(
    ("inside", "code", "line"),
    [
        ("\n<acme.init><apiUrl>acme</apiUrl><accessToken>a</accessToken></acme.init>", "bad-value", 2),
        ("\n<acme.init/>", "missing-element", 2),
        ("\n<acme.open/>", "unknown-mediator", 2),
        ("\n\n<akme.init/>", "unknown-mediator", 3),
    ],
)
def test_a_mistake_in_a_connection_is_told_at_load(make: Make, inside: str, code: str, line: int) -> None:
    with pytest.raises(LoadError) as raised:
        make(f'<localEntry key="C">{inside}</localEntry>')
    assert [(each.code, each.where.line) for each in raised.value.problems] == [(code, line)]


@pytest.mark.parametrize(("operation", "payload"), [("getOrder", {"order": 9007199254740993}),
                                                    ("total", {"total": 9007199254740993})])  # fmt: skip
@pytest.mark.parametrize("overwrite", ["", "false", "true"])
async def test_response_variable(make: Make, operation: str, payload: Any, overwrite: str) -> None:
    harness = make()
    message = harness.message(b'{"mine": 1}', headers={"X-Mine": "1"})
    await harness.run(
        f'<acme.{operation} configKey="A"><id>1</id><responseVariable>v</responseVariable>'
        f"<overwriteBody>{overwrite}</overwriteBody></acme.{operation}>",
        message,
    )
    if overwrite == "true":
        assert "payload" not in message.variables["v"]
        assert message.payload.json() == payload
    else:
        assert message.variables["v"]["payload"] == payload
        assert message.payload.json() == {"mine": 1}
        assert message.headers.get("x-mine") == "1"
        assert "HTTP_SC" not in message.axis2
    status = {"statusCode": 201} if operation == "getOrder" else {}
    assert message.variables["v"]["attributes"] == status


@pytest.mark.parametrize(
    "call", ['<acme.refuse onError="mend"/>', '<acme.getOrder onError="mend"><id/></acme.getOrder>']
)
async def test_on_error(make: Make, call: str) -> None:
    harness = make()
    message = harness.message(b"{}")
    assert await harness.run(call, message) is False
    assert message.properties["mended"] == "1"


def test_init_takes_none_of_it(make: Make) -> None:
    [problem] = make().problems('<acme.init configKey="A"><accessToken>a</accessToken></acme.init>')
    assert "unknown-attribute" in problem


@pytest.mark.parametrize("name", ["configKey", "onError", "responseVariable", "overwriteBody"])
def test_no_operation_has_a_parameter_of_these_names(tmp_path: Path, name: str) -> None:
    python_name = "".join(f"_{each.lower()}" if each.isupper() else each for each in name)
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "connector.yaml").write_text(YAML.replace("id: {", f"{name}: {{doc: None.}}\n      id: {{"))
    (folder / "more.py").write_text(
        MORE.replace("id: str", f"{python_name}: str").replace("id: Which.", f"{python_name}: Which.")
    )
    _, problems = discover([tmp_path])
    texts = [str(each) for each in problems]
    assert [each for each in texts if "repeated-name" in each and f"'{name}'" in each]
    assert [each for each in texts if f"has a '{name}' already" in each and "TypeError" in each]
