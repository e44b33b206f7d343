"""``python samples/back_end.py samples/NAME``: the back end of a sample, on port 8391.

The file ``sample.yaml`` of a sample says what its back end answers: a file, or several of which each is given once and
the last one from then on. ``503`` in place of a file is an answer with that status.
"""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

PORT = 8391
_TYPES = {".json": "application/json", ".xml": "application/xml", ".txt": "text/plain"}


class BackEnd(ThreadingHTTPServer):
    """``answers`` by ``METHOD /path``. Keeps what it got: method and path, headers, body."""

    daemon_threads = True

    def __init__(self, folder: Path, answers: dict[str, Any], port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self._folder = folder
        self._answers = {key: list(each) if isinstance(each, list) else [each] for key, each in answers.items()}
        self._lock = threading.Lock()

    def take(self, request: str, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes]:
        """Status, content type and body of the answer."""
        with self._lock:
            self.got.append((request, headers, body))
            answers = self._answers.get(request, [404])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, int):
            return answer, "text/plain", b""
        file = self._folder / answer
        return 200, _TYPES[file.suffix], file.read_bytes()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BackEnd

    def _answer(self) -> None:
        body = self._body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, content_type, answer = self.server.take(f"{self.command} {self.path}", headers, body)
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  # the names that the standard library looks for

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        pieces = []
        while size := int(self.rfile.readline(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def log_message(self, format: str, *args: Any) -> None:
        if self.server.server_port == PORT:
            super().log_message(format, *args)


def main() -> None:
    """Serve until Ctrl-C."""
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "sample.yaml").is_file():
        sys.exit("Usage: python samples/back_end.py samples/NAME")
    folder = Path(sys.argv[1])
    sample = yaml.safe_load((folder / "sample.yaml").read_text())
    if "back_end" not in sample:
        sys.exit(f"{folder} needs no back end.")
    try:
        server = BackEnd(folder, sample["back_end"], PORT)
    except OSError as error:
        sys.exit(f"cannot listen on 127.0.0.1:{PORT}: {error.strerror}. Does another sample's back end still run?")
    with server:
        print(f"The back end of {folder} listens on http://127.0.0.1:{PORT}. Ctrl-C ends it.", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
