from __future__ import annotations

from pathlib import Path

import pytest

from engine.declare.catalog import Catalog
from engine.plugins.discovery import discover, discover_packages
from engine.runtime.catalog import language, shipped_connectors
from engine.testing.harness import Harness

YAML = """\
connector: {name}
summary: Greetings.
python: [operations]
operations:
  list: {{summary: List., method: GET, path: /list}}
  add: {{summary: Add., method: POST, path: /add, body_from: operations.body}}
"""

PYTHON = '''
from engine.api import Answer, Call, operation
from . import words

@operation("{name}.greet")
def greet(name: str) -> dict[str, str]:
    """Greet.

    Args:
        name: Whom.
    """
    return {{"greeting": f"{{words.HELLO}} {{name}}"}}

def body(values):
    return {{}}
'''


def connector(folder: Path, name: str, yaml: str = YAML, python: str = PYTHON, hello: str = "Hello") -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "connector.yaml").write_text(yaml.format(name=name))
    (folder / name / "operations.py").write_text(python.format(name=name))
    (folder / name / "words.py").write_text(f"HELLO = {hello!r}\n")
    return folder


def found(*folders: Path) -> tuple[list[str], list[str]]:
    specs, problems = discover(folders)
    return [spec.tag for spec in specs], [f"{problem.code}: {problem.message}" for problem in problems]


def test_shipped_connectors_have_no_problems() -> None:
    tags, problems = found(shipped_connectors())
    assert problems == []
    assert len([tag for tag in tags if tag.startswith("gotowebinar.")]) == 59


def test_examples_of_shipped_connectors_load() -> None:
    specs, _ = discover([shipped_connectors()])
    harness = Harness(catalog=language().with_specs(specs))
    assert [harness.problems(spec.example) for spec in specs] == [[]] * len(specs)


async def test_connector_of_a_user(tmp_path: Path) -> None:
    specs, problems = discover([connector(tmp_path, "mine")])
    assert list(problems) == []
    assert [spec.tag for spec in specs] == ["mine.greet", "mine.list", "mine.add"]
    catalog: Catalog = language().with_specs(specs)
    harness = Harness(catalog=catalog)
    message = harness.message(b"{}")
    await harness.run("<mine.greet><name>you</name></mine.greet>", message)
    assert message.payload.json() == {"greeting": "Hello you"}


async def test_later_connector_of_the_same_name_wins(tmp_path: Path) -> None:
    first = connector(tmp_path / "a", "twice", hello="First")
    second = connector(tmp_path / "b", "twice", hello="Second")
    for folders, greeting in (([first], "First you"), ([first, second], "Second you"), ([first], "First you")):
        specs, _ = discover(folders)
        harness = Harness(catalog=language().with_specs(specs))
        message = harness.message(b"{}")
        await harness.run("<twice.greet><name>you</name></twice.greet>", message)
        assert message.payload.json() == {"greeting": greeting}


def test_folders_without_connectors(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert found(tmp_path, tmp_path / "missing") == ([], [])


@pytest.mark.parametrize(
    ("python", "problem"),
    [
        (
            "import nothing_of_this_name",
            "unknown-module: The module 'operations' cannot be imported: ModuleNot",
        ),
        ("def f(:", "unknown-module: The module 'operations' cannot be imported: SyntaxError"),
        ("1/0", "unknown-module: The module 'operations' cannot be imported: ZeroDivisionError"),
        (PYTHON.replace("{name}.greet", "other.greet"), "bad-name: 'other.greet' in operations must begin with"),
        (PYTHON.replace("{name}.greet", "{name}.list"), ".list> is declared twice."),
        (PYTHON.replace("def body", "def bdoy"), "has no function 'body'. Did you mean 'bdoy'?"),
    ],
)
def test_mistakes_in_python_are_problems_of_one_connector(
    tmp_path: Path, python: str, problem: str, request: pytest.FixtureRequest
) -> None:
    name = f"broken{abs(hash(request.node.name))}"
    folder = connector(connector(tmp_path, "good"), name, python=python)
    tags, problems = found(folder)
    assert any(problem in each for each in problems), problems
    assert {"good.greet", "good.list", "good.add"} <= set(tags)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[operations]", "['../operations']", "unknown-module: '../operations' is no name of a module."),
        ("[operations]", "[os]", "unknown-module: The module 'os' cannot be imported"),
        ("operations.body", "body", "unknown-function: 'body' must be 'module.function'."),
        ("connector: {name}", "connector: [", "bad-yaml: Not YAML"),
    ],
)
def test_mistakes_in_yaml(tmp_path: Path, old: str, new: str, problem: str) -> None:
    _, problems = found(connector(tmp_path, "wrong", yaml=YAML.replace(old, new)))
    assert any(each.startswith(problem) for each in problems), problems


def package(folder: Path, name: str, entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ``pip install`` leaves of a distribution with a connector in it."""
    connector(folder, entry)
    (folder / entry).rename(folder / name)
    (folder / name / "__init__.py").write_text("")
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[myelin.connectors]\n{entry} = {name}\n")
    monkeypatch.syspath_prepend(str(folder))


async def test_connectors_come_with_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path, "acme_for_myelin", "acmepip", monkeypatch)
    specs, problems = discover_packages()
    assert list(problems) == []
    assert [spec.tag for spec in specs if spec.tag.startswith("acmepip.")] == [
        "acmepip.greet",
        "acmepip.list",
        "acmepip.add",
    ]
    harness = Harness(catalog=language().with_specs(specs))
    message = harness.message(b"{}")
    await harness.run("<acmepip.greet><name>you</name></acmepip.greet>", message)
    assert message.payload.json() == {"greeting": "Hello you"}


def test_a_package_that_cannot_be_imported_is_a_problem_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package(tmp_path, "broken_for_myelin", "brokenpip", monkeypatch)
    (tmp_path / "broken_for_myelin" / "__init__.py").write_text("1 / 0")
    _, problems = discover_packages()
    [problem] = problems
    assert problem.code == "unknown-module"
    assert "ZeroDivisionError" in problem.message
