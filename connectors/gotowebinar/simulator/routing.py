"""Which handler answers which path; one table per version of the API."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from connectors.gotowebinar.simulator.messages import Answer, Request, edge_error, invalid
from connectors.gotowebinar.simulator.store import Store, Webinar


@dataclass(frozen=True, slots=True)
class Call:
    """A request on its way to a handler, with the keys of its path."""

    request: Request
    store: Store
    keys: dict[str, int]
    names: dict[str, str]
    """What the path names that is no 64-bit integer: webhooks and subscriptions."""

    @property
    def now(self) -> datetime:
        return self.request.at

    @property
    def organizer_key(self) -> int:
        return self.keys["organizerKey"]

    def webinar(self) -> Webinar:
        """Raises the API's 404 when there is no such webinar."""
        return self.store.get(self.organizer_key, self.keys["webinarKey"])


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Match:
    handler: Handler
    keys: dict[str, int]
    names: dict[str, str]


class Api:
    """The routes below ``base``. Paths hold ``{name}`` where a key stands.

    With ``bearer`` a token needs its scheme; without it the bare token will do too.
    """

    def __init__(self, base: str, routes: dict[str, dict[str, Handler]], *, bearer: bool = False) -> None:
        self.base = base
        self.bearer = bearer
        self._routes = [(_compile(path), handlers) for path, handlers in routes.items()]

    def serves(self, path: str) -> bool:
        return path.startswith(f"{self.base}/")

    def match(self, method: str, path: str) -> Match:
        """Raises ApiError: 404 and 405 of the gateway, 400 for a key that is no 64-bit integer."""
        for pattern, handlers in self._routes:
            found = pattern.fullmatch(path.removeprefix(self.base))
            if found is None:
                continue
            if method not in handlers:
                raise edge_error(405, "METHOD_NOT_ALLOWED", f"{method} is not allowed here")
            parts = found.groupdict()
            keys = {name: _key(name, text) for name, text in parts.items() if name not in _TEXT_KEYS}
            return Match(handlers[method], keys, {name: parts[name] for name in parts if name in _TEXT_KEYS})
        raise edge_error(404, "NOT_FOUND", "The requested resource does not exist")


_TEXT_KEYS = frozenset({"webhookKey", "userSubscriptionKey"})


def _compile(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


def _key(name: str, text: str) -> int:
    if not re.fullmatch("[0-9]{1,19}", text) or int(text) >= 2**63:
        raise invalid(f"{name} must be a 64-bit integer.")
    return int(text)
