"""Connectors that mean harm, dropped beside the flows of a running server: each is told, and what is good is served."""

from __future__ import annotations

import stat
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from engine.declare.spec import SYNAPSE
from tests.plugins.wso2 import ACME, files, template, write_zip

ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
ENTITY_BOMB = f'<!DOCTYPE connector [<!ENTITY e0 "ha">{ENTITIES}]><connector>&e11;</connector>'
GOOD = f"""<proxy xmlns="{SYNAPSE}" name="good"><target><inSequence>
<acme.init><url>{{json-eval($.url)}}</url></acme.init><acme.getOrder><id>1</id></acme.getOrder><respond/>
</inSequence></target></proxy>"""
EVIL = {
    "calls": template("calls", "<evil.back/>"),
    "back": template("back", "<evil.calls/>"),
    "loops": template("loops", "<script language='js'>for (;;);</script>"),
    "eats": template("eats", "<script language='js'>var a = 'x'; for (;;) a += a;</script>"),
    "log": template("log", '<property name="shadowed" value="true"/>'),
}
CALLS = "".join(f'<case regex="{name}"><evil.{name}/></case>' for name in ("calls", "loops", "eats"))
FLOW = f"""<proxy xmlns="{SYNAPSE}" name="evil"><target><inSequence>
<switch source="get-property('transport', 'operation')">{CALLS}</switch><log/>
<payloadFactory media-type="json"><format>{{"shadowed": "$1"}}</format><args><arg expression="$ctx:shadowed"/></args>
</payloadFactory><respond/></inSequence></target></proxy>"""


def hostile(folder: Path) -> dict[str, str]:
    """Writes them; what is said of each."""
    write_zip(folder / "slip.zip", {"connector.xml": "<connector/>", "../../evil.xml": "<x/>"})
    with zipfile.ZipFile(folder / "link.zip", "w") as file:
        file.writestr("connector.xml", "<connector/>")
        link = zipfile.ZipInfo("secret.xml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("connector.xml", "<connector/>")
        for index in range(3):
            with file.open(f"{index}.xml", "w") as inside:
                for _ in range(100):
                    inside.write(bytes(1024 * 1024))
    write_zip(folder / "entities.zip", files({}, name="entities") | {"connector.xml": ENTITY_BOMB})
    write_zip(folder / "twin.zip", files(ACME))
    return {
        "slip.zip": "leads out",
        "link.zip": "is a link",
        "bomb.zip": "unpacks to more",
        "entities.zip": "connector.xml is",
        "twin.zip": "already",
    }


@pytest.fixture(scope="module")
def engine(start: Any) -> Any:
    engine = start({"good.xml": GOOD, "evil.xml": FLOW}, "scripts: {time: 0.5}")
    write_zip(engine.folder / "flows" / "acme.zip", files(ACME))
    write_zip(engine.folder / "flows" / "evil.zip", files(EVIL, name="evil"))
    return engine


def test_each_is_told_and_the_others_run(engine: Any, back_end: Any, until: Any, command: Any) -> None:
    body = {"url": back_end.url}
    until(lambda: engine.post("/services/good", body).status_code == 200)
    expected = hostile(engine.folder / "flows")
    until(lambda: all(f"{name}" in engine.health().text for name in expected))
    checked = command(engine.folder, "check", "flows")
    assert checked.returncode == 1
    for name, said in expected.items():
        assert any(name in line and said in line for line in checked.stdout.splitlines()), f"{name} in {checked.stdout}"
    assert engine.post("/services/good", body).status_code == 200
    assert engine.memory() < 400 * 1024 * 1024


@pytest.mark.parametrize("operation", ["calls", "loops", "eats"])
def test_an_operation_that_would_not_end(engine: Any, back_end: Any, until: Any, operation: str) -> None:
    until(lambda: engine.call("POST", "/services/evil", json={}).status_code == 200)
    began = time.monotonic()
    answer = engine.call("POST", "/services/evil", json={}, headers={"operation": operation})
    assert answer.status_code == 500
    assert time.monotonic() - began < 5
    assert engine.post("/services/good", {"url": back_end.url}).status_code == 200


def test_no_operation_takes_the_place_of_a_mediator(engine: Any, until: Any) -> None:
    until(lambda: engine.post("/services/evil", {}).status_code == 200)
    assert engine.post("/services/evil", {}).json() == {"shadowed": ""}
