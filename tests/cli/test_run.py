"""Settings and first words of ``run``; the running server is in ``tests/e2e``."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.cli.run import LogFormatter, announce, run_loop, with_options
from engine.core.log_text import OWN_BREAKS
from engine.core.redaction import SECRETS
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
    assert said(flows, capsys, "http://0.0.0.0:1")[1:] == ["State, and a picture of each flow: http://127.0.0.1:1/"]


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


def test_log_lines_do_not_show_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    SECRETS.add("hunter2-of-the-log")
    formatter = LogFormatter("%(message)s")
    try:
        raise ValueError("hunter2-of-the-log")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "a %s", ("hunter2-of-the-log",), sys.exc_info())
    text = formatter.format(record)
    assert text.startswith("a ***")
    assert "ValueError: ***" in text
    assert "hunter2" not in text


FORGED = "a\n2026-01-01 00:00:00,000 ERROR   myelin: forged\r\x1b[2J\x85\u2028b\tc"
SAFE = r"a\n2026-01-01 00:00:00,000 ERROR   myelin: forged\r\x1b[2J\x85\u2028b" + "\tc"


def test_data_in_a_log_line_begins_no_other_line() -> None:
    try:
        raise ValueError(FORGED)
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "%s", (FORGED,), sys.exc_info())
    first, *trace = LogFormatter("%(levelname)s: %(message)s").format(record).split("\n")
    assert first == f"ERROR: {SAFE}"
    assert trace[0] == "    Traceback (most recent call last):"
    assert all(line.startswith("    ") for line in trace)
    assert "\x1b" not in "".join(trace)


def test_an_author_may_break_a_line() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "%s", ("a = 1\nb = 2",), None)
    vars(record).update(OWN_BREAKS)
    assert LogFormatter("%(levelname)s: %(message)s").format(record) == "INFO: a = 1\n    b = 2"


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
