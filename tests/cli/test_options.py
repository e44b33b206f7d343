from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

CONNECTOR = """\
connector: {name}
summary: A connector.
operations:
  ping:
    summary: Ping the API.
    method: GET
    path: /ping
"""


def write(folder: Path, name: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "connector.yaml").write_text(CONNECTOR.format(name=name))


def test_connectors_may_be_given_several_times(myelin: Any, home: Path) -> None:
    write(home / "a", "first")
    write(home / "b", "second")
    done = myelin("docs", "--connectors", "a", "--connectors", "b")
    names = [line.split()[0] for line in done.output.splitlines()]
    assert {"first.ping", "second.ping", "gotowebinar.getWebinarById"} <= set(names)


@pytest.mark.parametrize("path", ["nowhere", "file"])
def test_connectors_must_be_a_folder(myelin: Any, home: Path, path: str) -> None:
    (home / "file").touch()
    done = myelin("docs", "--connectors", path)
    assert done.exit_code == 2
    assert f"'{path}'" in done.output
