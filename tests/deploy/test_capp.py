from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from engine.deploy import capp
from tests.deploy.cars import artifact, artifacts_xml, sequence, write_car, zipped

INFO = "<resources><item><file>a.xsl</file><path>/_system/config/xslt</path></item></resources>"


def _told(path: Path) -> list[str]:
    return [f"{each.severity}[{each.code}] {each.message}" for each in capp.read(path).problems]


def test_an_application_yields_its_flows(tmp_path: Path) -> None:
    car = write_car(tmp_path / "a.car", sequence("one"), sequence("two"), sequence("three"))
    bundle = capp.read(car)
    assert list(bundle.flows) == [f"{car}!{name}_1.0.0/{name}.xml" for name in ("one", "two", "three")]
    assert not list(bundle.problems)


def test_what_it_does_not_name_is_no_part_of_it(tmp_path: Path) -> None:
    car = write_car(tmp_path / "a.car", sequence("one"), more=sequence("other"))
    assert len(capp.read(car).flows) == 1


def test_resources_of_the_registry(tmp_path: Path) -> None:
    info = INFO.replace(
        "</resources>",
        "<collection><directory>folder</directory><path>/_system/governance/x</path></collection></resources>",
    )
    resource = artifact("res", "registry/resource", "registry-info.xml", info) | {
        "res_1.0.0/resources/a.xsl": b"<x/>",
        "res_1.0.0/resources/folder/b.json": b"{}",
        "res_1.0.0/resources/folder/c/d.txt": b"d",
        "res_1.0.0/resources/unnamed.txt": b"",
    }
    bundle = capp.read(write_car(tmp_path / "a.car", resource))
    assert bundle.resources == {"conf:xslt/a.xsl": b"<x/>", "gov:x/b.json": b"{}", "gov:x/c/d.txt": b"d"}


def test_folders_of_old_tools_have_a_longer_version(tmp_path: Path) -> None:
    files = {name.replace("1.0.0", "1.0.0.v2012"): content for name, content in sequence("one").items()}
    files = {name: str(content).replace('version="1.0.0"', 'version="1.0.0.v2012"') for name, content in files.items()}
    car = tmp_path / "a.car"
    car.write_bytes(zipped({"artifacts.xml": artifacts_xml("one"), **files}))
    assert list(capp.read(car).flows) == [f"{car}!one_1.0.0.v2012/one.xml"]


def test_a_fat_application_brings_others_along(tmp_path: Path) -> None:
    inner = write_car(tmp_path / "inner.car", sequence("two"))
    car = write_car(tmp_path / "a.car", sequence("one"), more={"dependencies/inner.car": inner.read_bytes()})
    assert list(capp.read(car).flows) == [
        f"{car}!dependencies/inner.car!two_1.0.0/two.xml",
        f"{car}!one_1.0.0/one.xml",
    ]


def test_connectors_inside(tmp_path: Path) -> None:
    car = write_car(tmp_path / "a.car", artifact("c", "synapse/lib", "c.zip", b"zip"))
    assert capp.read(car).connectors == {f"{car}!c_1.0.0/c.zip": b"zip"}


@pytest.mark.parametrize(
    ("type_", "file", "told"),
    [
        ("lib/synapse/mediator", "x.jar", "'x' (lib/synapse/mediator) is left out: it is Java"),
        ("service/dataservice", "x.dbs", "'x' (service/dataservice) is left out: data services"),
        ("datasource/datasource", "x.xml", "'x' (datasource/datasource) is left out: data sources are settings"),
        ("config/property", "x.properties", "'x' (config/property) is left out: its properties"),
        ("web/application", "x.war", "Artifacts of the type 'web/application' are not known"),
    ],
)
def test_what_does_not_run_here_is_told_with_its_place(tmp_path: Path, type_: str, file: str, told: str) -> None:
    bundle = capp.read(write_car(tmp_path / "a.car", artifact("x", type_, file, b"x"), sequence("one")))
    [problem] = bundle.problems
    assert problem.code == "left-out"
    assert problem.where.file.endswith("a.car!x_1.0.0/artifact.xml")
    assert told in problem.message
    assert len(bundle.flows) == 1


def test_metadata_is_ignored(tmp_path: Path) -> None:
    assert _told(write_car(tmp_path / "a.car", artifact("m", "synapse/metadata", "m.yaml", b""))) == []


def test_what_is_missing_inside_is_told(tmp_path: Path) -> None:
    one = sequence("one")
    del one["one_1.0.0/one.xml"]
    car = write_car(tmp_path / "a.car", one, {"two_1.0.0/x": b""}, sequence("three"))
    assert _told(car) == [
        "error[bad-car] There is no one_1.0.0/one.xml in it.",
        "warning[incomplete-car] The artifact 'two' of the version 1.0.0 is not in it.",
    ]
    assert len(capp.read(car).flows) == 1


# ------------------------------------------------------------------ hostile files


def test_no_zip_at_all(tmp_path: Path) -> None:
    (tmp_path / "a.car").write_bytes(b"not a zip")
    [told] = _told(tmp_path / "a.car")
    assert told == "error[bad-car] It is not a zip file."


def test_no_list_of_artifacts(tmp_path: Path) -> None:
    (tmp_path / "a.car").write_bytes(zipped({"x": b""}))
    assert _told(tmp_path / "a.car") == ["error[bad-car] It has no artifacts.xml."]


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/evil.xml", "a/../../evil.xml", "C:evil.xml", "a\\evil.xml"])
def test_paths_that_lead_out_of_it(tmp_path: Path, name: str) -> None:
    car = tmp_path / "a.car"
    car.write_bytes(zipped({"artifacts.xml": artifacts_xml()}).replace(b"artifacts.xml", b"artifacts.xml"))
    with zipfile.ZipFile(car, "a") as file:
        info = zipfile.ZipInfo("x")
        info.filename = name
        file.writestr(info, b"")
    [told] = _told(car)
    assert "leads out of it" in told


def test_links(tmp_path: Path) -> None:
    car = write_car(tmp_path / "a.car", sequence("one"))
    with zipfile.ZipFile(car, "a") as file:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
    assert _told(car) == ["error[bad-car] 'link' is a link."]


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = b"\0" * (5 * 1024 * 1024)
    one = sequence("one")
    one["one_1.0.0/one.xml"] = bomb
    car = write_car(tmp_path / "a.car", one)
    assert car.stat().st_size < 20_000
    [told] = _told(car)
    assert told == "error[bad-car] one_1.0.0/one.xml has more than 4,194,304 bytes."


def test_entities_are_refused(tmp_path: Path) -> None:
    laughs = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><artifacts>&y;</artifacts>'
    (tmp_path / "a.car").write_bytes(zipped({"artifacts.xml": laughs}))
    assert _told(tmp_path / "a.car") == ["error[bad-car] artifacts.xml cannot be read: A DOCTYPE is not allowed."]


def test_applications_inside_one_another_for_ever(tmp_path: Path) -> None:
    content = write_car(tmp_path / "0.car", sequence("s")).read_bytes()
    for number in range(1, 6):
        car = write_car(tmp_path / f"{number}.car", sequence("s"), more={"dependencies/i.car": content})
        content = car.read_bytes()
    assert _told(tmp_path / "5.car") == ["error[bad-car] dependencies/i.car is nested deeper than 3 applications."]
