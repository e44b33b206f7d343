from __future__ import annotations

import pytest

from engine.core.env import env_of
from engine.errors import Fault
from engine.plugins.connection import Connection, Static, connection_of
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
