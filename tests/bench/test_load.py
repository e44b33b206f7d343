from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bench import load
from bench.cpu import TICKS_PER_SECOND
from bench.load import Sample, WrongAnswer
from bench.payloads import Payload

PAYLOAD = Payload("500 B", "application/json", b'{"batch":"batch-500"}', b"batch-500")


class BackEnd(BaseHTTPRequestHandler):
    """``/STATUS`` answers with that status and the body that came, ``/STATUS/x`` with another body."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        _, status, *other = self.path.split("/")
        self.send_response(int(status))
        self.end_headers()
        self.wfile.write(b"other" if other else body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), BackEnd) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_sample() -> None:
    sample = Sample(requests=1000, seconds=2.0, cpu_seconds=0.5, p99=0.01, errors=0)
    assert (sample.per_second, sample.cpu_per_request, sample.per_cpu_second) == (500, 0.0005, 2000)


def test_sample_of_nothing_divides_by_nothing() -> None:
    sample = Sample(requests=0, seconds=2.0, cpu_seconds=0.0, p99=0.0, errors=0)
    assert (sample.per_second, sample.cpu_per_request, sample.per_cpu_second) == (0, 0, 0)
    assert Sample(1, 2.0, 0.0, 0.0, 0).per_cpu_second == TICKS_PER_SECOND


def test_right_answer_gives_its_size(url: str) -> None:
    assert load.check(f"{url}/200", PAYLOAD) == len(PAYLOAD.body)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/202/x", "answered 202 with 5 bytes: b'other'"),
        ("/200/x", "answered 200 with 5 bytes: b'other'"),
        ("/502", r"answered 502: b'\{\"batch"),
    ],
)
def test_wrong_answer(url: str, path: str, reason: str) -> None:
    with pytest.raises(WrongAnswer, match=reason):
        load.check(f"{url}{path}", PAYLOAD)


def test_no_answer() -> None:
    with pytest.raises(WrongAnswer, match=r"no answer: .*refused"):
        load.check("http://127.0.0.1:1", PAYLOAD)
