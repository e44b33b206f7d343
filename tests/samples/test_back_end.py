"""The back end of samples, as a program."""

from __future__ import annotations

import socket

import pytest

from samples import back_end
from tests.e2e.conftest import CHECKOUT


def test_a_port_that_is_taken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(back_end, "PORT", port)
        monkeypatch.setattr("sys.argv", ["back_end.py", str(CHECKOUT / "samples" / "routing")])
        with pytest.raises(SystemExit) as ended:
            back_end.main()
    assert ended.value.code == (
        f"cannot listen on 127.0.0.1:{port}: Address already in use. Does another sample's back end still run?"
    )
