from __future__ import annotations

import subprocess
import sys
from typing import Any

from engine import __version__
from engine.cli.main import COMMANDS


def test_help_lists_every_command(myelin: Any) -> None:
    done = myelin("--help")
    assert done.exit_code == 0
    listed = done.output.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed if line.strip()] == list(COMMANDS)
    assert not [line for line in listed if line.endswith("...")]  # each says all it has to say on its line


def test_version(myelin: Any) -> None:
    done = myelin("--version")
    assert (done.exit_code, done.output) == (0, f"myelin, version {__version__}\n")


def test_unknown_command(myelin: Any) -> None:
    done = myelin("rnu")
    assert done.exit_code == 2
    assert done.stderr.endswith("Error: No such command 'rnu'. Did you mean 'run'?\n")


def test_check_starts_without_a_web_server() -> None:
    code = (
        "import sys; from engine.cli.main import main\n"
        "main(['check', '--help'], standalone_mode=False); print(*sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    modules = done.stdout.split()
    assert "engine.cli.check" in modules
    assert not {"uvicorn", "uvloop", "engine.cli.run"} & set(modules)
