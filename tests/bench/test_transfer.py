from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path

from bench import transfer
from bench.bulk_backend import PIECE, checksum
from bench.compare import MISSING
from bench.transfer import CASES, Transfer


def test_every_case_through_the_engine_small(tmp_path: Path) -> None:
    """Every byte arrives, by its checksum."""
    small = [replace(case, size=3_000_001, rate=case.rate and 30_000_000) for case in CASES]
    results = transfer.measure(tmp_path, small, ["myelin"])
    assert [(result.case, result.problem) for result in results] == [(case.title, "") for case in CASES]
    assert all(0 < result.seconds < 10 and result.rise < 20 for result in results)


def test_checksum_is_that_of_repeated_pieces() -> None:
    assert checksum(len(PIECE) * 2 + 3) == zlib.crc32(PIECE + PIECE + PIECE[:3])
    assert checksum(0) == 0


RESULTS = [
    Transfer("nginx", "answer", 1000.0, 1.25, 0.54, 0.04),
    Transfer("node", "", problem=MISSING),
    Transfer("myelin", "answer", 1000.0, 1.25, 0.54, 20.0),
    Transfer("myelin", "request", problem="reset"),
]


def test_report() -> None:
    assert transfer.report(RESULTS).splitlines()[2:] == [
        "| what | peer | MB | seconds | CPU s | memory rise MB | target |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| answer | nginx | 1,000 | 1.2 | 0.5 | 0.0 |  |",
        "|  | node | **missing** |  |  |  |  |",
        "| answer | myelin | 1,000 | 1.2 | 0.5 | 20.0 | < 20 MB: **MISSED** |",
        "| request | myelin | **reset** |  |  |  |  |",
    ]


def test_what_counts_as_failed() -> None:
    assert [result.failed for result in RESULTS] == [False, False, False, True]
