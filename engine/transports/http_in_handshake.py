"""TLS handshakes of clients in progress: they count as connections, and they have a time.

A server that asyncio makes with ``ssl=`` tells nobody of a connection before its handshake is done. So the connections
of a TLS port are accepted here, counted, and only then handed to asyncio.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Sized

log = logging.getLogger("myelin.http_in")


class Handshakes:
    """Those of one port: with the connections that are through there are ``most``, each takes ``time`` seconds at most.

    A client over that is cut off without an answer: to give it one would take the very handshake.
    """

    def __init__(self, context: ssl.SSLContext, most: int, time: float) -> None:
        self._context = context
        self._most = most
        self._time = max(time, 1.0)  # asyncio refuses 0; the other times of a connection are looked at once a second
        self._under_way: set[asyncio.Task[None]] = set()

    async def accept(
        self, listener: socket.socket, connections: Sized, protocol: Callable[[], asyncio.Protocol]
    ) -> None:
        """Accept for ever. When it is cancelled, the handshakes in progress are cut off."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    client, _ = await loop.sock_accept(listener)
                except OSError as error:
                    log.error("no connection can be accepted: %s", error)
                    await asyncio.sleep(1)  # as asyncio's own servers: descriptors may be free again
                    continue
                if len(connections) + len(self._under_way) >= self._most:
                    log.info("too many connections: one is cut off")
                    client.close()
                    continue
                task = loop.create_task(self._shake_hands(client, protocol))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
        finally:
            for task in self._under_way:
                task.cancel()

    async def _shake_hands(self, client: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await asyncio.get_running_loop().connect_accepted_socket(
                protocol, client, ssl=self._context, ssl_handshake_timeout=self._time
            )
        except OSError as error:  # ssl.SSLError and the end of the time are such
            log.debug("a TLS handshake failed: %s", error)
