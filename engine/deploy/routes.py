"""Which flow takes a request, from tables that are made once for a deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from engine.artifacts import _openapi
from engine.artifacts.api import Api
from engine.core.artifact import Artifact, Served
from engine.core.env import Conversation
from engine.core.http import RawHeaders
from engine.transports.http_in import Route

Entry = tuple[Conversation, dict[str, str]]
"""What serves a path, and the properties that its messages begin with."""

ApiTable = Mapping[str, tuple[Api, ...]]
"""APIs by the path that their requests lie under."""


class Routes:
    """Proxies by their path, then APIs by the longest path above the request, then ``rest``.

    ``path`` is percent-encoded, as the client wrote it: the rest of it goes to back ends unchanged.
    """

    def __init__(self, artifacts: Iterable[Artifact], rest: Conversation | None, read: Callable[[str], Any]) -> None:
        artifacts = list(artifacts)
        self._proxies: dict[str, Entry] = {
            each.address: (each.flow(), each.message_properties)
            for each in artifacts
            if isinstance(each, Served) and each.address is not None
        }
        apis = [each for each in artifacts if isinstance(each, Api)]
        self._by_name = {f"/{each.name}": each for each in apis} | {f"/{each.identity}": each for each in apis}
        self._versioned = _table(each for each in apis if each.is_versioned)
        self._plain = _table(each for each in apis if not each.is_versioned)
        self._depth = max((each.base.count("/") for each in apis), default=0)
        self._rest = rest
        self._read = read

    def find(self, method: str, path: str, query: str, headers: RawHeaders, scheme: str = "http") -> Route | None:
        """The route of a request, or None when nothing serves it. Raises Fault 400 for a bad query string."""
        entry = self._proxies.get(path)
        if entry is not None:
            return Route(entry[0], f"?{query}" if query else "", entry[1])
        if path.startswith("/services/"):
            base = "/".join(path.split("/", 3)[:3])  # /services/NAME
            entry = self._proxy(unquote(base))
            if entry is not None:
                return Route(entry[0], path[len(base) :] + (f"?{query}" if query else ""), entry[1])
        if self._by_name:
            route = self._api(method, path, query, headers, scheme)
            if route is not None:
                return route
        return Route(self._rest, f"{path}?{query}" if query else path) if self._rest is not None else None

    def _proxy(self, address: str) -> Entry | None:
        """The proxy at an address, which may name a port of its WSDL: ``/services/Quotes.QuotesHttpSoap11Endpoint``.

        Source: Axis2's AxisConfiguration, which keeps services by the names of their endpoints too.
        """
        entry = self._proxies.get(address)
        if entry is None and address.endswith("Endpoint"):
            entry = self._proxies.get(address.rpartition(".")[0])
        return entry

    def _api(self, method: str, path: str, query: str, headers: RawHeaders, scheme: str) -> Route | None:
        if query in _openapi.FORMS and method == "GET":
            described = self._by_name.get(path) or self._under(path, headers, scheme, exactly=True)
            if described is not None:
                host = next((value.decode("latin-1") for name, value in headers if name == b"host"), None)
                return Route(described.description(query, scheme, host, self._read), "")
        api = self._under(path, headers, scheme)
        if api is None:
            return None
        conversation, properties, postfix = api.serve_request(method, path, query, headers, scheme)
        return Route(conversation, postfix, properties)

    def _under(self, path: str, headers: RawHeaders, scheme: str, *, exactly: bool = False) -> Api | None:
        """The API that ``path`` lies under: those with a version first, the longest path first (Synapse trap 43)."""
        for table in (self._versioned, self._plain):
            if not table:
                continue
            for base in [path.rstrip("/")] if exactly else _bases(path, self._depth):
                for api in table.get(base, ()):
                    if api.accepts(headers, scheme):
                        return api
        return None


def _table(apis: Iterable[Api]) -> ApiTable:
    table: dict[str, tuple[Api, ...]] = {}
    for api in sorted(apis, key=lambda api: (not api.hostname, api.port is None, api.name)):
        # Those that ask for a host or a port go before those that take any.
        table[api.base] = (*table.get(api.base, ()), api)
    return table


def _bases(path: str, depth: int) -> Iterator[str]:
    """The paths above ``path``, itself included, with at most ``depth`` parts; the longest first, ``""`` last."""
    parts = path.split("/")
    for count in range(min(len(parts), depth + 1), 0, -1):
        yield "/".join(parts[:count])
