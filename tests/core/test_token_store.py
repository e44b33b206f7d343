from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.core.token_store import Tokens, TokenStore
from engine.errors import Fault
from engine.stores.registry import FileRegistry

TOKENS = Tokens("access", "refresh", 1_700_000_000.25, 1_700_003_600.5)


def store(folder: Path, owner: str = "me") -> TokenStore:
    return TokenStore(FileRegistry(folder), "conf:/acme/", owner)


def write(folder: Path, **resources: str) -> None:
    registry = FileRegistry(folder)
    for name, content in resources.items():
        registry.put(f"conf:/acme/{name}", content.encode())


class Dying(FileRegistry):
    """A registry whose process ends after some writes."""

    def __init__(self, folder: Path, writes: int) -> None:
        super().__init__(folder)
        self.left = writes

    def put(self, path: str, content: bytes) -> None:
        if self.left == 0:
            raise Fault("the process has ended")
        self.left -= 1
        super().put(path, content)


def test_round_trip(tmp_path: Path) -> None:
    store(tmp_path).save(TOKENS)
    assert store(tmp_path).load() == TOKENS
    assert sorted(file.name for file in (tmp_path / "config" / "acme").iterdir()) == [
        "accessToken",
        "grant",
        "refreshToken",
        "time",
    ]


def test_nothing_stored(tmp_path: Path) -> None:
    assert store(tmp_path).load() is None


@pytest.mark.parametrize(
    ("resources", "tokens"),
    [
        ({"accessToken": "a", "refreshToken": "r", "time": "1500"}, Tokens("a", "r", 1.5)),
        ({"accessToken": "a\n"}, Tokens("a")),
        ({"accessToken": "a", "time": "yesterday"}, Tokens("a")),
        ({"accessToken": "a", "grant": "{broken"}, Tokens("a")),
        ({"accessToken": "a", "grant": "[1]"}, Tokens("a")),
        ({"accessToken": "a", "grant": '{"owner":"me","expiresAt":"x"}'}, Tokens("a")),
    ],
)
def test_what_others_wrote(tmp_path: Path, resources: dict[str, str], tokens: Tokens) -> None:
    write(tmp_path, **resources)
    assert store(tmp_path).load() == tokens


def test_tokens_of_somebody_else(tmp_path: Path) -> None:
    store(tmp_path).save(TOKENS)
    with pytest.raises(Fault, match="another host") as caught:
        store(tmp_path, "you").load()
    assert caught.value.status == 400


@pytest.mark.parametrize("writes", range(5))
def test_every_beginning_of_a_save_is_a_good_state(tmp_path: Path, writes: int) -> None:
    """After a rotation the old refresh token is dead: the new one must be there whenever the new access token is."""
    store(tmp_path).save(Tokens("old", "old-refresh", 1.0, 2.0))
    dying = TokenStore(Dying(tmp_path, writes), "conf:/acme", "me")
    if writes < 4:
        with pytest.raises(Fault, match="the process has ended"):
            dying.save(TOKENS)
    else:
        dying.save(TOKENS)
    found = store(tmp_path).load()
    assert found is not None
    assert found.access in ("old", "access")
    assert found.refresh == ("refresh" if writes >= 2 else "old-refresh")
    assert not (found.access == "access" and found.refresh == "old-refresh")
    assert not (found.obtained_at == TOKENS.obtained_at and found.access == "old")


async def test_lock_lets_one_in_at_a_time(tmp_path: Path) -> None:
    order: list[str] = []
    inside = asyncio.Event()
    leave = asyncio.Event()

    async def first() -> None:
        async with store(tmp_path).locked(5):
            inside.set()
            await leave.wait()
            order.append("first")

    async def second() -> None:
        async with store(tmp_path).locked(5):
            order.append("second")

    one = asyncio.create_task(first())
    await inside.wait()
    other = asyncio.create_task(second())
    await asyncio.sleep(0)
    assert order == []
    leave.set()
    await asyncio.gather(one, other)
    assert order == ["first", "second"]


async def test_waiting_for_the_lock_is_bounded(tmp_path: Path) -> None:
    async with store(tmp_path).locked(5):
        with pytest.raises(Fault, match="too long"):
            async with store(tmp_path).locked(0.01):
                raise AssertionError("two are inside")


async def test_lock_is_free_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="inside"):
        async with store(tmp_path).locked(5):
            raise ValueError("inside")
    async with store(tmp_path).locked(0.01):
        pass


async def test_lock_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file in the way")
    with pytest.raises(Fault, match="the token lock cannot be made"):
        async with store(tmp_path).locked(1):
            raise AssertionError("no lock")


def test_secrets_are_not_in_the_repr() -> None:
    assert "access" not in repr(TOKENS).replace("Tokens(", "")
    assert "refresh'" not in repr(TOKENS)
