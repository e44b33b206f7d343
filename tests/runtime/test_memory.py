"""What a serving process does about its memory, in a process of its own: the settings hold for all of it."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_CALM = """
import gc
from engine.runtime import memory
memory.calm_collector()
print(gc.get_freeze_count() > 1000, gc.get_threshold()[0] > 10_000)
"""
_FAULTS = """
import resource, sys
from engine.runtime import memory
if sys.argv[1] == "kept":
    memory.keep_freed()
held = bytearray(4_000_000)  # so that there is something before the blocks below
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def message():
    blocks = [bytearray(120_000) for _ in range(8)]
    for block in blocks:
        block[::4096] = b"x" * len(block[::4096])
message()
before = faults()
for _ in range(100):
    message()
print(faults() - before)
"""


def run(code: str, *arguments: str) -> str:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True).stdout


def test_the_collector_leaves_alone_what_is_there() -> None:
    assert run(_CALM) == "True True\n"


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc has these settings; a Linux with glibc runs it"
)
def test_freed_memory_is_used_again_without_page_faults() -> None:
    given_back, kept = (int(run(_FAULTS, each)) for each in ("given back", "kept"))
    assert kept * 10 < given_back
