"""The client by itself; against a real token endpoint: tests/connectors/gotowebinar/test_tokens.py."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from engine.core import oauth2
from engine.core.clock import Clock
from engine.core.env import env_of
from engine.core.http import HttpRequest, HttpResponse
from engine.core.oauth2 import OAuth2, TokenCache
from engine.errors import ErrorCode, Fault, TransportError
from engine.stores.registry import FileRegistry
from engine.testing.harness import Harness, StubClient, response

URL = "https://auth.example/token"


class Server:
    """Answers the requests for tokens one after the other."""

    def __init__(self, *answers: HttpResponse | Exception) -> None:
        self.seconds = 1000.0
        self._answers: Iterator[HttpResponse | Exception] = iter(answers)
        self.http = StubClient(self._answer)
        self.env = env_of(Harness(http=self.http).message())
        self.cache = TokenCache(Clock(now=lambda: self.seconds, monotonic=lambda: self.seconds))

    def _answer(self, request: HttpRequest) -> HttpResponse:
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def current(self, client: OAuth2) -> str:
        return await self.cache.current(self.env, client)


def client(**changes: Any) -> OAuth2:
    fields = {"owner": "me", "token_url": URL, "client_id": "id", "refresh_token": "r", "timeout": 3.0}
    return OAuth2(**(fields | changes))


def tokens(access: str = "a", **more: Any) -> HttpResponse:
    return response(200, json.dumps({"access_token": access} | more).encode())


@pytest.mark.parametrize(
    ("expires_in", "expires_at"),
    [(100, 1090.0), ("100", 1090.0), (7200, 8140.0), (None, None), (0, None), (-5, None), ("soon", None), ([], None)],
)
async def test_expires_in(expires_in: Any, expires_at: float | None) -> None:
    server = Server(tokens("first", expires_in=expires_in), tokens("second"))
    assert await server.current(client()) == "first"
    server.seconds = 1e9 if expires_at is None else expires_at - 0.5
    assert await server.current(client()) == "first"
    if expires_at is not None:
        server.seconds = expires_at
        assert await server.current(client()) == "second"


@pytest.mark.parametrize(
    ("token", "scheme", "header"),
    [
        ("abc", "Bearer ", "Bearer abc"),
        ("abc", "", "abc"),
        ("OAuth abc", "Bearer ", "OAuth abc"),
    ],
)
async def test_header(token: str, scheme: str, header: str) -> None:
    server = Server()
    authorization = server.cache.authorization(client(access_token=token, scheme=scheme))
    assert await authorization.header(server.env) == header


@pytest.mark.parametrize(
    ("status", "body", "renewed"),
    [(401, b"", "Bearer new"), (403, b"", None), (401, b"anything", "Bearer new")],
)
async def test_refusal_by_status(status: int, body: bytes, renewed: str | None) -> None:
    server = Server(tokens("new"))
    authorization = server.cache.authorization(client(access_token="old"))
    assert await authorization.renewed(server.env, response(status, body), "Bearer old") == renewed


async def test_late_refusal_of_an_old_token_costs_no_refresh() -> None:
    server = Server(tokens("new"))
    authorization = server.cache.authorization(client(access_token="old"))
    assert await authorization.renewed(server.env, response(401, b""), "Bearer old") == "Bearer new"
    assert await authorization.renewed(server.env, response(401, b""), "Bearer old") == "Bearer new"
    assert len(server.http.requests) == 1


async def test_expired_token_is_kept_while_the_server_is_down(caplog: pytest.LogCaptureFixture) -> None:
    down = TransportError("cannot connect", code=ErrorCode.CONNECTION_FAILED)
    server = Server(tokens("first", expires_in=100), down, tokens("second"))
    assert await server.current(client()) == "first"
    server.seconds += 99
    assert await server.current(client()) == "first"
    assert "keeping the access token: cannot connect" in caplog.text
    server.seconds += 6
    assert await server.current(client()) == "second"


@pytest.mark.parametrize(
    ("answer", "message", "status"),
    [
        (response(400, b'{"error":"invalid_grant"}'), "refused to renew the access token: invalid_grant", 403),
        (response(401, b"<html>"), "refused to renew the access token: 401", 403),
        (response(500, b""), r"gave no access token \(status 500\)", 502),
        (response(200, b'{"access_token": 5}'), "gave no access token", 502),
        (TransportError("too late", code=ErrorCode.TIMEOUT), "too late", 504),
    ],
)
async def test_failures(answer: HttpResponse | Exception, message: str, status: int) -> None:
    with pytest.raises(Fault, match=message) as caught:
        await Server(answer).current(client())
    assert caught.value.status == status


async def test_coded_answer() -> None:
    coded = response(200, gzip.compress(b'{"access_token": "t"}'), headers=[(b"content-encoding", b"gzip")])
    assert await Server(coded).current(client()) == "t"


async def test_no_tokens_at_all() -> None:
    with pytest.raises(Fault, match="there is no access token"):
        await Server().current(client(refresh_token=""))


async def test_request(caplog: pytest.LogCaptureFixture) -> None:
    server = Server(tokens())
    await server.current(client(client_id="i&d", refresh_token="r=1"))
    [request] = server.http.requests
    assert (request.method, request.url, request.timeout) == ("POST", URL, 3.0)
    assert request.body == b"grant_type=refresh_token&refresh_token=r%3D1&client_id=i%26d"
    assert (b"content-type", b"application/x-www-form-urlencoded") in request.headers


async def test_all_waiters_share_one_failure() -> None:
    server = Server(response(500, b""))
    results = await asyncio.gather(*(server.current(client()) for _ in range(20)), return_exceptions=True)
    assert [type(each) for each in results] == [Fault] * 20
    assert len(server.http.requests) == 1


async def test_accounts_are_apart() -> None:
    server = Server(tokens("one"), tokens("two"), tokens("three"))
    assert await server.current(client()) == "one"
    assert await server.current(client(owner="you")) == "two"
    assert await server.current(client(refresh_token="other")) == "three"
    assert await server.current(client()) == "one"


async def test_memory_is_bounded() -> None:
    server = Server()
    for number in range(10_050):
        await server.current(client(access_token=str(number)))
    assert len(server.cache._accounts) == 10_000


async def test_storage_that_fails_costs_no_call(tmp_path: Any, caplog: pytest.LogCaptureFixture) -> None:
    server = Server(tokens("new"))

    class Full(FileRegistry):
        def put(self, path: str, content: bytes) -> None:
            raise Fault("no space left")

    env = Harness(http=server.http).services
    env.registry = Full(tmp_path)
    assert await server.cache.current(env, client(registry_path="p")) == "new"  # type: ignore[arg-type]
    assert "renewed tokens could not be stored: no space left" in caplog.text


# -------------------------------------------------------------------- several workers


class Workers(Server):
    """Several processes of one engine, which share a folder."""

    def __init__(self, folder: Path, *answers: HttpResponse) -> None:
        super().__init__(*answers)
        self._folder = folder

    def worker(self) -> Callable[[OAuth2], Awaitable[str]]:
        """A new one."""
        env = Harness(http=self.http).services
        env.between_workers = FileRegistry(self._folder)
        cache = TokenCache(Clock(now=lambda: self.seconds, monotonic=lambda: self.seconds))
        return lambda client: cache.current(env, client)  # type: ignore[arg-type]

    @property
    def grants(self) -> list[str]:
        return [grant_of(request) for request in self.http.requests]


def files_in(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


async def test_one_refresh_for_all_workers(tmp_path: Path) -> None:
    workers = Workers(tmp_path, tokens("t1", refresh_token="r2", expires_in=100), tokens("t2", expires_in=100))
    one, two = workers.worker(), workers.worker()
    assert set(await asyncio.gather(*(each(client()) for each in (one, two) for _ in range(100)))) == {"t1"}
    workers.seconds += 100
    # Each of them knows the refresh token that came with the first answer, and so does one that begins now.
    assert [await each(client()) for each in (two, one, workers.worker())] == ["t2"] * 3
    assert workers.grants == ["r", "r2"]


async def test_workers_share_no_tokens_of_other_credentials(tmp_path: Path) -> None:
    workers = Workers(tmp_path, tokens("t1"), tokens("t2"))
    one, two = workers.worker(), workers.worker()
    assert [await one(client()), await two(client(client_secret="other"))] == ["t1", "t2"]
    assert workers.grants == ["r", "r"]
    files = files_in(tmp_path)
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert not any(secret in str(file) for file in files for secret in ("other", "t1", "t2"))


async def test_what_needs_no_refresh_is_not_written(tmp_path: Path) -> None:
    one = Workers(tmp_path).worker()
    assert await one(client(access_token="a")) == "a"
    assert await one(client(access_token="b", refresh_token="", client_id="")) == "b"
    assert files_in(tmp_path) == []


async def test_what_workers_share_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth2, "_MAX_ACCOUNTS", 2)
    workers = Workers(tmp_path, *(tokens("t") for _ in range(4)))
    one = workers.worker()
    for name in "abcd":
        await one(client(refresh_token=name))
    assert sum(file.name == "accessToken" for file in files_in(tmp_path)) == 2


def test_secrets_are_not_in_the_repr() -> None:
    secrets = {"client_secret": "SECRET", "access_token": "SECRET", "refresh_token": "SECRET"}
    assert "SECRET" not in repr(client(**secrets, form=(("assertion", "SECRET"),)))
    assert "SECRET" not in repr(TokenCache(Clock()).authorization(client(**secrets)))


# -------------------------------------------------------------------- the table of cases

DOWN = TransportError("cannot connect", code=ErrorCode.CONNECTION_FAILED)
DENIED = response(400, b'{"error": "invalid_grant"}')
SKEW = 3600.0
BY_403 = {"rejected_status": 403, "rejected_body": b"InvalidToken"}
BY_200 = {"rejected_status": 200, "rejected_body": b'"error":"expired"'}
OK = response(200, b'{"data": 1}')

CASES: dict[str, tuple[dict[str, Any], list[Any], list[tuple[float, HttpResponse]], list[str], list[str]]] = {
    # name: (client, what the token endpoint answers, (seconds to wait, answer of the API) for each call,
    #        the token of each request to the API, the grants asked for)
    "expiry by clock": (
        {},
        [tokens("t1", expires_in=1000), tokens("t2")],
        [(0, OK), (939, OK), (2, OK)],
        ["t1", "t1", "t2"],
        ["r", "r"],
    ),
    "expiry by interval": (
        {"interval": 60.0},
        [tokens("t1", expires_in=9999), tokens("t2")],
        [(0, OK), (59, OK), (2, OK)],
        ["t1", "t1", "t2"],
        ["r", "r"],
    ),
    "expiry by 401": ({}, [tokens("t1"), tokens("t2")], [(0, response(401)), (0, OK)], ["t1", "t2", "t2"], ["r", "r"]),
    "expiry by 403 with its body": (
        BY_403,
        [tokens("t1"), tokens("t2")],
        [(0, response(403, b"InvalidToken"))],
        ["t1", "t2"],
        ["r", "r"],
    ),
    "403 with another body is an answer": (BY_403, [tokens("t1")], [(0, response(403, b"no right"))], ["t1"], ["r"]),
    "expiry by 200 with its body": (
        BY_200,
        [tokens("t1"), tokens("t2")],
        [(0, response(200, b'{"error":"expired"}'))],
        ["t1", "t2"],
        ["r", "r"],
    ),
    "rotation": (
        {},
        [tokens("t1", refresh_token="r2"), tokens("t2", refresh_token="r3"), tokens("t3")],
        [(0, OK), (0, response(401)), (0, response(401))],
        ["t1", "t1", "t2", "t2", "t3"],
        ["r", "r2", "r3"],
    ),
    "a rotated token that was revoked gives way to the given one": (
        {},
        [tokens("t1", refresh_token="r2"), DENIED, tokens("t2")],
        [(0, OK), (0, response(401))],
        ["t1", "t1", "t2"],
        ["r", "r2", "r"],
    ),
    "refresh failure: the old token stays while the API takes it": (
        {},
        [tokens("t1", expires_in=1000), DOWN, tokens("t2")],
        [(0, OK), (950, OK), (1, OK), (6, OK)],
        ["t1", "t1", "t1", "t2"],
        ["r", "r", "r"],
    ),
    "refresh refused: the API's own answer stands": (
        {},
        [tokens("t1"), DENIED],
        [(0, OK), (0, response(401))],
        ["t1", "t1"],
        ["r", "r"],
    ),
    "the server's clock is ahead: it refuses early": (
        {},
        [tokens("t1", expires_in=7200), tokens("t2", expires_in=7200)],
        [(0, OK), (10, response(401))],
        ["t1", "t1", "t2"],
        ["r", "r"],
    ),
    "our clock goes back: the token is used on": (
        {},
        [tokens("t1", expires_in=1000)],
        [(0, OK), (-SKEW, OK), (500, OK)],
        ["t1", "t1", "t1"],
        ["r"],
    ),
    "our clock jumps ahead: one refresh": (
        {},
        [tokens("t1", expires_in=1000), tokens("t2", expires_in=1000)],
        [(0, OK), (SKEW, OK), (1, OK)],
        ["t1", "t2", "t2"],
        ["r", "r"],
    ),
    "an answer without expires_in and refresh_token": (
        {},
        [tokens("t1"), tokens("t2")],
        [(0, OK), (1e8, OK), (0, response(401))],
        ["t1", "t1", "t1", "t2"],
        ["r", "r"],
    ),
    "client credentials ask anew": (
        {"grant": "client_credentials", "refresh_token": ""},
        [tokens("t1", refresh_token="ignored"), tokens("t2")],
        [(0, OK), (0, response(401))],
        ["t1", "t1", "t2"],
        ["client_credentials", "client_credentials"],
    ),
    "a password is used once, then the refresh token, then the password again": (
        {"grant": "password", "refresh_token": "", "username": "u", "password": "p"},
        [tokens("t1", refresh_token="r1"), tokens("t2"), DENIED, tokens("t3")],
        [(0, OK), (0, response(401)), (0, response(401))],
        ["t1", "t1", "t2", "t2", "t3"],
        ["password", "r1", "r1", "password"],
    ),
}


def grant_of(request: HttpRequest) -> str:
    """The refresh token that was shown, else the grant."""
    assert isinstance(request.body, bytes)
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    return form.get("refresh_token") or form["grant_type"]


@pytest.mark.parametrize(("changes", "answers", "calls", "used", "grants"), CASES.values(), ids=CASES)
async def test_case(
    changes: dict[str, Any],
    answers: list[Any],
    calls: list[tuple[float, HttpResponse]],
    used: list[str],
    grants: list[str],
) -> None:
    server = Server(*answers)
    authorization = server.cache.authorization(client(**changes))
    seen = []
    for wait, answer in calls:
        server.seconds += wait
        header = await authorization.header(server.env)
        seen.append(header.removeprefix("Bearer "))
        if answer.status in authorization.refusals:
            renewed = await authorization.renewed(server.env, answer, header)
            if renewed is not None:
                seen.append(renewed.removeprefix("Bearer "))
    assert seen == used
    assert [grant_of(request) for request in server.http.requests] == grants
