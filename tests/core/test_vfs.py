from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from engine.core.vfs import parse_address, send
from engine.declare.convert import Unacceptable
from engine.errors import Fault, TransportError
from engine.message.payload import Payload
from engine.testing.harness import Harness


@pytest.mark.parametrize(
    ("text", "path", "is_folder", "deep", "options"),
    [
        ("vfs:file:///srv/out", "/srv/out", False, False, {}),
        ("file:///srv/out/", "/srv/out", True, False, {}),
        ("vfs:file://srv/out", "/srv/out", False, False, {}),
        ("file:///srv/in/*", "/srv/in", True, True, {}),
        ("/srv/a b", "/srv/a b", False, False, {}),
        ("file:///srv/a%20b/%C3%BC", "/srv/a b/ü", False, False, {}),
        ("inbox", "inbox", False, False, {}),
        ("file:inbox/", "inbox", True, False, {}),
        (
            "vfs:file:///o.txt?transport.vfs.Append=true&transport.vfs.Locking=disable",
            "/o.txt",
            False,
            False,
            {"transport.vfs.Append": "true", "transport.vfs.Locking": "disable"},
        ),
    ],
)
def test_addresses(text: str, path: str, is_folder: bool, deep: bool, options: dict[str, str]) -> None:
    address = parse_address(text)
    assert (address.path, address.is_folder, address.deep) == (Path(path), is_folder, deep)
    assert address.options == options


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("vfs:sftp://user:secret@host/in", "unsupported", "the file system 'sftp' is not for this engine"),
        ("smb2://host/in", "unsupported", "the file system 'smb2'"),
        ("file:///srv/../etc", "bad-value", "is no path"),
        ("file:///srv/%2e%2e/etc", "bad-value", "is no path"),
        ("file:///srv/a%00b", "bad-value", "is no path"),
        ("vfs:", "bad-value", "is no path"),
    ],
)
def test_refused_addresses(text: str, code: str, message: str) -> None:
    with pytest.raises(Unacceptable) as raised:
        parse_address(text)
    assert raised.value.code == code
    assert message in raised.value.message
    assert "secret" not in raised.value.message + raised.value.hint


async def sent(address: str, body: bytes = b'{"a":1}', header: str | None = None, name: str = "") -> None:
    message = Harness().message(body)
    if header is not None:
        message.headers.set("transport.vfs.ReplyFileName", header)
    await send(message, address, name=name)
    assert message.one_way


def files(folder: Path) -> list[str]:
    return [str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()]


async def test_a_file_takes_the_place_of_an_older_one_whole(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for body in (b'{"older": true}', b'{"a":1}'):
        await sent(f"vfs:file://{tmp_path}/out/x.json", body)
    assert [(each.name, each.read_bytes()) for each in (tmp_path / "out").iterdir()] == [("x.json", b'{"a":1}')]


@pytest.mark.parametrize(
    ("ending", "header", "name", "expected"),
    [
        ("", None, "", "out/response.xml"),
        ("", "größe.json", "", "out/größe.json"),
        ("", "a.json", "b.json", "out/a.json"),
        ("", None, "b.json", "out/b.json"),
        ("/new/", None, "", "out/new/response.xml"),
        ("/new?transport.vfs.CreateFolder=true", None, "", "out/new/response.xml"),
        ("/new/deep.json", "ignored", "", "out/new/deep.json"),
    ],
)
async def test_names(tmp_path: Path, ending: str, header: str | None, name: str, expected: str) -> None:
    (tmp_path / "out").mkdir()
    await sent(f"vfs:file://{tmp_path}/out{ending}", header=header, name=name)
    assert files(tmp_path) == [expected]
    assert (tmp_path / expected).read_bytes() == b'{"a":1}'


async def test_a_file_is_never_coded(tmp_path: Path) -> None:
    """Content-Encoding is a matter of HTTP, also where a request that came coded has not been read."""
    message = Harness().message(gzip.compress(b'{"a":1}'))
    message.headers.set("content-encoding", "gzip")
    message.payload = Payload.received(message.payload.raw() or b"", message.headers, "client")
    for _ in range(2):
        await send(message, f"vfs:file://{tmp_path}/x.json")
        assert (tmp_path / "x.json").read_bytes() == b'{"a":1}'


@pytest.mark.parametrize("name", ["../x", "a/b", "..", ".", "a\\b"])
async def test_a_name_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(Fault, match="is no name of a file in a folder"):
        await sent(f"vfs:file://{tmp_path}/out", header=name)
    assert files(tmp_path) == []


async def test_append(tmp_path: Path) -> None:
    for _ in range(2):
        await sent(f"vfs:file://{tmp_path}/log.txt?transport.vfs.Append=true")
    assert (tmp_path / "log.txt").read_bytes() == b'{"a":1}{"a":1}'


async def test_a_symbolic_link_is_replaced_and_never_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "x").symlink_to(tmp_path / "precious")
    with pytest.raises(TransportError, match="cannot be written"):
        await sent(f"vfs:file://{tmp_path}/x?transport.vfs.Append=true")
    await sent(f"vfs:file://{tmp_path}/x")
    assert (tmp_path / "precious").read_text() == "mine"
    assert not (tmp_path / "x").is_symlink()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("vfs:file:///proc/nothing/x", "/proc/nothing/x cannot be written"),
        ("vfs:ftp://host/x", "the file system 'ftp' is not for this engine"),
    ],
)
async def test_failures(address: str, message: str) -> None:
    with pytest.raises(TransportError, match=message) as raised:
        await sent(address)
    assert raised.value.code == 101500
