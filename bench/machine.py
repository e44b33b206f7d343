"""Where figures were measured: they mean something beside others of the same run only."""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess

from bench import tools

_VERSION_OPTIONS = {"nginx": "-v", "node": "--version", "wrk": "-v"}


def describe(now: datetime.datetime) -> str:
    """Date, machine and versions, for the head of the output."""
    versions = [f"Python {platform.python_version()}", *filter(None, map(_version, _VERSION_OPTIONS))]
    cores = len(os.sched_getaffinity(0))
    return f"{now:%Y-%m-%d %H:%M}, {cores} cores, {platform.system()} {platform.machine()}, {', '.join(versions)}"


def _version(program: str) -> str:
    """Name and version; empty when it is not installed."""
    path = tools.find(program)
    if path is None:
        return ""
    command = [path, _VERSION_OPTIONS[program]]
    said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603
    found = re.search(r"\d+(\.\d+)+", said.stderr + said.stdout)
    return f"{program} {found[0]}" if found else program
