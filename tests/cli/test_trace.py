"""``myelin trace``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

FLOWS = """<definitions xmlns="http://ws.apache.org/ns/synapse">
<proxy name="greet"><target>
  <inSequence>
    <property name="who" expression="json-eval($.name)"/>
    <filter source="$ctx:who" regex="ann">
      <then><payloadFactory media-type="json">
        <format>{"hello": "$1"}</format><args><arg expression="$ctx:who"/></args>
      </payloadFactory></then>
      <else><throwError type="x" errorMessage="who is that"/></else>
    </filter>
    <respond/>
  </inSequence>
</target></proxy>
</definitions>
"""


@pytest.fixture
def greet(home: Path) -> None:
    (home / "flows").mkdir(exist_ok=True)
    (home / "flows" / "greet.xml").write_text(FLOWS)


def lines(text: str) -> list[str]:
    """With times and ids that are the same each time."""
    return re.sub(r"[0-9a-f]{12}-[0-9a-f]+", "ID", re.sub(r"\d+\.\d ms", "N ms", text)).splitlines()


@pytest.mark.usefixtures("greet")
def test_each_step_and_the_answer(myelin: Any) -> None:
    done = myelin("trace", "/services/greet", "-d", '{"name": "ann"}')
    assert (done.exit_code, done.stdout) == (0, '{"hello": "ann"}\n')
    assert lines(done.stderr) == [
        "flows/greet.xml:4:5  <property>  N ms",
        "  property who = ann",
        "flows/greet.xml:5:5  <filter>  N ms",
        "  flows/greet.xml:6:13  <payloadFactory>  N ms",
        "    axis2 ContentType = application/json",
        "    axis2 messageType = application/json",
        '    body = {"hello": "ann"}',
        "flows/greet.xml:11:5  <respond>  N ms",
        "  the flow ends here",
        "answer 200",
        "  activityid: ID",
        "  content-type: application/json; charset=UTF-8",
        "  content-length: 16",
    ]


@pytest.mark.usefixtures("greet")
def test_a_fault(myelin: Any) -> None:
    done = myelin("trace", "/services/greet", "-d", '{"name": "bob"}')
    assert done.exit_code == 1
    assert '"message":"who is that"' in done.stdout
    assert lines(done.stderr)[2:7] == [
        "flows/greet.xml:5:5  <filter>  N ms",
        "  flows/greet.xml:9:13  <throwError>  N ms",
        "    property ERROR_CODE = x",
        "    fault: who is that",
        "answer 500",
    ]


@pytest.mark.usefixtures("greet")
def test_method_headers_and_a_body_from_a_file(myelin: Any, home: Path) -> None:
    (home / "echo.xml").write_text(
        '<api xmlns="http://ws.apache.org/ns/synapse" name="echo" context="/echo"><resource methods="PUT"><inSequence>'
        '<property name="type" expression="$trp:Content-Type"/><property name="a" expression="$trp:X-A"/><respond/>'
        "</inSequence></resource></api>"
    )
    (home / "body.txt").write_text("a text")
    done = myelin(
        "trace", "/echo?q=1", "--flows", "echo.xml", "-X", "PUT", "-d", "@body.txt",
        "-H", "X-A: b", "-H", "Content-Type: text/csv",
    )  # fmt: skip
    assert (done.exit_code, done.stdout) == (0, "a text\n")
    assert "  property type = text/csv" in done.stderr.splitlines()
    assert "  property a = b" in done.stderr.splitlines()


@pytest.mark.usefixtures("greet")
def test_long_values(myelin: Any) -> None:
    name = "n" * 300
    body = f'{{"name": "{name}"}}'
    assert f"  property who = {'n' * 160}…" in myelin("trace", "/services/greet", "-d", body).stderr.splitlines()
    assert f"  property who = {name}" in myelin("trace", "/services/greet", "-d", body, "--long").stderr.splitlines()


@pytest.mark.usefixtures("greet")
def test_mistakes(myelin: Any, home: Path) -> None:
    assert lines(myelin("trace", "/services/none").stderr)[0] == "answer 404"
    missing = myelin("trace", "/services/greet", "--flows", "nowhere")
    assert (missing.exit_code, "nowhere" in missing.stderr) == (2, True)
    assert myelin("trace", "/services/greet", "-d", "@nothing").exit_code == 2
    assert "'X-A' is no 'NAME: VALUE'." in myelin("trace", "/services/greet", "-H", "X-A").stderr
    (home / "flows" / "broken.xml").write_text("<proxy")
    broken = myelin("trace", "/services/greet", "-d", '{"name": "ann"}')
    assert broken.exit_code == 0
    assert broken.stderr.startswith("flows/broken.xml:1:1: error[not-xml]")


ASK = """<proxy xmlns="http://ws.apache.org/ns/synapse" name="ask"><target><inSequence>
<call><endpoint><http method="get" uri-template="http://127.0.0.1:9/stock?key=SECRET"/></endpoint></call>
<property name="price" expression="json-eval($.price)"/>
<respond/>
</inSequence></target></proxy>
"""


def test_an_answer_stands_in_for_the_back_ends(myelin: Any, home: Path) -> None:
    (home / "ask.xml").write_text(ASK)
    (home / "stock.json").write_text('{"price": 12.50}')
    done = myelin("trace", "/services/ask", "--flows", "ask.xml", "--answer", "@stock.json")
    assert (done.exit_code, done.stdout) == (0, '{"price": 12.50}\n')
    assert lines(done.stderr)[:2] == ["ask.xml:2:1  <call>  N ms", "  GET http://127.0.0.1:9/stock: 200, N ms"]
    assert "  property price = 12.50" in lines(done.stderr)
    assert "SECRET" not in done.stderr


def test_a_back_end_that_is_not_there(myelin: Any, home: Path) -> None:
    (home / "ask.xml").write_text(ASK)
    done = myelin("trace", "/services/ask", "--flows", "ask.xml")
    assert done.exit_code == 1
    assert lines(done.stderr)[:4] == [
        "ask.xml:2:1  <call>  N ms",
        "  GET http://127.0.0.1:9/stock: no answer, N ms",
        "  fault: cannot connect to http://127.0.0.1:9: connection refused",
        "answer 502",
    ]
