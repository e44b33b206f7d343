"""Saxon, for XSLT 2.0 and 3.0 and for XQuery: the extra ``saxon``, in processes of its own.

The library holds Python's lock while it works, which would hold all messages, and cannot be interrupted. A process may
be: what takes too long ends with it. It gets no environment, reads and writes no file and asks no network.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import Fault
from engine.mediators._stylesheet import Output, text_output
from engine.message.codecs import xml
from engine.message.codecs.errors import DecodeError

log = logging.getLogger("myelin.xslt")

HINT = "pip install 'myelin[saxon]'"
"""How to get it."""

SECONDS = 30.0
"""The longest time of one transformation or query."""

PROCESSES = max(2, min(4, os.cpu_count() or 1))
"""Transformations and queries at a time; more of them wait."""

_PROGRAM = Path(__file__).with_name("_saxon_process.py")
_DECLARATION = re.compile(r"^<\?xml[^>]*\?>\s*")
_Process = subprocess.Popen[bytes]


def is_installed() -> bool:
    return importlib.util.find_spec("saxonche") is not None


class SaxonStylesheet:
    """A stylesheet. A result that is no XML is text, whatever the output method."""

    is_slow = True

    def __init__(self, source: bytes) -> None:
        if not is_installed():
            raise Fault(f"XSLT 2.0 and 3.0 need Saxon: {HINT}")
        self._source = source.decode()

    def transform(self, source: xml.Element, parameters: Mapping[str, str]) -> Output:
        request = {"stylesheet": self._source, "document": xml.text_of(source), "parameters": dict(parameters)}
        result = ask("the transformation", request)
        try:
            return Output(xml.decode_text(_DECLARATION.sub("", result)), lambda: result)
        except DecodeError:
            return text_output(result)


def ask(what: str, request: dict[str, Any]) -> Any:
    """The result of a request (see ``_saxon_process.py``). Waits for it. Raises Fault, with what Saxon printed."""
    answer = _PROCESSES.answer(what, request)
    if "error" in answer:
        raise Fault(answer["error"], detail=answer["said"])
    if answer["said"]:
        log.info("%s says: %s", what, answer["said"])
    return answer["result"]


class _Processes:
    """Those that run. One that has answered is used again."""

    def __init__(self) -> None:
        self._idle: list[_Process] = []
        self._places = threading.BoundedSemaphore(PROCESSES)

    def answer(self, what: str, request: dict[str, Any]) -> dict[str, Any]:
        """Raises Fault when there is none, since the process has ended."""
        with self._places:
            process = self._one()
            assert process.stdin is not None
            assert process.stdout is not None
            line = b""
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(json.dumps({**request, "seconds": SECONDS}).encode() + b"\n")
                process.stdin.flush()
                line = process.stdout.readline()
            if not line.endswith(b"\n"):
                raise Fault(f"{what} {_end_of(process)}", status=500)
            self._idle.append(process)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _one(self) -> _Process:
        while self._idle:
            process = self._idle.pop()
            if process.poll() is None:
                return process
            _end_of(process)
        return subprocess.Popen(  # noqa: S603  the program is our own
            [sys.executable, "-P", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},
        )

    def close(self) -> None:
        while self._idle:
            _end_of(self._idle.pop())


def _end_of(process: _Process) -> str:
    """How a process ended, in words; one that still runs has no more input, and does so now."""
    with process, contextlib.suppress(BrokenPipeError):
        pass
    if process.returncode == -signal.SIGALRM:
        return f"took more than {SECONDS:g} seconds"
    return f"ended Saxon's process, with the code {process.returncode}: did it need too much memory?"


_PROCESSES = _Processes()
atexit.register(_PROCESSES.close)
