"""What happens to the client, the log and the connection at each fault of a back end (``bench/faults``).

The table is printed by ``-s``.
"""

from __future__ import annotations

import shutil

import pytest

from bench.faults import run
from bench.faults.run import Faults
from bench.faults.table import TABLE


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Faults:
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command, which makes the certificates, is not installed")
    result = run.measure(tmp_path_factory.mktemp("faults"))
    print("\n" + run.report(result))
    return result


@pytest.mark.parametrize("name", TABLE)
def test_fault(faults: Faults, name: str) -> None:
    assert name in {seen.name for seen in faults.rows}
    assert faults.mistakes.get(name, []) == []


def test_nothing_is_left_behind(faults: Faults) -> None:
    before, after = faults.files
    assert after <= before
    assert faults.connections == 0
