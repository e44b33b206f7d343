from __future__ import annotations

import pytest

from engine.core.env import env_of
from engine.errors import Fault
from engine.plugins.connection import Connection, Static, completed, connection_of
from engine.testing.harness import Harness, response


def test_connection_of() -> None:
    message = Harness().message()
    message.connections["acme"] = connection = Connection("https://acme.example")
    assert connection_of(message, "acme") is connection
    with pytest.raises(Fault, match=r"<other\.init> must come before"):
        connection_of(message, "other")


async def test_static_authorization() -> None:
    env = env_of(Harness().message())
    static = Static("Basic SECRET")
    assert await static.header(env) == "Basic SECRET"
    assert await static.renewed(env, response(401), "Basic SECRET") is None
    assert "SECRET" not in repr(static)


async def test_what_a_flow_gave_goes_before_what_is_supplied() -> None:
    async def supply(env: object) -> dict[str, str]:
        return {"organizer": "asked", "account": "asked"}

    message = Harness().message()
    bare = Connection("https://acme.example", {"organizer": "given"})
    assert await completed(message, bare) is bare
    supplied = Connection("https://acme.example", {"organizer": "given"}, supply=supply)
    assert (await completed(message, supplied)).values == {"organizer": "given", "account": "asked"}
