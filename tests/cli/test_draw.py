"""``myelin draw``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.deploy.cars import sequence, write_car
from tests.e2e.conftest import CHECKOUT

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'


def test_a_file_for_each_flow(myelin: Any, flows: Path) -> None:
    artifacts = '<sequence name="a/b"><log/></sequence><localEntry key="k">v</localEntry>'
    (flows / "good.xml").write_text(f"<definitions {NAMESPACE}>{artifacts}</definitions>")
    done = myelin("draw", "flows", "--output", "pictures")
    assert done.stdout.splitlines() == ["wrote pictures/sequence-a-b.svg", "wrote pictures/sequence-warned.svg"]
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == [
        "error[unknown-mediator]",
        "warning[unknown-attribute]",
    ]
    assert done.exit_code == 1
    root = etree.parse("pictures/sequence-a-b.svg").getroot()
    assert [each.text for each in root.iter("{*}text")] == ["log"]
    (flows / "bad.xml").unlink()
    assert myelin("draw", "flows").exit_code == 0
    assert Path("sequence-a-b.svg").exists()


def test_a_carbon_application(myelin: Any, home: Path) -> None:
    write_car(home / "a.car", sequence("s"))
    assert myelin("draw", "a.car").stdout == "wrote sequence-s.svg\n"


def test_nothing_there(myelin: Any, home: Path) -> None:
    done = myelin("draw", "nowhere")
    assert (done.exit_code, done.stderr) == (2, "myelin: there is no folder or file 'nowhere'\n")


def test_the_picture_of_the_samples_is_fresh(myelin: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    routing = CHECKOUT / "samples" / "routing"
    monkeypatch.chdir(routing)
    assert myelin("draw", "flows/json.xml", "--output", str(home)).exit_code == 0
    drawn = (home / "proxy-route-json.svg").read_text("utf-8")
    assert drawn == (routing / "proxy-route-json.svg").read_text("utf-8"), "run `myelin draw flows/json.xml` there"
