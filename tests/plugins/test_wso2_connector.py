from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import Problems
from engine.plugins.wso2_connector import Connector, is_connector, read_connector
from tests.plugins.wso2 import ACME, GET, files, write_folder, write_zip

BOMB = '<!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><template><b>&b;</b></template>'


def read(path: Path) -> tuple[Connector | None, list[str]]:
    problems = Problems()
    connector = read_connector(path, problems)
    return connector, [f"{each.severity}[{each.code}] {each.message}" for each in problems]


def test_names_parameters_and_descriptions(tmp_path: Path) -> None:
    for path in (write_zip(tmp_path / "a.zip", files(ACME)), write_folder(tmp_path / "a", files(ACME))):
        assert is_connector(path)
        connector, problems = read(path)
        assert problems == []
        assert connector is not None
        assert (connector.name, connector.package, connector.description) == ("acme", "org.example", "Orders.")
        assert list(connector.operations) == ["init", "getOrder", "getTwice"]
        assert connector.operations["getOrder"].parameters == (("id", "The order."),)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"connector.xml": "<nothing/>"}, "error[bad-connector] The connector cannot be read. connector.xml must be"),
        (
            {"connector.xml": "<connector>"},
            "error[bad-connector] The connector cannot be read. connector.xml is not",
        ),
        (
            {"connector.xml": BOMB},
            "error[bad-connector] The connector cannot be read. connector.xml is XML",
        ),
        (
            {"connector.xml": "<connector><component name='../x'/></connector>"},
            "error[bad-name] The connector cannot be read. '../x' cannot be the name of a connector.",
        ),
        (
            {"connector.xml": "<connector><component name='log.x'/></connector>"},
            "error[bad-name] The connector cannot be read. 'log.x' cannot be the name of a connector.",
        ),
        ({"acme-all/component.xml": "<component"}, "error[bad-connector] acme-all/component.xml is not XML"),
        ({"acme-all/getOrder.xml": BOMB}, "warning[incomplete-connector] It is XML with a DOCTYPE"),
        ({"acme-all/getOrder.xml": "<template>"}, "warning[incomplete-connector] It is not XML"),
        ({"lib/a.jar": "x"}, "warning[java-in-connector] The connector 'acme' brings Java (lib/a.jar)"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, change: dict[str, str], problem: str) -> None:
    _, problems = read(write_zip(tmp_path / "a.zip", files(ACME) | change))
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_a_file_that_is_missing_leaves_out_its_operation(tmp_path: Path) -> None:
    content = files(ACME, more="<dependency component='gone'/>")
    del content["acme-all/getTwice.xml"]
    connector, problems = read(write_folder(tmp_path / "a", content))
    assert connector is not None
    assert list(connector.operations) == ["init", "getOrder"]
    assert problems == [
        "warning[incomplete-connector] <acme.getTwice> has no file 'acme-all/getTwice.xml'; it is left out.",
        "warning[incomplete-connector] There is no component 'gone'; its operations are missing.",
    ]


def test_names_of_operations(tmp_path: Path) -> None:
    component = (
        "<component><subComponents><component name=' getOrder '><file>a.xml</file></component>"
        "<component name='a/b'><file>a.xml</file></component><component name=''><file>a.xml</file></component>"
        "<component name='getOrder'><file>a.xml</file></component>"
        "<component name='getOrder'><file>b.xml</file></component>"
        "</subComponents></component>"
    )
    content = files({}) | {"acme-all/component.xml": component, "acme-all/a.xml": GET, "acme-all/b.xml": GET}
    connector, problems = read(write_folder(tmp_path / "a", content))
    assert connector is not None
    assert list(connector.operations) == ["getOrder"]
    assert problems == [
        "error[bad-name] 'a/b' cannot be the name of an operation.",
        "warning[incomplete-connector] An operation without a name is left out.",
        "warning[repeated-operation] <acme.getOrder> is declared twice; the first one runs.",
    ]


@pytest.mark.parametrize("content", [b"PK", b""])
def test_a_zip_that_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    connector, problems = read(tmp_path / "a.zip")
    assert connector is None
    assert problems[0].startswith("error[bad-connector] The connector cannot be read. It is not a zip file")


def test_what_is_no_connector(tmp_path: Path) -> None:
    write_folder(tmp_path / "flows", {"connector.xml": "<sequence/>", "a.xml": "<a/>"})
    assert not is_connector(tmp_path / "flows")
    assert not is_connector(tmp_path / "flows" / "a.xml")
    assert not is_connector(tmp_path / "none")
    _, problems = read(write_zip(tmp_path / "b.zip", {"a.xml": "<a/>"}))
    assert problems == ["error[bad-connector] The connector cannot be read. There is no connector.xml at its top."]


def test_local_entries(tmp_path: Path) -> None:
    content = files(ACME) | {"local-entries/x.xslt.xml": "<localEntry/>", "local-entries/readme.txt": "x"}
    connector, _ = read(write_folder(tmp_path / "a", content))
    assert connector is not None
    assert [text for _, text in connector.local_entries()] == [b"<localEntry/>"]
