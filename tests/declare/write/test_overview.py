from __future__ import annotations

import re

from engine.cli.docs import reference_files
from engine.declare.write.overview import PAGE


def test_every_page_is_there() -> None:
    named = set(re.findall(r"\(([\w-]+\.md)\)|`(synapse[\w.]+)`", PAGE))
    assert {one or other for one, other in named} == set(reference_files()) - {"README.md"} | {"coverage.md"}
