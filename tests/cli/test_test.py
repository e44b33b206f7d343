"""``myelin test``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'
TEST = f"""<unit-test>
<artifacts><test-artifact><artifact>
  <proxy {NAMESPACE} name="p"><target><inSequence><respond/></inSequence></target></proxy>
</artifact></test-artifact></artifacts>
<test-cases>
  <test-case name="good"><assertions>
    <assertEquals><actual>$statusCode</actual><expected>200</expected></assertEquals>
  </assertions></test-case>
  <test-case name="bad"><assertions>
    <assertEquals><actual>$statusCode</actual><expected>404</expected><message>why</message></assertEquals>
  </assertions></test-case>
</test-cases></unit-test>"""


@pytest.fixture
def tests(home: Path) -> Path:
    (home / "a.xml").write_text(TEST)
    (home / "b.xml").write_text("<unit-test></unit-test>")
    return home


def test_results(myelin: Any, tests: Path) -> None:
    done = myelin("test")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "a.xml: proxy p",
        "  passed  good",
        "  failed  bad",
        "          a.xml:10:5: $statusCode: expected 404, got 200 (why)",
        "b.xml",
        "  b.xml:1:1: error[bad-unit-test]: <unit-test> needs <artifacts>.",
    ]
    assert done.stderr == "2 test cases: 1 passed, 1 failed; 1 file cannot run\n"


def test_all_is_well(myelin: Any, tests: Path) -> None:
    (tests / "a.xml").write_text(TEST.replace("404", "200"))
    done = myelin("test", "a.xml")
    assert (done.exit_code, done.stderr) == (0, "2 test cases: 2 passed, 0 failed\n")


def test_junit(myelin: Any, tests: Path) -> None:
    myelin("test", "--junit", "report.xml")
    root = etree.parse("report.xml").getroot()
    told = [(suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("errors")) for suite in root]
    assert told == [("a.xml", "2", "1", "0"), ("b.xml", "0", "0", "1")]
    [failure] = root.iter("failure")
    assert (failure.get("message"), failure.text) == ("$statusCode: expected 404, got 200 (why)", "a.xml:10:5")
    [error] = root.iter("error")
    assert error.get("message") == "<unit-test> needs <artifacts>."


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nowhere",), "there is no folder or file 'nowhere'"),
        (("empty",), "there are no unit tests in empty"),
        (("--config", "nowhere.yaml"), "nowhere.yaml: cannot be read"),
    ],
)
def test_nothing_to_run(myelin: Any, tests: Path, arguments: tuple[str, ...], told: str) -> None:
    (tests / "empty").mkdir()
    done = myelin("test", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"myelin: {told}")
