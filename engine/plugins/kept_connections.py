"""The connections that one ``<connector.init>`` of a flow has made, for messages that bring the same arguments."""

from __future__ import annotations

from collections import OrderedDict

from engine.plugins.arguments import Texts
from engine.plugins.connection import Connection
from engine.plugins.settings import Settings

MOST = 1000


class KeptConnections:
    """By the texts of the arguments; those used least lately are forgotten, and all when the settings are others.

    The texts may be secrets, as what the connections hold: nothing prints them.
    """

    __slots__ = ("_by_texts", "_settings")

    def __init__(self) -> None:
        self._by_texts: OrderedDict[Texts, Connection] = OrderedDict()
        self._settings: Settings | None = None

    def get(self, texts: Texts, settings: Settings | None = None) -> Connection | None:
        if settings is not self._settings:
            self._by_texts.clear()
            self._settings = settings
        connection = self._by_texts.get(texts)
        if connection is not None:
            self._by_texts.move_to_end(texts)
        return connection

    def keep(self, texts: Texts, connection: Connection, settings: Settings | None = None) -> None:
        """Unless the settings have changed while it was made."""
        if settings is not self._settings:
            return
        self._by_texts[texts] = connection
        if len(self._by_texts) > MOST:
            self._by_texts.popitem(last=False)
