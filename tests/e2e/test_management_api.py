"""WSO2's management API as its tools ask it: over HTTP, with a password from the secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.e2e.conftest import DEFINITIONS, PATIENCE

FLOWS = f"""{DEFINITIONS}
  <proxy name="good"><target><inSequence><respond/></inSequence></target></proxy>
  <api name="orders" context="/orders"><resource methods="GET"><inSequence><respond/></inSequence></resource></api>
</definitions>"""


@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["one process", "two workers"])
def test_log_in_and_read(start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]) -> None:
    monkeypatch.setenv("ADMIN_PASSWORD", "correct horse")
    engine = start({"a.xml": FLOWS}, 'management: {users: {admin: {password: "${env:ADMIN_PASSWORD}"}}}', *options)

    def get(path: str, **given: Any) -> requests.Response:
        return requests.get(f"{engine.admin_url}/management{path}", timeout=PATIENCE, **given)

    assert get("/apis").status_code == 401
    assert get("/login", auth=("admin", "wrong")).json() == {"Error": "unknown user or wrong password"}
    token = {"Authorization": f"Bearer {get('/login', auth=('admin', 'correct horse')).json()['AccessToken']}"}
    url = f"{engine.url}/orders"
    assert get("/apis", headers=token).json() == {
        "count": 1,
        "list": [{"name": "orders", "url": url, "urlList": [url], "tracing": "disabled"}],
    }
    configuration = get("/proxy-services", headers=token, params={"proxyServiceName": "good"}).json()["configuration"]
    assert configuration == '<proxy name="good"><target><inSequence><respond/></inSequence></target></proxy>'
    assert get("/connectors", headers=token, params={"searchKey": "webinar"}).json()["list"][0]["name"] == "gotowebinar"
    written = requests.post(f"{engine.admin_url}/management/apis", headers=token, json={}, timeout=PATIENCE)
    assert (written.status_code, written.json()["Error"]) == (405, "only GET is allowed here")
    assert get("/logout", headers=token).status_code == 200
    assert get("/apis", headers=token).status_code == 401


def test_without_users_there_is_none(start: Callable[..., Any]) -> None:
    engine = start({"a.xml": FLOWS})
    answer = requests.get(f"{engine.admin_url}/management/login", auth=("admin", "admin"), timeout=PATIENCE)
    assert (answer.status_code, answer.json()) == (
        404,
        {"Error": "there are no users: set management.users in myelin.yaml"},
    )
