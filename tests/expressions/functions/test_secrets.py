from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Fault
from engine.expressions.compile import compile_expression


@pytest.fixture
def message(make_message: Any) -> Any:
    message = make_message(alias="db.password")
    message.env.secrets.update(
        {"db.password": "s3cret", "secret/db/password": "s3cret", "team/secret/db/password": "t3am"}
    )
    return message


def text(message: Any, expression: str) -> str | None:
    return compile_expression(expression, {}).text(message)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("wso2:vault-lookup('db.password')", "s3cret"),
        ("concat('a', wso2:vault-lookup($ctx:alias))", "as3cret"),
        ("hashicorp:vault-lookup('secret/db', 'password')", "s3cret"),
        ("hashicorp:vault-lookup('team', 'secret/db', 'password')", "t3am"),
        ("${wso2-vault('db.password')}", "s3cret"),
        ("${hashicorp-vault('team', 'secret/db', 'password')}", "t3am"),
    ],
)
def test_a_secret_is_read(message: Any, expression: str, expected: str) -> None:
    assert text(message, expression) == expected


def test_an_unknown_secret_is_an_error(message: Any, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Fault, match="there is no secret 'other'"):
        text(message, "wso2:vault-lookup('other')")
    assert text(message, "${wso2-vault('other')}") == ""
    assert "there is no secret '***'" in caplog.text
