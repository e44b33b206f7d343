"""Tokens of connectors with real processes: many calls in two workers, restarts, a process that dies in a refresh."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

CONNECTOR = """\
connector: acme
summary: A.
base_url: {url}
auth: {{type: oauth2, grant: refresh_token, token_url: {url}/token}}
operations:
  list: {{summary: List., method: GET, path: /orders}}
"""
FLOW = """\
<proxy xmlns="http://ws.apache.org/ns/synapse" name="orders"><target><inSequence>
  <acme.init><clientId>c</clientId><refreshToken>r0</refreshToken><registryPath>conf:/acme</registryPath></acme.init>
  <acme.list/><respond/>
</inSequence></target></proxy>
"""


class TokenServer:
    """Gives rotating tokens; the API takes the newest only."""

    def __init__(self, back_end: Any) -> None:
        self.given = 0
        self.refreshed_with: list[str] = []
        self.hold: threading.Event | None = None
        self.asked = threading.Event()
        self._lock = threading.Lock()
        back_end.on("/token", self._give)
        back_end.on("/orders", self._orders)

    def _give(self, message: Any, connection: Any) -> None:
        with self._lock:
            refresh = message.body.decode().partition("refresh_token=")[2].partition("&")[0]
            self.refreshed_with.append(refresh)
            self.asked.set()
        if self.hold is not None:
            assert self.hold.wait(10)
        with self._lock:
            self.given += 1
            answer = {"access_token": f"t{self.given}", "refresh_token": f"r{self.given}", "expires_in": 3600}
        connection.answer(200, json.dumps(answer).encode())

    def _orders(self, message: Any, connection: Any) -> None:
        good = message.header("authorization") == f"Bearer t{self.given}"
        connection.answer(200 if good else 401, b"[]")


@pytest.fixture
def server(back_end: Any) -> Iterator[TokenServer]:
    yield TokenServer(back_end)
    back_end.scripts.clear()


@pytest.fixture
def run(start: Any, back_end: Any, tmp_path: Path) -> Any:
    folder = tmp_path / "connectors" / "acme"
    folder.mkdir(parents=True)
    (folder / "connector.yaml").write_text(CONNECTOR.format(url=back_end.url))
    shared = ("--connectors", str(folder.parent), "--registry", str(tmp_path / "registry"))
    return lambda *options: start({"a.xml": FLOW}, "", *shared, *options)


def call_many(engine: Any, count: int) -> list[int]:
    with ThreadPoolExecutor(50) as pool:
        answers = pool.map(lambda _: engine.call("POST", "/services/orders", json={}).status_code, range(count))
        return list(answers)


def test_200_calls_in_two_workers_are_one_refresh(run: Any, server: TokenServer) -> None:
    engine = run("--workers", "2")
    assert call_many(engine, 200) == [200] * 200
    assert server.refreshed_with == ["r0"]
    engine.stop()
    # A restart goes on with the stored token, and then with the rotated refresh token.
    again = run("--workers", "2")
    assert call_many(again, 20) == [200] * 20
    assert server.refreshed_with == ["r0"]
    server.given += 1  # the API has revoked the token
    assert call_many(again, 20) == [200] * 20
    assert server.refreshed_with == ["r0", "r1"]


def test_a_process_that_dies_in_a_refresh_leaves_a_good_state(run: Any, server: TokenServer) -> None:
    server.hold = threading.Event()
    engine = run()
    client = engine.connect().send(b"POST /services/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    assert server.asked.wait(10)
    engine.process.send_signal(signal.SIGKILL)
    engine.ended()
    client.close()
    server.hold.set()
    again = run()
    assert call_many(again, 10) == [200] * 10
    assert server.refreshed_with == ["r0", "r0"]
