from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.cli import docs
from engine.declare.error_codes import ERROR_CODES
from engine.declare.problem_codes import PROBLEM_CODES
from engine.declare.readable import SYNAPSE, XPATH
from engine.declare.traps import TRAPS
from engine.declare.well_known import WELL_KNOWN
from engine.declare.write import unsupported
from engine.expressions.functions import FUNCTIONS, SYNAPSE_FUNCTIONS
from engine.runtime.catalog import installed
from tests.plugins.wso2 import ACME, files, write_folder

BASE64 = """\
### base64Encode

`base64Encode(text, charset = 'UTF-8')`

The bytes of a text in ``charset`` as base64. Raises Fault for an unknown charset.

| expression | result |
|---|---|
| `base64Encode('user:secret')` | `dXNlcjpzZWNyZXQ=` |
| `base64Encode('é', 'ISO-8859-1')` | `6Q==` |

"""


def test_list_names_everything_with_a_summary(myelin: Any) -> None:
    done = myelin("docs")
    assert done.exit_code == 0
    listed = [tuple(line.split(maxsplit=1)) for line in done.stdout.splitlines()]
    assert all(len(each) == 2 for each in listed)
    names = [name for name, _ in listed]
    assert names == [
        *(spec.tag for spec in installed()[0]),
        *FUNCTIONS,
        *SYNAPSE_FUNCTIONS,
        *(tag for tag, _ in unsupported.missing(installed()[0])),
        "connector.yaml",
        *(each.name for each in (*XPATH, *SYNAPSE)),
        *(each.name for each in WELL_KNOWN),
        *(each.name for each in ERROR_CODES),
        *(each.code for each in PROBLEM_CODES),
        *(f"trap-{each.number}" for each in TRAPS),
    ]


@pytest.mark.parametrize(
    ("name", "starts"),
    [
        ("filter", ["### <filter>"]),
        ("gotowebinar.getWebinarById", ["### <gotowebinar.getWebinarById>"]),
        ("sequence", ["### <sequence>", "### <sequence>"]),
        ("base64Encode", ["### base64Encode"]),
        ("HTTP_SC", ["### HTTP_SC"]),
        ("101504", ["### 101504"]),
        ("unknown-mediator", ["### unknown-mediator"]),
    ],
)
def test_page(myelin: Any, name: str, starts: list[str]) -> None:
    done = myelin("docs", name)
    assert done.exit_code == 0
    assert [line for line in done.stdout.splitlines() if line.startswith("#")] == starts


def test_page_of_a_function(myelin: Any) -> None:
    assert myelin("docs", "base64Encode").stdout == BASE64


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("fliter", " Did you mean 'filter'?"),
        ("base64Encodd", " Did you mean 'base64Encode'?"),
        ("unknown-mediatr", " Did you mean 'unknown-mediator'?"),
        ("zzzz", " `myelin docs` lists them all; `--connectors FOLDER` adds yours."),
    ],
)
def test_near_name(myelin: Any, name: str, hint: str) -> None:
    done = myelin("docs", name)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"myelin: there is no page of '{name}'.{hint}\n"


def test_mistakes_of_connectors_are_told(myelin: Any, home: Path) -> None:
    (home / "mine" / "broken").mkdir(parents=True)
    (home / "mine" / "broken" / "connector.yaml").write_text("connector: broken\n")
    done = myelin("docs", "broken.ping", "--connectors", "mine")
    assert done.exit_code == 1
    assert "connector.yaml:1:1: error[missing-key]: 'summary' is missing." in done.stderr


def test_write(myelin: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs, "REFERENCE", home)
    done = myelin("docs", "--write")
    files = docs.reference_files()
    assert done.stdout.splitlines() == [f"wrote {home / name}" for name in files]
    assert {file.name: file.read_text("utf-8") for file in home.iterdir()} == files


def test_a_connector_of_wso2_has_its_pages_too(myelin: Any, home: Path) -> None:
    write_folder(home / "own" / "acme", files(ACME))
    done = myelin("docs", "acme.getOrder", "--connectors", "own")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "### <acme.getOrder>")
    assert "| `<id>` | text or `{expression}` |  | The order. |" in done.stdout
    (home / "own" / "acme" / "connector.xml").write_text("<connector>")
    done = myelin("docs", "acme.getOrder", "--connectors", "own")
    broken, *_ = done.stderr.splitlines()
    assert (done.exit_code, broken.partition(": Premature")[0]) == (
        1,
        "own/acme:1:1: error[bad-connector]: The connector cannot be read. connector.xml is not XML",
    )


def test_a_connector_lists_its_operations(myelin: Any) -> None:
    done = myelin("docs", "gotowebinar")
    assert done.exit_code == 0
    assert all(line.startswith("gotowebinar.") for line in done.stdout.splitlines())
    assert "gotowebinar.getWebinarById" in done.stdout


@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("json-eval", "### json-eval\n\n`json-eval(JSONPATH)`\n"),
        ("$ctx", "### $ctx\n\n`$ctx:NAME`\n"),
        ("vars", "### vars\n\n`${vars.NAME}`\n"),
        ("trap-41", "### Trap 41\n\n**no answer is 202.** "),
        ("ejb", "### <ejb>\n\nIt calls an Enterprise JavaBean"),
    ],
)
def test_words_of_expressions_and_what_does_not_run_have_pages(myelin: Any, name: str, begin: str) -> None:
    assert myelin("docs", name).stdout.startswith(begin)
