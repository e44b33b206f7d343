"""The built wheel alone, from an empty folder, without the checkout."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

CHECKOUT = Path(__file__).parents[2]
PROXY = (
    '<proxy xmlns="http://ws.apache.org/ns/synapse" name="p">'
    "<target><inSequence><respond/></inSequence></target></proxy>"
)

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("hatchling") is None, reason="building the wheel needs hatchling, which is not installed"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(CHECKOUT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    [built] = folder.glob("myelin-*.whl")
    return built


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def environment(unpacked: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(unpacked), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def start(tmp_path: Path, environment: dict[str, str]) -> Iterator[Any]:
    """Starts ``myelin`` in the empty folder; it is gone with the test."""
    processes = []

    def start_one(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "engine", *arguments, "--port", "0", "--admin-port", "0"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        processes.append(process)
        return process

    yield start_one
    for process in processes:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str], last: str) -> str:
    """What it prints, up to the line that begins with ``last``."""
    lines = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if line.startswith(last):
            return "".join(lines)
    pytest.fail("it ended early:\n" + "".join(lines))


def test_everything_is_in_it_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    sources = [file for room in ("engine", "connectors") for file in (CHECKOUT / room).rglob("*.py")]
    reference = [file for file in (CHECKOUT / "engine" / "reference").iterdir() if file.is_file()]
    wanted = {str(file.relative_to(CHECKOUT)) for file in [*sources, *reference]}
    wanted |= {f"connectors/gotowebinar/flows/{file.name}" for file in (CHECKOUT / "flows").glob("*.xml")}
    wanted |= {"connectors/gotowebinar/connector.yaml"}
    assert wanted - inside == set()
    rooms = {name.split("/")[0] for name in inside}
    assert {room for room in rooms if not room.endswith(".dist-info")} == {"engine", "connectors"}


def test_command_is_declared(unpacked: Path) -> None:
    [declared] = unpacked.glob("*.dist-info/entry_points.txt")
    assert "myelin = engine.cli.main:main" in declared.read_text()


def test_check(unpacked: Path, environment: dict[str, str], tmp_path: Path) -> None:
    flows = unpacked / "connectors" / "gotowebinar" / "flows"
    done = subprocess.run(
        [sys.executable, "-m", "engine", "check", "--strict", str(flows)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "14 files, 14 artifacts, 0 errors, 0 warnings\n"


def test_the_unpacked_engine_is_the_one_that_runs(unpacked: Path, environment: dict[str, str], tmp_path: Path) -> None:
    code = "import connectors, engine; print(engine.__file__, *connectors.__path__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(unpacked / "engine" / "__init__.py"), str(unpacked / "connectors")]


def test_run(start: Any, tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "p.xml").write_text(PROXY)
    process = start("run")
    url = said(process, "myelin serves 1 service at ").split()[-1]
    answer = requests.post(f"{url}/services/p", json={"a": 1}, timeout=10)
    assert (answer.status_code, answer.json()) == (200, {"a": 1})
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0


def test_demo(start: Any, tmp_path: Path) -> None:
    process = start("demo")
    text = said(process, "Ctrl-C ends it.")
    assert "\nAnswer 200:\n" in text
    assert re.search(r"myelin serves 14 services at http://127\.0\.0\.1:\d+\n", text)
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0
    assert list(tmp_path.iterdir()) == []
