"""Who an access token belongs to: the keys of organizer and account, from GoTo's identity API."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.api import ApiRequest, Connection, Environment, Exchange, Fault, json

PATH = "/admin/rest/v1/me"
"""https://developer.goto.com/admin#operation/getMe; ``key`` is the organizer's, in every product."""

_KINDS = {"key": "organizerKey", "accountKey": "accountKey"}


@dataclass(frozen=True, slots=True)
class Identity:
    """Asks once for each account and remembers the answer for as long as the process lives."""

    exchange: Exchange
    host: Connection
    """The API's host with the account's authorization."""
    owner: str
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """With ``owner`` they name the account: tokens of two owners never share an answer."""

    async def keys(self, env: Environment) -> Mapping[str, str]:
        """``organizerKey`` and ``accountKey``. Raises Fault 502 when the identity API does not tell them."""
        known = env.shared("gotowebinar.identity", f"{self.owner} {_fingerprint(self.secrets)}", dict[str, str])
        if not known:
            known.update(await self._asked(env))
        return known

    async def _asked(self, env: Environment) -> dict[str, str]:
        response = await self.exchange.fetch(env, self.host, ApiRequest("GET", PATH))
        if response.status != 200 or not isinstance(response.body, bytes):
            hint = "give organizerKey and accountKey in init"
            raise Fault(f"the identity API answered {response.status} to {PATH}; {hint}", status=502)
        answer = json.decode(response.body)
        keys = {name: answer.get(field) for field, name in _KINDS.items()} if isinstance(answer, dict) else {}
        return {name: str(key) for name, key in keys.items() if key}


def _fingerprint(secrets: Iterable[str]) -> str:
    """Tells accounts apart without keeping their secrets as a key."""
    return hashlib.sha256("\n".join(secrets).encode()).hexdigest()
