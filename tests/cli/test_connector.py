from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

API = """\
openapi: 3.0.0
info: {title: Pets}
servers: [{url: "http://127.0.0.1:1/v1"}]
components: {securitySchemes: {k: {type: apiKey, in: header, name: X-Key}}}
security: [{k: []}]
paths:
  /pets/{id}:
    get:
      operationId: getPet
      summary: Get a pet.
      parameters: [{name: id, in: path, required: true, schema: {type: integer}, description: Which.}]
      responses:
        "200":
          description: A pet.
          content:
            application/json: {schema: {type: object, properties: {name: {type: string, example: Rex}}}}
"""


@pytest.fixture
def api(home: Path) -> Path:
    (home / "api.yaml").write_text(API)
    return home / "api.yaml"


@pytest.fixture
def made(myelin: Any, api: Path) -> Path:
    done = myelin("connector", "new", "pets", "--openapi", str(api))
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "wrote connectors/pets/connector.yaml: 1 operation and init",
        "Read about it:  myelin connector docs pets --connectors connectors",
        "Serve flows with it:  myelin run --connectors connectors",
    ]
    return Path("connectors")


def test_new_does_not_write_over_a_file(myelin: Any, made: Path, api: Path) -> None:
    again = myelin("connector", "new", "pets", "--openapi", str(api))
    assert again.exit_code == 2
    assert "--force writes over it" in again.stderr
    assert myelin("connector", "new", "pets", "--openapi", str(api), "--force").exit_code == 0


@pytest.mark.parametrize(
    ("name", "text", "status", "message"),
    [
        ("my-pets", API, 2, "cannot be the name of a connector"),
        ("pets", "a: 1", 1, "it has no 'paths'"),
    ],
)
def test_new_says_why_not(myelin: Any, api: Path, name: str, text: str, status: int, message: str) -> None:
    api.write_text(text)
    done = myelin("connector", "new", name, "--openapi", str(api))
    assert (done.exit_code, message in done.stderr) == (status, True)


@pytest.mark.parametrize("path", ["connectors", "connectors/pets", "connectors/pets/connector.yaml"])
def test_check(myelin: Any, made: Path, path: str) -> None:
    done = myelin("connector", "check", path)
    assert (done.exit_code, done.stdout) == (0, "2 operations, 0 problems\n")


def test_check_finds_mistakes(myelin: Any, made: Path) -> None:
    file = made / "pets" / "connector.yaml"
    file.write_text(file.read_text().replace("method: GET", "method: FETCH"))
    done = myelin("connector", "check", "connectors")
    assert done.exit_code == 1
    assert "error[bad-choice]: 'FETCH' as 'method'" in done.stdout
    assert myelin("connector", "check", "connectors/pets/..", "api.yaml").exit_code != 0


def test_docs(myelin: Any, made: Path) -> None:
    done = myelin("connector", "docs", "pets", "--connectors", "connectors")
    assert done.exit_code == 0
    assert "pets.getPet" in done.stdout
    assert "pets.init" in done.stdout
    assert "Which." in done.stdout
    wrong = myelin("connector", "docs", "pest", "--connectors", "connectors")
    assert (wrong.exit_code, "Did you mean 'pets'?" in wrong.stderr) == (1, True)


def test_try_against_a_stub(myelin: Any, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETS_KEY", "k")
    options = ("--connectors", "connectors", "--init", "apiKey=env:PETS_KEY")
    done = myelin("connector", "try", "pets.getPet", "id=5", "--stub", "api.yaml", *options)
    assert (done.exit_code, done.stdout) == (0, '{"name":"Rex"}\n')
    assert done.stderr.startswith("200\n")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("pets.getPets", "id=5"), 1, "Did you mean 'pets.getPet'?"),
        (("pets.getPet", "--init", "apiKey=k"), 2, "needs id"),
        (("pets.getPet", "id=5", "idd=6", "--init", "apiKey=k"), 2, "has no parameter 'idd'. Did you mean 'id'?"),
        (("pets.getPet", "id=x", "--init", "apiKey=k"), 1, "myelin: 'x' as id must be a whole number."),
        (("pets.getPet", "5", "--init", "apiKey=k"), 2, "'5' is no NAME=VALUE"),
        (("pets.getPet", "id=5", "--init", "apiKey=k"), 1, "cannot connect"),
    ],
)
def test_try_says_why_not(myelin: Any, made: Path, arguments: tuple[str, ...], status: int, message: str) -> None:
    done = myelin("connector", "try", *arguments, "--connectors", "connectors")
    assert (done.exit_code, message in done.stderr) == (status, True), done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("docs", "pets"), "there is no connector 'pets'. `--connectors FOLDER` adds yours."),
        (("docs", "gotowebiner"), "there is no connector 'gotowebiner'. Did you mean 'gotowebinar'?"),
        (("try", "pets.getPet"), "there is no operation 'pets.getPet'. `--connectors FOLDER` adds yours."),
    ],
)
def test_what_is_not_there(myelin: Any, arguments: tuple[str, ...], told: str) -> None:
    done = myelin("connector", *arguments)
    assert (done.exit_code, done.stderr) == (1, f"myelin: {told}\n")
