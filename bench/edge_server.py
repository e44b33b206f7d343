"""Gives each request's body back, without a flow: ``python -m bench.edge_server WAY PORT``.

All ways have the same server, uvicorn's, on the same loop; what differs is the class that a connection has, and whether
ASGI is between it and the answer.
"""

from __future__ import annotations

import sys
from typing import Any

import uvicorn

from engine.transports.http_in_asgi import asgi
from engine.transports.http_in_exchange import HttpExchange
from engine.transports.http_in_protocol import HttpInLimits, http_in_protocol

_TYPE = (b"content-type", b"application/json")


async def application(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI form."""
    body, more = b"", True
    while more:
        event = await receive()
        body += event["body"]
        more = event["more_body"]
    headers = [_TYPE, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def serve(exchange: HttpExchange) -> None:
    """The form that flows have."""
    body = b"" if exchange.more_body else exchange.whole_body
    while exchange.more_body:
        body += await exchange.read()
    exchange.respond(200, [_TYPE], body)


UVICORN, OURS_WITH_ASGI, OURS = "uvicorn's", "ours, with ASGI", "ours"
WAYS: dict[str, Any] = {
    UVICORN: "httptools",
    OURS_WITH_ASGI: http_in_protocol(asgi(application), HttpInLimits()),
    OURS: http_in_protocol(serve, HttpInLimits()),
}


def main(way: str, port: int) -> None:
    """Serve until the process is told to stop."""
    uvicorn.run(
        application,
        port=port,
        http=WAYS[way],
        loop="uvloop",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
