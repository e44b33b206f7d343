from __future__ import annotations

from pathlib import Path

import pytest

from engine.declare.catalog import Catalog
from engine.declare.fields import attr, element
from engine.declare.spec import Node, Spec


def spec(tag: str, *kinds: str) -> Spec:
    return Spec(tag, kinds, "", f"{tag}.", "", "", (), (), Node)


LOG, CALL, SEQUENCE = spec("log", "mediator"), spec("call", "mediator"), spec("sequence", "mediator", "artifact")


def test_specs_by_kind_and_tag() -> None:
    catalog = Catalog([LOG, CALL, SEQUENCE])
    assert catalog.get("mediator", "log") is LOG
    assert catalog.get("artifact", "log") is None
    assert catalog.get("nonsense", "log") is None
    assert catalog.tags("mediator") == ["call", "log", "sequence"]
    assert catalog.tags("nonsense") == []
    assert catalog.kinds_of("sequence") == ["mediator", "artifact"]
    assert catalog.kinds_of("nonsense") == []


def test_iteration_gives_every_spec_once() -> None:
    assert [each.tag for each in Catalog([LOG, CALL, SEQUENCE])] == ["sequence", "call", "log"]


def test_two_classes_of_one_tag_are_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"^two classes declare <log> as mediator$"):
        Catalog([LOG, spec("log", "mediator")])
    assert Catalog([LOG, spec("log", "artifact")]).kinds_of("log") == ["mediator", "artifact"]


def test_a_larger_catalogue_replaces_and_leaves_the_old_one_alone() -> None:
    small = Catalog([LOG])
    newer, operation = spec("log", "mediator"), spec("gotowebinar.init", "mediator")
    large = small.with_specs([newer, operation])
    assert large.get("mediator", "log") is newer
    assert large.tags("mediator") == ["gotowebinar.init", "log"]
    assert small.get("mediator", "log") is LOG
    assert small.tags("mediator") == ["log"]


MODULE = '''
from engine.declare.fields import attr, element
from engine.declare.spec import Node
{imports}

@element("{tag}", kind="mediator")
class Declared(Node):
    """{tag}."""

@element("part")
class Part(Node):
    """No kind: a part of another."""

class NotDeclared(Node):
    """No spec."""
'''


def package(folder: Path, name: str, **modules: str) -> None:
    (folder / name).mkdir()
    (folder / name / "__init__.py").touch()
    for module, text in modules.items():
        (folder / name / f"{module}.py").write_text(text)


def test_scan_finds_what_the_modules_of_a_package_declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imports = "from scanned_catalog.one import Declared as Imported"
    package(
        tmp_path,
        "scanned_catalog",
        one=MODULE.format(tag="one", imports=""),
        two=MODULE.format(tag="two", imports=imports),
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert Catalog.scan("scanned_catalog").tags("mediator") == ["one", "two"]


def test_scan_refuses_two_of_one_tag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = MODULE.format(tag="same", imports="")
    package(tmp_path, "doubled_catalog", one=text, two=text)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=r"^two classes declare <same> as mediator$"):
        Catalog.scan("doubled_catalog")


def test_a_declared_class_goes_into_a_catalogue() -> None:
    @element("mine", kind="mediator")
    class Mine(Node):
        """Mine."""

        name: str = attr("A name.")

    assert Catalog([Mine.spec]).get("mediator", "mine") is Mine.spec
