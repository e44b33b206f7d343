from __future__ import annotations

from pathlib import Path

from engine.runtime.catalog import installed, language, shipped_connectors

CONNECTOR = """\
connector: {name}
summary: A connector.
operations:
  ping: {{summary: {summary}, method: GET, path: /ping}}
"""


def write(folder: Path, name: str, summary: str = "Ping.") -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "connector.yaml").write_text(CONNECTOR.format(name=name, summary=summary))
    return folder


def test_language_is_scanned_once_and_has_no_connector() -> None:
    assert language() is language()
    assert [spec.tag for spec in language() if "." in spec.tag] == []
    kinds = {"log": "mediator", "proxy": "artifact", "http": "endpoint-type"}
    assert [language().get(kind, tag) is not None for tag, kind in kinds.items()] == [True] * 3


def test_installed_has_the_connectors_that_ship() -> None:
    catalog, problems = installed()
    assert list(problems) == []
    assert catalog.get("mediator", "gotowebinar.createWebinar") is not None
    assert (shipped_connectors() / "gotowebinar" / "connector.yaml").is_file()


def test_later_folders_replace_earlier_ones(tmp_path: Path) -> None:
    folders = [write(tmp_path / "a", "mine", "First."), write(tmp_path / "b", "mine", "Second.")]
    catalog, problems = installed(folders)
    spec = catalog.get("mediator", "mine.ping")
    assert list(problems) == []
    assert spec is not None
    assert spec.summary == "Second."
    assert language().get("mediator", "mine.ping") is None


def test_mistakes_in_connectors_are_problems(tmp_path: Path) -> None:
    write(tmp_path, "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "connector.yaml").write_text("[")
    catalog, problems = installed([tmp_path])
    assert [(problem.code, Path(problem.where.file).parent.name) for problem in problems] == [("bad-yaml", "bad")]
    assert catalog.get("mediator", "good.ping") is not None
