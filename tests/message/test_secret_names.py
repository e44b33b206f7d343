from __future__ import annotations

import pytest

from engine.message.secret_names import is_secret


@pytest.mark.parametrize(
    "name",
    ["Authorization", "Set-Cookie", "db.password", "apiKey", "api_key", "$ctx:accessToken", "${wso2-vault('db')}"],
)
def test_secret(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["name", "author", "key", "pass", "vaulted"])
def test_no_secret(name: str) -> None:
    assert not is_secret(name)
