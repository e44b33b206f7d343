"""A carbon application in a running server: a database by its name, a secret, resources; hot, and never printed."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from engine.stores.secrets import SecretStore
from tests.deploy.cars import SYNAPSE, artifact, write_car

SECRET = "correct-horse-battery"
CONFIG = """\
datasources:
  shop: {url: "jdbc:sqlite:shop.db"}
"""


def _proxy(greeting: str) -> dict[str, str | bytes]:
    lookup = (
        "<dblookup><connection><pool><dsName>shop</dsName></pool></connection><statement>"
        "<sql>SELECT name FROM product WHERE id = ?</sql>"
        '<parameter expression="json-eval($.id)" type="INTEGER"/><result name="name" column="name"/>'
        "</statement></dblookup>"
    )
    body = (
        f'<payloadFactory media-type="json"><format>{{"{greeting}": "$1", "resource": "$2", "length": "$3"}}</format>'
        '<args><arg expression="$ctx:name"/><arg expression="get-property(\'gov:/shop/note.txt\')"/>'
        '<arg expression="string-length($ctx:key)"/></args></payloadFactory>'
    )
    steps = (
        f'{lookup}<property name="key" value="$secret{{shop.key}}"/>'
        f'<log level="custom"><property name="shown" expression="$ctx:key"/></log>{body}<respond/>'
    )
    xml = f'<proxy {SYNAPSE} name="shop"><target><inSequence>{steps}</inSequence></target></proxy>'
    return artifact("shop", "synapse/proxy-service", "shop.xml", xml)


NOTE = artifact(
    "note",
    "registry/resource",
    "registry-info.xml",
    "<resources><item><file>note.txt</file><path>/_system/governance/shop</path></item></resources>",
) | {"note_1.0.0/resources/note.txt": b"hello"}


def _deploy(folder: Path, *artifacts: dict[str, str | bytes]) -> None:
    part = write_car(folder / "shop.part", *artifacts)
    part.replace(folder / "flows" / "shop.car")


@pytest.fixture(scope="module")
def engine(start: Any) -> Any:
    return start({}, CONFIG)


def _answer(engine: Any) -> Any:
    answer = engine.post("/services/shop", {"id": 7})
    return answer.json() if answer.status_code == 200 else answer.status_code


def test_an_application_runs_in_place(engine: Any, until: Any) -> None:
    connection = sqlite3.connect(engine.folder / "shop.db")
    connection.executescript("CREATE TABLE product (id INTEGER, name TEXT); INSERT INTO product VALUES (7, 'Ünïcorn')")
    connection.close()
    _deploy(engine.folder, _proxy("name"), NOTE)
    until(lambda: engine.health().status_code == 503)
    [problem] = engine.health().json()["problems"]
    assert (problem["code"], problem["file"]) == ("unknown-secret", "flows/shop.car!shop_1.0.0/shop.xml")

    SecretStore(engine.folder / "secrets.enc", engine.folder / "secrets.key").set("shop.key", SECRET)
    until(lambda: engine.health().status_code == 200)
    assert _answer(engine) == {"name": "Ünïcorn", "resource": "hello", "length": f"{len(SECRET)}.0"}

    _deploy(engine.folder, _proxy("called"), NOTE)
    until(lambda: "called" in _answer(engine))
    (engine.folder / "flows" / "shop.car").unlink()
    until(lambda: _answer(engine) == 404)


def test_the_secret_is_in_no_log(engine: Any) -> None:
    assert "shown = ***" in engine.log()
    assert SECRET not in engine.log()
