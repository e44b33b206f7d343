from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from bench import edge, edge_server, load, payloads


@pytest.mark.parametrize("name", edge_server.WAYS)
def test_every_way_gives_the_body_back(name: str, tmp_path: Path) -> None:
    payload = payloads.orders("json", "100 kB")
    with contextlib.ExitStack() as stack:
        way = edge.start(stack, name, tmp_path)
        assert load.check(way.url, payload) == len(payload.body)
