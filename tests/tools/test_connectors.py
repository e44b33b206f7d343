"""A small checkout with one connector, its test proxy and its request files."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.declare.spec import SYNAPSE
from tests.plugins.wso2 import ACME, files, template, write_folder
from tools import connectors

OPERATIONS = ACME | {
    "post": template(
        "post",
        '<payloadFactory media-type="json"><format>{"x": "$1"}</format><args><arg expression="$func:x"/></args>'
        '</payloadFactory><call><endpoint><http method="post" uri-template="{+uri.var.url}/p"/></endpoint></call>',
        '<parameter name="x"/>',
    ),
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
    # init, getOrder, getTwice and post; java needs a class, wrong sends nothing.
    assert "operations that reach the back end: 4 of 6 (66.7 %)" in lines
    assert "... with test proxies of their own: 3 of 4 (75.0 %)" in lines
    assert "... without Java classes: 4 of 5 (80.0 %)" in lines
    assert "acme: 4 of 6" in lines
    assert any(line.startswith("  java (Java): fault: <class> cannot run") for line in lines)
    assert "  wrong: sent nothing; the template calls PUT http://w/" in lines


def test_it_writes_a_file(checkout: Path, tmp_path: Path) -> None:
    out = tmp_path / "table.txt"
    CliRunner().invoke(
        connectors.main, [str(checkout), "--write", str(out), "--only", "nothing"], catch_exceptions=False
    )
    assert out.read_text().startswith("connectors: 0")
