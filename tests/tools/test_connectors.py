"""A small checkout with one connector, its test proxy and its request files."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.core.http import HttpRequest
from engine.declare.spec import SYNAPSE
from tests.plugins.wso2 import ACME, files, template, write_folder
from tools import connectors
from tools.connector_bodies import Body
from tools.connector_calls import Expected
from tools.connectors import Attempt, judged

OPERATIONS = ACME | {
    "post": template(
        "post",
        '<payloadFactory media-type="json"><format>{"x": "$1"}</format><args><arg expression="$func:x"/></args>'
        '</payloadFactory><call><endpoint><http method="post" uri-template="{+uri.var.url}/p"/></endpoint></call>',
        '<parameter name="x"/>',
    ),
    "other": template(
        "other",
        '<payloadFactory media-type="json"><format>{"x": "$1"}</format><args><arg value="1"/></args></payloadFactory>'
        '<header name="Content-Type" value="application/json" scope="transport"/>'
        '<call><endpoint><http method="post" uri-template="{uri.var.url}"/></endpoint></call>',
    ),
    "silent": template("silent", '<property name="a" value="b"/>'),
    "java": template("java", '<class name="org.example.Unknown"/>'),
    "wrong": template(
        "wrong", '<drop/><call><endpoint><http method="put" uri-template="http://w/"/></endpoint></call>'
    ),
}
PROXY = f"""<proxy xmlns="{SYNAPSE}" name="acme"><target><inSequence>
<property name="url" expression="json-eval($.apiUrl)"/><property name="id" expression="json-eval($.id)"/>
<acme.init><url>{{$ctx:url}}</url></acme.init>
<switch source="get-property('transport', 'Action')">
<case regex="urn:getOrder"><acme.getOrder><id>{{$ctx:id}}</id></acme.getOrder></case>
<case regex="urn:post"><acme.post><x>1</x></acme.post></case>
<case regex="urn:wrong"><acme.wrong/></case>
</switch></inSequence></target></proxy>"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    main = {f"acme/src/main/resources/{name}": text for name, text in files(OPERATIONS).items()}
    config = "acme/src/test/resources/artifacts/ESB/config"
    return write_folder(
        tmp_path,
        main
        | {
            f"{config}/proxies/acme/acme.xml": PROXY,
            f"{config}/restRequests/acme/esb_getOrder_mandatory.json": '{"apiUrl": "%s(apiUrl)", "id": "%s(id)"}',
        },
    )


def test_the_table(checkout: Path) -> None:
    result = CliRunner().invoke(connectors.main, [str(checkout)], catch_exceptions=False)
    lines = [line for line in result.output.splitlines() if line]
    assert "connectors: 1, of which load without an error: 1" in lines
    # java needs a class, wrong sends nothing; init and silent call nothing; other leaves the address open.
    assert lines[1:8] == [
        "operations that reach the back end: 6 of 8 (75.0 %)",
        "  4 sent a request that was compared, 2 of them with its body",
        "    1 of them by a template that leaves the whole address open",
        "  2 ran without a fault: their templates call nothing, or only under a condition",
        "... without Java classes: 6 of 7 (85.7 %)",
        "... with test proxies of their own: 3 of 4 (75.0 %)",
        "  3 when driven by these, the others when called directly",
    ]
    assert "acme: 6 of 8" in lines
    assert "  without a request to compare: init, silent" in lines
    assert any(line.startswith("  java (Java): fault: <class> cannot run") for line in lines)
    assert "  wrong: sent nothing; the template calls PUT http://w/" in lines


@pytest.mark.parametrize(
    ("url", "body", "fault", "attempt"),
    [
        ("http://h/a", b'{"x":1}', "", Attempt("", sent=True, body=True)),
        ("http://h/a", b'{"x":1}', "fault", Attempt("", sent=True, body=True)),
        ("http://h/a", b"{}", "", Attempt("sent another body than its payloadFactory makes: at $")),
        ("http://h/b", b"{}", "fault", Attempt("fault")),
        ("http://h/b", b"{}", "", Attempt("sent POST http://h/b; the template calls POST http://h/a")),
    ],
)
def test_judging_what_was_sent(url: str, body: bytes, fault: str, attempt: Attempt) -> None:
    expected = Expected("POST", "http://h/a", body=Body({"x": 1}))
    request = HttpRequest("POST", url, [(b"content-type", b"application/json")], body)
    assert judged([request], [expected], fault) == attempt


def test_what_is_called_under_a_condition_need_not_be_sent() -> None:
    conditional = Expected("POST", "http://h/a", conditional=True)
    assert judged([], [conditional], "") == Attempt("")
    assert judged([], [conditional], "fault") == Attempt("fault")
    assert judged([HttpRequest("POST", "http://h/a")], [conditional], "") == Attempt("", sent=True)


def test_it_writes_a_file(checkout: Path, tmp_path: Path) -> None:
    out = tmp_path / "table.txt"
    CliRunner().invoke(
        connectors.main, [str(checkout), "--write", str(out), "--only", "nothing"], catch_exceptions=False
    )
    assert out.read_text().startswith("connectors: 0")
