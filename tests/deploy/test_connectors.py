from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.core.sequence import run
from engine.deploy import connectors
from engine.deploy.deployment import Deployment
from engine.message.context import MessageContext
from engine.message.headers import Headers
from engine.message.payload import Payload
from engine.runtime.catalog import installed, language
from engine.testing.harness import StubExchange
from tests.plugins.wso2 import ACME, INIT, files, template, write_folder, write_zip

Write = Callable[[str, str], Path]

FLOW = (
    '<proxy name="orders"><target><inSequence><acme.init><url>http://api</url></acme.init>'
    "<acme.getOrder><id>1</id></acme.getOrder><respond/></inSequence></target></proxy>"
)


def deploy(deployment: Deployment) -> list[str]:
    """Deploy what is there now; the errors."""
    deployment.swap(deployment.prepare(deployment.find()))
    return [f"{each.severity}[{each.code}]" for each in deployment.problems if each.severity == "error"]


def serves(deployment: Deployment) -> bool:
    return deployment.snapshot.loaded.get(("proxy", "orders")) is not None


def test_a_connector_is_added_replaced_and_removed_hot(deployment: Deployment, folder: Path, write: Write) -> None:
    write("orders.xml", FLOW)
    assert deploy(deployment) == ["error[unknown-mediator]", "error[unknown-mediator]"]
    assert not serves(deployment)
    path = write_zip(folder / "acme.zip", files(ACME))
    assert deploy(deployment) == []
    assert serves(deployment)
    path.unlink()
    write_zip(path, files({"init": INIT}))
    # As in Synapse the flow runs, and faults where it calls what is gone.
    assert deploy(deployment) == ["error[unknown-mediator]"]
    assert serves(deployment)
    path.unlink()
    assert "error[unknown-mediator]" in deploy(deployment)
    assert serves(deployment), "its last good version"


async def test_a_connection_goes_with_the_connector_it_is_for(
    deployment: Deployment, folder: Path, write: Write
) -> None:
    async def url() -> object:
        message = MessageContext(deployment.snapshot, StubExchange(), Payload(), Headers())
        await run(deployment.snapshot.connection("C"), message)
        return message.properties["uri.var.url"]

    entry = '<localEntry key="C"><acme.init><url>{}</url></acme.init></localEntry>'
    write("c.xml", entry.format("http://one"))
    assert deploy(deployment) == ["error[unknown-mediator]"]
    path = write_zip(folder / "acme.zip", files(ACME))
    assert deploy(deployment) == []
    assert await url() == "http://one"
    write("c.xml", entry.format("http://two"))
    assert deploy(deployment) == []
    assert await url() == "http://two"
    path.unlink()
    assert deploy(deployment) == ["error[unknown-mediator]"]
    assert await url() == "http://two", "its last good version"


def test_an_unpacked_connector_is_no_folder_of_flows(deployment: Deployment, folder: Path, write: Write) -> None:
    write("orders.xml", FLOW)
    write_folder(folder / "libs" / "acme", files(ACME))
    assert deploy(deployment) == []
    assert deployment.snapshot.loaded.keys() == {("proxy", "orders")}
    (folder / "libs" / "acme" / "acme-all" / "getOrder.xml").write_text(template("getOrder", "<nonsense/>"))
    assert deploy(deployment) == ["error[unknown-mediator]"]


def test_a_broken_connector_keeps_its_last_good_version(deployment: Deployment, folder: Path, write: Write) -> None:
    write("orders.xml", FLOW)
    path = write_zip(folder / "acme.zip", files(ACME))
    deploy(deployment)
    path.write_bytes(b"half a file")
    assert deploy(deployment) == ["error[bad-connector]"]
    assert serves(deployment)


def test_files_are_not_built_again_for_nothing(deployment: Deployment, folder: Path, write: Write) -> None:
    write("orders.xml", FLOW)
    write_zip(folder / "acme.zip", files(ACME))
    deploy(deployment)
    before = deployment.snapshot.loaded["proxy", "orders"]
    write("other.xml", '<sequence name="other"><drop/></sequence>')
    deploy(deployment)
    assert deployment.snapshot.loaded["proxy", "orders"] is before


def test_problems_of_operations_go_with_the_flow_that_used_them(
    deployment: Deployment, folder: Path, write: Write
) -> None:
    flow = write("orders.xml", FLOW)
    write_zip(folder / "acme.zip", files(ACME | {"getOrder": template("getOrder", "<nonsense/>")}))
    assert deploy(deployment) == ["error[unknown-mediator]"]
    [problem] = deployment.errors
    assert (problem.where.file, problem.where.line) == (str(flow), 1)
    flow.unlink()
    assert deploy(deployment) == []


def test_two_connectors_of_one_name(deployment: Deployment, folder: Path) -> None:
    write_zip(folder / "a.zip", files(ACME))
    write_folder(folder / "b", files({"init": INIT}))
    assert deploy(deployment) == ["error[duplicate-connector]"]
    [problem] = deployment.problems
    assert problem.where.file == str(folder / "b")
    assert str(folder / "a.zip") in problem.message


def test_a_second_connector_of_one_name_never_takes_the_place_of_the_one_that_runs(
    deployment: Deployment, folder: Path
) -> None:
    write_zip(folder / "b.zip", files(ACME))
    assert deploy(deployment) == []
    write_zip(folder / "a.zip", files({"init": INIT}))
    assert deploy(deployment) == ["error[duplicate-connector]"]
    [problem] = deployment.problems
    assert (problem.where.file, problem.message) == (
        str(folder / "a.zip"),
        f"There is already a connector 'acme', at {folder / 'b.zip'}.",
    )
    (folder / "b.zip").unlink()
    assert deploy(deployment) == []


def test_a_connector_replaces_the_one_that_ships(tmp_path: Path) -> None:
    base, _ = installed()
    assert base.get("mediator", "gotowebinar.getWebinarById") is not None
    write_zip(tmp_path / "g.zip", files({"init": INIT}, name="gotowebinar"))
    found = connectors.load(connectors.find([tmp_path]), base)
    assert [each.code for each in found.problems] == ["replaces-connector"]
    spec = found.catalog.get("mediator", "gotowebinar.getWebinarById")
    assert spec is not None
    assert spec.summary == "No operation of the connector gotowebinar."


def test_local_entries_of_a_connector_are_there(deployment: Deployment, folder: Path) -> None:
    entry = '<localEntry xmlns="http://ws.apache.org/ns/synapse" key="sheet">text</localEntry>'
    write_zip(folder / "acme.zip", files(ACME) | {"local-entries/sheet.xml": entry})
    assert deploy(deployment) == []
    assert deployment.snapshot.entry("sheet") == "text"


def test_connectors_lie_anywhere_beneath_but_not_hidden(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write_zip(tmp_path / "deep" / "a.zip", files(ACME))
    write_folder(tmp_path / ".hidden" / "b", files(ACME))
    (tmp_path / "link").symlink_to(tmp_path / ".hidden", target_is_directory=True)
    assert list(connectors.find([tmp_path])) == [tmp_path / "deep" / "a.zip"]
    assert list(connectors.find([tmp_path / "deep" / "a.zip"])) == [tmp_path / "deep" / "a.zip"]
    assert connectors.find([tmp_path / "none"]) == {}


def test_150_connectors_load_quickly(tmp_path: Path) -> None:
    for index in range(150):
        operations = {f"get{number}": template(f"get{number}", "<drop/>") for number in range(20)}
        write_zip(tmp_path / f"c{index}.zip", files(operations, name=f"c{index}"))
    found = connectors.load(connectors.find([tmp_path]), language())
    assert len(found.catalog.connectors) == 150
    assert found.connector_library is not None
    assert found.connector_library._templates == {}


@pytest.mark.parametrize("content", ["", "<connector/>", "<connector><component name='x'/></connector>"])
def test_nothing_in_a_file_stops_the_others(tmp_path: Path, content: str) -> None:
    write_zip(tmp_path / "bad.zip", {"connector.xml": content})
    write_zip(tmp_path / "good.zip", files(ACME))
    assert connectors.load(connectors.find([tmp_path]), language()).catalog.get("mediator", "acme.getOrder") is not None
