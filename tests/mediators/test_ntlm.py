from __future__ import annotations

import sys

import pytest

from engine.core.http import Login
from engine.testing.harness import Harness, StubClient

pytest.importorskip("spnego", reason="needs pyspnego: pip install 'myelin[ntlm]'")

NTLM = '<NTLM username="mia" password="{$ctx:secret}" domain="CORP" host="here" ntlmVersion="v2"/>'
MIA = Login("mia", "s3cret", "CORP")
ENDPOINT = '<endpoint><address uri="http://a.example/x"/></endpoint>'


async def _logins(steps: str, **properties: str) -> list[Login | None]:
    http = StubClient()
    harness = Harness(http=http)
    message = harness.message(b"<a/>", "text/xml")
    message.properties.update(secret="s3cret", **properties)
    await harness.run(steps, message)
    return [request.login for request in http.requests]


@pytest.mark.parametrize(
    ("call", "login"),
    [
        (f'<call blocking="true" initAxis2ClientOptions="false">{ENDPOINT}</call>', MIA),
        ('<callout serviceURL="http://a.example/x" initAxis2ClientOptions="false"/>', MIA),
        (f'<call blocking="true">{ENDPOINT}</call>', None),
        ('<callout serviceURL="http://a.example/x"/>', None),
        (f'<call initAxis2ClientOptions="false">{ENDPOINT}</call>', None),
    ],
)
async def test_the_login_holds_for_blocking_calls_that_keep_the_options(call: str, login: Login | None) -> None:
    assert await _logins(NTLM + call) == [login]
    assert await _logins(call) == [None]


async def test_it_holds_for_all_calls_after_it_and_leaves_nothing_for_the_others() -> None:
    blocking = f'<call blocking="true" initAxis2ClientOptions="false">{ENDPOINT}</call>'
    assert await _logins(f"{NTLM}{blocking}<call>{ENDPOINT}</call>{blocking}") == [MIA, None, MIA]


async def test_it_holds_where_nobody_waits() -> None:
    call = f'<call blocking="true" initAxis2ClientOptions="false">{ENDPOINT}</call>'
    assert await _logins(NTLM + call, OUT_ONLY="true") == [MIA]


async def test_what_is_missing_is_empty() -> None:
    call = f'<call blocking="true" initAxis2ClientOptions="false">{ENDPOINT}</call>'
    assert await _logins(f'<NTLM username="mia" password="{{$ctx:none}}"/>{call}') == [Login("mia", "")]


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spnego", None)
    [problem] = Harness().problems(NTLM)
    assert problem.endswith("error[unsupported]: <NTLM>: NTLM needs pyspnego. Install it: pip install 'myelin[ntlm]'")
