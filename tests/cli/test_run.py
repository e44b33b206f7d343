"""Settings and first words of ``run``; the running server is in ``tests/e2e``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.cli.run import announce, run_loop, with_options
from engine.runtime.catalog import language
from engine.runtime.config import Config
from engine.runtime.config import Server as ServerSettings
from engine.runtime.server import Server

NOTHING = {"registry": None, "host": None, "port": None, "admin_port": None, "workers": None}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Config(server=ServerSettings(port=1, workers=3), registry="kept")),
        ({"port": 0}, Config(server=ServerSettings(port=0, workers=3), registry="kept")),
        (
            {"host": "::1", "port": 2, "admin_port": 4, "workers": 1},
            Config(server=ServerSettings("::1", 2, 4, 1), registry="kept"),
        ),
        ({"registry": Path("mine")}, Config(server=ServerSettings(port=1, workers=3), registry="mine")),
    ],
)
def test_options_go_before_the_file(given: dict[str, Any], expected: Config) -> None:
    from_file = Config(server=ServerSettings(port=1, workers=3), registry="kept")
    assert with_options(from_file, NOTHING | given) == expected


def said(folder: Path, capsys: pytest.CaptureFixture[str], admin_url: str = "") -> list[str]:
    server = Server(folder, Config(), language(), (), None)
    server.url, server.admin_url = "http://here", admin_url
    server.deployment.deploy()
    announce(server)
    return capsys.readouterr().out.splitlines()


def test_announcement_counts_in_words(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(flows, capsys) == [
        "myelin serves 1 service at http://here, 1 error (see above)",
        "  http://here/services/good",
    ]
    (flows / "bad.xml").unlink()
    assert said(flows, capsys)[0] == "myelin serves 1 service at http://here"
    (flows / "good.xml").unlink()
    assert said(flows, capsys) == ["myelin serves 0 services at http://here"]
    (flows / "warned.xml").unlink()
    assert said(flows, capsys) == [
        "myelin serves 0 services at http://here",
        "The folder has no flows yet: put an XML file with a proxy or an API into it.",
    ]
    assert said(flows, capsys, "http://0.0.0.0:1")[2:] == ["State, and a picture of each flow: http://127.0.0.1:1/"]
    (flows / "main.xml").write_text('<sequence xmlns="http://ws.apache.org/ns/synapse" name="main"><drop/></sequence>')
    assert said(flows, capsys) == [
        "myelin serves 0 services at http://here",
        "  http://here/ and every other path, by the sequence 'main'",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (),
            "there is no folder 'flows' here. Make one and put XML files into it, or name another: myelin run FOLDER",
        ),
        (("elsewhere",), "there is no folder or file 'elsewhere'"),
        (("--config", "no.yaml"), "no.yaml: cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_start_says_why(myelin: Any, arguments: tuple[str, ...], message: str) -> None:
    done = myelin("run", "--port", "0", "--admin-port", "0", *arguments)
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", f"myelin: {message}\n")


def test_settings_are_read_from_the_folder_it_runs_in(myelin: Any, home: Path) -> None:
    (home / "myelin.yaml").write_text("server: {prot: 1}")
    assert "there is no setting 'prot'" in myelin("run").stderr
    (home / "other.yaml").write_text("servr: {}")
    assert "there is no setting 'servr'" in myelin("run", "--config", "other.yaml").stderr


@pytest.mark.parametrize(("option", "value"), [("--port", "65536"), ("--workers", "0"), ("--admin-port", "x")])
def test_values_out_of_range(myelin: Any, option: str, value: str) -> None:
    done = myelin("run", option, value)
    assert done.exit_code == 2
    assert f"Invalid value for '{option}'" in done.stderr


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_uvloop_runs_it_where_it_is_installed(loop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if loop == "uvloop":
        pytest.importorskip(loop)
    else:
        monkeypatch.setitem(sys.modules, "uvloop", None)  # importing it fails
    ran_on = []

    async def main() -> None:
        assert sys.exception() is None  # else it would be the context of each exception of the engine
        ran_on.append(type(asyncio.get_running_loop()).__module__.partition(".")[0])

    run_loop(main())
    assert ran_on == [loop]
