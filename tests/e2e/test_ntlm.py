"""A running engine and a back end that asks for NTLM, whose side of it is pyspnego's."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

spnego = pytest.importorskip("spnego", reason="needs pyspnego: pip install 'myelin[ntlm]'")

FLOW = """\
<proxy xmlns="http://ws.apache.org/ns/synapse" name="{name}"><target><inSequence>
  <NTLM username="{{json-eval($.user)}}" password="s3cret" domain="CORP"/>
  <property name="non.error.http.status.codes" value="401" scope="axis2"/>
  <call blocking="true" {options}><endpoint><http method="post" uri-template="{uri}"/></endpoint></call>
  <respond/>
</inSequence></target></proxy>
"""


def guard(message: Any, connection: Any) -> None:
    """Lets in who has logged in on this connection, as IIS does."""
    if not hasattr(connection, "login"):
        connection.login = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
    token = (message.header("authorization") or "").removeprefix("NTLM ")
    try:
        challenge = connection.login.step(base64.b64decode(token)) if token else b""
    except spnego.exceptions.SpnegoError:
        challenge = b""
    if connection.login.complete:
        connection.answer(200, b'{"in": true, "sent": %s}' % message.body)
    else:
        asks = f"NTLM {base64.b64encode(challenge or b'').decode()}".rstrip()
        connection.answer(401, b'{"in": false}', f"WWW-Authenticate: {asks}")


@pytest.fixture(scope="module")
def engine(start: Any, back_end: Any) -> Any:
    back_end.on("/guarded", guard)
    flows = {
        f"{name}.xml": FLOW.format(name=name, options=options, uri=f"{back_end.url}/guarded")
        for name, options in {"keeps": 'initAxis2ClientOptions="false"', "drops": ""}.items()
    }
    return start(flows)


@pytest.fixture(autouse=True)
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "accounts"
    file.write_text("CORP:mia:s3cret\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(file))


@pytest.mark.parametrize(
    ("proxy", "user", "status", "answer"),
    [
        ("keeps", "mia", 200, {"in": True, "sent": {"user": "mia"}}),
        ("keeps", "eve", 401, {"in": False}),
        ("drops", "mia", 401, {"in": False}),
    ],
)
def test_the_back_end_sees_who_sends(engine: Any, proxy: str, user: str, status: int, answer: object) -> None:
    response = engine.post(f"/services/{proxy}", {"user": user})
    assert (response.status_code, response.json()) == (status, answer)


def test_each_message_logs_in_by_itself(engine: Any, back_end: Any) -> None:
    back_end.requests.clear()
    for _ in range(2):
        assert engine.post("/services/keeps", {"user": "mia"}).status_code == 200
    connections = [message.header("connection-number") for message in back_end.requests]
    assert connections == [connections[0]] * 3 + [connections[3]] * 3
    assert connections[0] != connections[3]


def test_the_password_is_not_told(engine: Any, back_end: Any) -> None:
    assert engine.post("/services/keeps", {"user": "mia"}).status_code == 200
    assert "s3cret" not in engine.log()
    assert all("s3cret" not in str(message) for message in back_end.requests)
