from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.core.http import HttpRequest
from engine.errors import ErrorCode, Fault, Problems
from engine.expressions.values import element_xml
from engine.plugins.wso2_calls import Library
from engine.plugins.wso2_connector import read_connector
from engine.runtime.catalog import language
from engine.testing.harness import Harness, StubClient, response
from tests.plugins.wso2 import ACME, files, template, write_folder

Make = Callable[..., tuple[Harness, Library]]

INIT_CALL = "<acme.init><url>http://api</url><token>T</token></acme.init>"
CONNECTION = f'<localEntry key="C">{INIT_CALL}</localEntry>'


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def build(
        operations: Mapping[str, str] = ACME, artifacts: str = "", answer: bytes = b'{"order": 9007199254740993}'
    ) -> tuple[Harness, Library]:
        connector = read_connector(write_folder(tmp_path / "acme", files(operations)), Problems())
        assert connector is not None
        library = Library([connector], language())
        client = StubClient(lambda request: response(body=answer))
        return Harness(artifacts, catalog=library.catalog, http=client), library

    return build


def sent(harness: Harness) -> list[HttpRequest]:
    client = harness.http
    assert isinstance(client, StubClient)
    return client.requests


async def test_an_operation_after_init(make: Make) -> None:
    harness, library = make()
    message = harness.message(b"{}")
    message.properties["key"] = "a/b"
    assert await harness.run(f"{INIT_CALL}<acme.getOrder><id>{{$ctx:key}}</id></acme.getOrder>", message)
    [request] = sent(harness)
    assert (request.method, request.url) == ("GET", "http://api/orders/a%2Fb")
    assert dict(request.headers)[b"authorization"] == b"Bearer T"
    assert message.payload.json_text() == '{"order": 9007199254740993}'
    assert library.unusable == {}
    assert message.functions == []


async def test_nested_operations(make: Make) -> None:
    harness, _ = make()
    await harness.run(f"{INIT_CALL}<acme.getTwice><id>5</id></acme.getTwice>", harness.message(b"{}"))
    assert [request.url for request in sent(harness)] == ["http://api/orders/5"]


@pytest.mark.parametrize("key", ["C", "{'C'}"])
async def test_trap_32_config_key_runs_the_connection_first(make: Make, key: str) -> None:
    harness, _ = make(artifacts=CONNECTION)
    message = harness.message(b"{}")
    for _ in range(2):
        await harness.run(f'<acme.getOrder configKey="{key}"><id>1</id></acme.getOrder>', message)
    assert [request.url for request in sent(harness)] == ["http://api/orders/1"] * 2
    # What init sets are plain properties that later operations share.
    assert message.properties["token"] == "T"


async def test_trap_32_init_runs_before_the_parameters_are_evaluated(make: Make) -> None:
    harness, _ = make(artifacts=CONNECTION)
    message = harness.message(b"{}")
    await harness.run('<acme.getOrder configKey="C"><id>{$ctx:token}</id></acme.getOrder>', message)
    assert sent(harness)[0].url == "http://api/orders/T"


@pytest.mark.parametrize(
    ("artifacts", "key", "text"),
    [
        ("", "{'none'}", "there is no connection 'none'"),
        ('<localEntry key="C">text</localEntry>', "C", "there is no connection 'C'"),
        ('<localEntry key="C"><acme.nothing/></localEntry>', "C", "there is no such operation"),
        ('<localEntry key="C"><nonsense/></localEntry>', "C", "there is no connection 'C'"),
        ("", "{$ctx:none}", "gives no name"),
    ],
)
async def test_connections_that_are_none(make: Make, artifacts: str, key: str, text: str) -> None:
    harness, _ = make(artifacts=artifacts)
    with pytest.raises(Fault, match=text):
        await harness.run(f'<acme.getOrder configKey="{key}"><id>1</id></acme.getOrder>', harness.message(b"{}"))


async def test_a_mandatory_parameter(make: Make) -> None:
    harness, _ = make()
    with pytest.raises(Fault, match="needs the parameter 'id'") as caught:
        await harness.run(f"{INIT_CALL}<acme.getOrder/>", harness.message(b"{}"))
    assert caught.value.code == ErrorCode.MISSING_PARAMETER


@pytest.mark.parametrize(
    ("overwrite", "body", "payload"),
    [
        ("", '{"mine": 1}', {"order": 9007199254740993}),
        ("<overwriteBody>false</overwriteBody>", '{"mine": 1}', {"order": 9007199254740993}),
        ("<overwriteBody>true</overwriteBody>", '{"order": 9007199254740993}', None),
    ],
)
async def test_response_variable(make: Make, overwrite: str, body: str, payload: Any) -> None:
    harness, _ = make()
    message = harness.message(b'{"mine": 1}', headers={"X-Mine": "1"})
    call = f"<acme.getOrder><id>1</id><responseVariable>answer</responseVariable>{overwrite}</acme.getOrder>"
    await harness.run(INIT_CALL + call, message)
    variable = message.variables["answer"]
    assert variable.get("payload") == payload
    assert variable["attributes"] == {"statusCode": 200}
    assert variable["headers"]["content-type"] == "application/json"
    assert message.payload.json_text() == body
    assert (message.headers.get("x-mine") == "1") is (payload is not None)


async def test_an_answer_in_xml_or_text(make: Make) -> None:
    operations = {"xml": template("x", "<payloadFactory><format><a xmlns=''>1</a></format><args/></payloadFactory>"),
                  "none": template("x", "<drop/>")}  # fmt: skip
    harness, _ = make(operations)
    message = harness.message(b"{}")
    await harness.run("<acme.xml><responseVariable>v</responseVariable></acme.xml>", message)
    assert element_xml(message.variables["v"]["payload"]) == "<a>1</a>"
    assert await harness.run("<acme.none><responseVariable>w</responseVariable></acme.none>", message) is False
    assert "w" not in message.variables


async def test_on_error(make: Make) -> None:
    artifacts = '<sequence name="mend"><property name="mended" value="1"/></sequence>'
    harness, _ = make(artifacts=artifacts)
    message = harness.message(b"{}")
    assert await harness.run('<acme.getOrder onError="mend"/>', message) is False
    assert message.properties["mended"] == "1"


async def test_a_template_that_calls_itself_is_a_fault(make: Make) -> None:
    harness, _ = make({"loop": template("loop", "<acme.again/>"), "again": template("again", "<acme.loop/>")})
    with pytest.raises(Fault, match="does it call itself"):
        await harness.run("<acme.loop/>", harness.message(b"{}"))


@pytest.mark.parametrize(
    ("operations", "call", "problem"),
    [
        (ACME, "<acme.getOrdr/>", "1:0 unknown-mediator <acme.getOrdr>: there is no such operation. getOrder"),
        ({"bad": template("bad", "<nonsense/>")}, "<acme.bad/>", "bad.xml unknown-mediator"),
        ({"bad": "<template>"}, "<acme.bad/>", "bad.xml not-xml"),
        ({"bad": "<sequence xmlns='http://ws.apache.org/ns/synapse'/>"}, "<acme.bad/>", "bad.xml bad-value"),
        ({"bad": template("bad", '<script language="js">var a = ;</script>')}, "<acme.bad/>", "bad.xml bad-script"),
        ({"top": template("t", "<acme.bad/>"), "bad": template("bad", "<ejb/>")}, "<acme.top/>", "bad.xml unsupported"),
        ({"top": template("t", "<acme.bad/>")}, "<acme.top/>", "no such operation unknown-mediator"),
    ],
)
async def test_what_cannot_run_is_told_at_load_and_faults_when_reached(
    make: Make, operations: Mapping[str, str], call: str, problem: str
) -> None:
    harness, library = make(operations)
    steps = harness.steps(f'<filter xpath="$ctx:go"><then>{call}</then></filter>')
    [[found]] = library.unusable.values()
    assert (found.severity, found.where.file) == ("error", "test.xml")
    assert found.message.startswith(call.replace("/>", ">: "))
    assert found.code in problem
    assert "bad.xml" in found.message or "no such operation" in found.message
    message = harness.message(b"{}")
    assert await steps[0].mediate(message) is True
    message.properties["go"] = "x"
    with pytest.raises(Fault, match=r"cannot run|no such operation"):
        await steps[0].mediate(message)


def test_only_what_flows_use_is_compiled(make: Make) -> None:
    harness, library = make(ACME | {"bad": template("bad", "<nonsense/>")})
    harness.steps("<acme.getTwice><id>1</id></acme.getTwice>")
    assert sorted(library._templates) == ["acme.getOrder", "acme.getTwice"]


def test_operations_are_checked_like_others(make: Make) -> None:
    harness, _ = make()
    assert harness.problems("\n<acme.getOrder><idd>1</idd></acme.getOrder>") == [
        "2:16: warning[unknown-element]: <idd> is not known inside <acme.getOrder>; it is ignored. Did you mean 'id'?"
    ]
    [problem] = harness.problems("\n<acme.getOrder><id>1</id><id>{2}</id></acme.getOrder>")
    assert problem == "2:26: warning[repeated-argument]: <acme.getOrder> takes one <id> only; the last one counts."
    assert harness.problems("<acme.getOrder><id>{$nope:}</id></acme.getOrder>")[0].find("bad-expression") > 0
    spec = harness.catalog.get("mediator", "acme.getOrder")
    assert spec is not None
    assert [(each.name, each.doc) for each in spec.fields if each.name == "id"] == [("id", "The order.")]


def test_what_editors_write_into_connections_is_known(make: Make) -> None:
    harness, _ = make()
    init = "<acme.init><connectionType>ACME</connectionType><authType>Basic Auth</authType><url>http://api</url>{}"
    assert harness.problems(init.format("</acme.init>")) == []
    [problem] = harness.problems(init.format("<url>{$ctx:}</url></acme.init>"))[1:]
    assert "bad-expression" in problem


async def test_of_a_parameter_given_twice_the_last_one_counts(make: Make) -> None:
    harness, library = make()
    builder_steps = harness.problems("<acme.getOrder><id>1</id><id>2</id></acme.getOrder>")
    assert len(builder_steps) == 1
    assert library.unusable == {}


def test_a_connector_cannot_shadow_a_mediator(make: Make) -> None:
    harness, _ = make({"log": template("log", "<drop/>"), "init": template("init", "<drop/>")})
    spec = harness.catalog.get("mediator", "log")
    assert spec is not None
    assert spec.category == "core"
    assert harness.catalog.get("mediator", "acme.log") is not None
