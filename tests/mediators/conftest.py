"""Databases for the tests of dblookup, dbreport and transaction: SQLite, and a PostgreSQL server of their own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.mediators._database import Address, Database, Threads

Opened = Callable[[Address, Threads], Database]

PASSWORD = "correct-horse"


@dataclass(frozen=True)
class Db:
    """One database: its JDBC URL and who may use it."""

    url: str
    user: str = ""
    password: str = ""

    @property
    def connection(self) -> str:
        return (
            f"<connection><pool><driver>any.Driver</driver><url>{self.url}</url><user>{self.user}</user>"
            f"<password>{self.password}</password></pool></connection>"
        )


@pytest.fixture
def sqlite(tmp_path: Path) -> Db:
    return Db(f"jdbc:sqlite:{tmp_path / 'test.db'}")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Db]:
    """A PostgreSQL of its own on a free port, in a folder of its own; the tests that need it are skipped without it."""
    programs = _programs()
    if programs is None:
        pytest.skip("needs PostgreSQL's initdb and postgres: install the Debian package 'postgresql'")
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="myelin-pg-"))
    (folder / "password").write_text(PASSWORD)
    if user is not None:
        for path in (folder, folder / "password"):
            shutil.chown(path, user)
    data = folder / "data"
    as_user = {"user": user} if user is not None else {}
    initdb = ["-D", data, "-U", "tester", "-A", "scram-sha-256", f"--pwfile={folder / 'password'}", "-N", "--locale=C"]
    subprocess.run([programs / "initdb", *initdb, "-E", "UTF8"], check=True, capture_output=True, cwd=folder, **as_user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
    control = [programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-t", "30"]
    subprocess.run([*control, "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user)
    try:
        yield Db(f"jdbc:postgresql://127.0.0.1:{port}/postgres", "tester", PASSWORD)
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], stdout=subprocess.DEVNULL, cwd=folder, **as_user)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql(postgresql_server: Db) -> Db:
    """The server with nothing in it."""
    import psycopg

    place = postgresql_server.url.removeprefix("jdbc:")
    with psycopg.connect(place, user="tester", password=PASSWORD, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return postgresql_server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Db:
    """Each of them in turn."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Db)
    return found


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens databases that are closed with the test."""
    found: list[Database] = []

    def open_(address: Address, threads: Threads) -> Database:
        found.append(Database(address, threads))
        return found[-1]

    yield open_
    for each in found:
        each.close()
        each.threads.close()


def _programs() -> Path | None:
    """The folder of the newest initdb."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.partition(".")[0]))
    on_path = shutil.which("initdb")
    candidates = [*reversed(debian), *([Path(on_path).resolve().parent] if on_path else [])]
    return next((path for path in candidates if (path / "initdb").exists() and (path / "postgres").exists()), None)


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: the user to run it as then."""
    if os.geteuid() != 0:
        return None
    names = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
