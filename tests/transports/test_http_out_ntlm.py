"""Logins against a server whose side of NTLM is pyspnego's."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest

from engine.core.http import HttpRequest, HttpResponse, Login
from engine.errors import ErrorCode, TransportError
from engine.testing.scripted import Script, back_end, client

spnego = pytest.importorskip("spnego", reason="needs pyspnego: pip install 'myelin[ntlm]'")

GOOD = Login("mia", "s3cret", "CORP")
ASKS = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate, NTLM\r\nContent-Length: 4\r\n\r\nnope"


@pytest.fixture(autouse=True)
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server knows."""
    file = tmp_path / "accounts"
    file.write_text("CORP:mia:s3cret\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(file))


async def _request(reader: asyncio.StreamReader) -> tuple[dict[str, str], bytes]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)}
    return headers, await reader.readexactly(int(headers.get("content-length", 0)))


def guarded(seen: list[tuple[str, bytes]], answer: bytes = b"in") -> Script:
    """A server that lets in whoever has logged in on this connection; notes each request's token and body."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        login = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
        while True:
            headers, body = await _request(reader)
            token = headers.get("authorization", "").removeprefix("NTLM ")
            seen.append((token[:8], body))
            try:
                challenge = login.step(base64.b64decode(token)) if token else None
            except spnego.exceptions.SpnegoError:
                writer.write(ASKS)
                continue
            if login.complete:
                text = answer + b" " + str(login.client_principal).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
            elif challenge:
                head = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM "
                writer.write(head + base64.b64encode(challenge) + b"\r\nContent-Length: 0\r\n\r\n")
            else:
                writer.write(ASKS)

    return script


async def _ask(url: str, login: Login | None, body: bytes = b"hello", **settings: int) -> HttpResponse:
    async with client(**settings) as http:
        return await http.send(HttpRequest("POST", url, body=body, login=login))


async def test_three_requests_of_one_connection_prove_who_sends() -> None:
    seen: list[tuple[str, bytes]] = []
    async with back_end(guarded(seen)) as url:
        answer = await _ask(url, GOOD)
    assert (answer.status, answer.body) == (200, rb"in CORP\mia")
    signature = base64.b64encode(b"NTLMSSP\0")[:8].decode()
    assert seen == [("", b"hello"), (signature, b"hello"), (signature, b"hello")]


@pytest.mark.parametrize(
    "login", [Login("mia", "wrong", "CORP"), Login("eve", "s3cret", "CORP"), Login("mia", "s3cret", "OTHER"), None]
)
async def test_whom_the_server_does_not_know_gets_its_401(login: Login | None) -> None:
    seen: list[tuple[str, bytes]] = []
    async with back_end(guarded(seen)) as url:
        answer = await _ask(url, login)
    assert (answer.status, answer.body) == (401, b"nope")


async def test_what_one_login_proved_holds_for_no_other_request() -> None:
    seen: list[tuple[str, bytes]] = []
    async with back_end(guarded(seen)) as url, client() as http:
        statuses = [
            (await http.send(HttpRequest("GET", url, login=login))).status for login in (GOOD, None, GOOD, None)
        ]
    assert statuses == [200, 401, 200, 401]


async def test_a_back_end_that_asks_for_nothing_is_asked_once() -> None:
    seen: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append((await _request(reader))[1])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with back_end(script) as url:
        answer = await _ask(url, GOOD)
    assert (answer.status, answer.body, seen) == (200, b"ok", [b"hello"])


async def test_a_401_that_asks_for_something_else_is_the_answer() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _request(reader)
        writer.write(ASKS.replace(b"Negotiate, NTLM", b'Basic realm="NTLM"'))

    async with back_end(script) as url:
        answer = await _ask(url, GOOD)
    assert (answer.status, answer.body) == (401, b"nope")


@pytest.mark.parametrize("challenge", [b"bm9uc2Vuc2U=", b"%%%", base64.b64encode(b"NTLMSSP\0\2\0\0\0")])
async def test_a_challenge_that_is_none_is_the_back_ends_fault(challenge: bytes) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _request(reader)
        writer.write(ASKS)
        await _request(reader)
        writer.write(ASKS.replace(b"NTLM", b"NTLM " + challenge))

    async with back_end(script) as url:
        with pytest.raises(TransportError, match=r"the NTLM challenge of http://127.0.0.1:.* is malformed") as caught:
            await _ask(url, GOOD)
    assert caught.value.code == ErrorCode.PROTOCOL_VIOLATION


async def test_an_answer_has_a_largest_size() -> None:
    seen: list[tuple[str, bytes]] = []
    async with back_end(guarded(seen, b"x" * 300_000)) as url:
        answer = await _ask(url, GOOD, max_collected=400_000)
        assert answer.body == b"x" * 300_000 + rb" CORP\mia"
        with pytest.raises(TransportError, match=r"the answer of http://127.0.0.1:.* is larger than 200000 bytes"):
            await _ask(url, GOOD, max_collected=200_000)


def test_a_login_does_not_tell_its_password() -> None:
    assert "s3cret" not in repr(GOOD)
