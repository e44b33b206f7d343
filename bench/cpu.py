"""CPU time and memory of a process and its descendants, from ``/proc`` (Linux; proc(5))."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

_UTIME, _STIME = 11, 12
"""Positions in ``/proc/PID/stat`` counted from the field after the process name."""


def family(pid: int) -> list[int]:
    """The process and all its descendants that live."""
    pids = [pid]
    for parent in pids:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                pids.extend(int(child) for child in (task / "children").read_text().split())
    return pids


def cpu_seconds(pid: int) -> float:
    """User and system time that the process and its living descendants have used."""
    return sum(_ticks(member) for member in family(pid)) / TICKS_PER_SECOND


def resident_megabytes(pid: int) -> float:
    """Memory resident now, summed over the process and its descendants."""
    return _memory(pid, "VmRSS")


def peak_megabytes(pid: int) -> float:
    """The largest resident memory so far, summed over the process and its descendants."""
    return _memory(pid, "VmHWM")


def reset_peak(pid: int) -> None:
    """Let ``peak_megabytes`` count from now on."""
    for member in family(pid):
        Path(f"/proc/{member}/clear_refs").write_text("5")


def _ticks(pid: int) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    fields = stat.rpartition(")")[2].split()
    return int(fields[_UTIME]) + int(fields[_STIME])


def _memory(pid: int, field: str) -> float:
    return sum(_kilobytes(member, field) for member in family(pid)) / 1024


def _kilobytes(pid: int, field: str) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1])
    return 0
