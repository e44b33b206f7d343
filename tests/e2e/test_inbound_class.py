"""An inbound endpoint with a Python class of the user's, through a running engine."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

CLASS = """from engine.api import InboundClass, java_class
import asyncio

@java_class("com.example.LineConsumer")
class Lines(InboundClass):
    async def receive(self, inject):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(self.parameters["port"]))
        try:
            while line := await reader.readline():
                if await inject(line.strip(), "text/plain"):
                    writer.write(b"+")
        finally:
            writer.close()
"""
FLOWS = """<definitions xmlns="http://ws.apache.org/ns/synapse">
  <sequence name="take"><call><endpoint><http method="post" uri-template="{url}/line"/></endpoint></call></sequence>
  <inboundEndpoint name="lines" class="com.example.LineConsumer" sequence="take"><parameters>
    <parameter name="interval">5</parameter><parameter name="port">{port}</parameter></parameters></inboundEndpoint>
</definitions>"""


def test_a_class_of_ones_own(start: Callable[..., Any], back_end: Any, tmp_path: Any) -> None:
    (tmp_path / "lines.py").write_text(CLASS)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(15)
        flows = FLOWS.format(url=back_end.url, port=server.getsockname()[1])
        engine = start({"i.xml": flows}, f"classes: {tmp_path}\n", "--workers", "2")
        for text in (b"one\ntwo\n", b"three\n"):  # the class connects again when the line ends
            line, _ = server.accept()
            with line:
                line.settimeout(15)
                line.sendall(text)
                line.shutdown(socket.SHUT_WR)
                assert line.makefile("rb").read() == b"+" * text.count(b"\n")
        assert engine.stop() == 0
    assert [each.body for each in back_end.requests if each.target == "/line"] == [b"one", b"two", b"three"]
