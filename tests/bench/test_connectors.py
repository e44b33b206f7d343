from __future__ import annotations

from bench import connectors
from bench.connectors import Loading


def test_loading() -> None:
    assert connectors.report_loading(Loading((0.4, 45.0), (5.0, 299.0))).splitlines()[4:] == [
        "| start to ready, s | 0.40 | 5.00 | < 5 s: **MISSED** |",
        "| resident, MB | 45 | 299 | < 300 MB: ok |",
    ]
