"""Both event loops for tests of the edges."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from engine.testing.certificates import Certificates


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Iterator[Callable[[Coroutine[Any, Any, None]], None]]:
    """Runs a coroutine on asyncio's loop, and again on uvloop where it is installed."""
    with asyncio.Runner(loop_factory=pytest.importorskip(request.param).new_event_loop) as runner:
        yield runner.run


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command, which makes the certificates, is not installed")
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def server_tls(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server, certificates.server_key)
    return context
