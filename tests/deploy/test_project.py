from __future__ import annotations

from pathlib import Path

import pytest

from engine.deploy import project
from engine.deploy.project import Layout

ITEM = "<item><file>{file}</file><path>{path}</path></item>"


def _tree(root: Path, *names: str, **contents: str) -> Path:
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(contents.get(file.name.partition(".")[0], "x"))
    return root


def _scan(root: Path) -> tuple[Layout, list[str], dict[str, str]]:
    layout = project.scan(root)
    flows = [path.relative_to(root).as_posix() for path in layout.flows]
    return layout, flows, {path.relative_to(root).as_posix(): key for path, key in layout.resources.items()}


def test_a_plain_folder(tmp_path: Path) -> None:
    _tree(
        tmp_path, "b.xml", "a/c.xml", "a/d.json", ".hidden/e.xml", "a/.f.xml", "registry/config/g.xml", "target/h.xml"
    )
    layout, flows, resources = _scan(tmp_path)
    assert flows == ["b.xml", "a/c.xml", "registry/config/g.xml", "target/h.xml"]
    assert resources == {}
    assert layout.is_project is False


def test_a_project_of_mi_for_vs_code(tmp_path: Path) -> None:
    main = "src/main/wso2mi"
    _tree(
        tmp_path,
        "pom.xml",
        "target/shop.xml",
        f"{main}/artifacts/apis/Shop.xml",
        f"{main}/artifacts/sequences/s.xml",
        f"{main}/resources/metadata/Shop_swagger.yaml",
        f"{main}/resources/connectors/c.zip",
        f"{main}/resources/xslt/t.xml",
        f"{main}/resources/registry/artifact.xml",
        f"{main}/resources/registry/gov/a/b.json",
        f"{main}/resources/registry/conf/c.xml",
        "src/test/wso2mi/ShopTest.xml",
        "src/test/resources/mock-services/m.xml",
    )
    layout, flows, resources = _scan(tmp_path)
    assert flows == [f"{main}/artifacts/apis/Shop.xml", f"{main}/artifacts/sequences/s.xml"]
    assert resources == {
        f"{main}/resources/registry/gov/a/b.json": "gov:a/b.json",
        f"{main}/resources/registry/conf/c.xml": "conf:c.xml",
        f"{main}/resources/xslt/t.xml": "gov:mi-resources/xslt/t.xml",
    }
    assert layout.is_project is True


def test_a_project_of_integration_studio(tmp_path: Path) -> None:
    items = ITEM.format(file="a.xml", path="/_system/config/x") + ITEM.format(file="gone.xml", path="/_system/config")
    items += "<collection><directory>folder</directory><path>/_system/governance/y</path></collection>"
    descriptor = f'<artifacts><artifact name="r" type="registry/resource">{items}</artifact></artifacts>'
    _tree(tmp_path, "res/artifact.xml", "res/a.xml", "res/folder/b.xml", "res/folder/c/d.txt", artifact=descriptor)
    _tree(tmp_path, "esb/pom.xml", "esb/src/main/synapse-config/proxy-services/p.xml")
    layout, flows, resources = _scan(tmp_path)
    assert flows == ["esb/src/main/synapse-config/proxy-services/p.xml"]
    assert resources == {
        "res/a.xml": "conf:x/a.xml",
        "res/folder/b.xml": "gov:y/b.xml",
        "res/folder/c/d.txt": "gov:y/c/d.txt",
    }
    assert layout.is_project is True


def test_tests_of_other_projects_are_files_like_any_other(tmp_path: Path) -> None:
    _tree(tmp_path, "pom.xml", "src/main/java/A.java", "src/test/resources/flows/a.xml")
    assert _scan(tmp_path)[1] == ["src/test/resources/flows/a.xml"]


def test_a_server(tmp_path: Path) -> None:
    default = "repository/deployment/server/synapse-configs/default"
    _tree(
        tmp_path,
        f"{default}/sequences/main.xml",
        f"{default}/registry.xml",
        "repository/deployment/server/carbonapps/shop.car",
        "repository/deployment/server/dataservices/d.dbs",
        "registry/governance/g.xml",
        "registry/config/a/c.txt",
        "registry/config/.metadata/c.txt.meta",
        "registry/local/l.txt",
    )
    layout, flows, resources = _scan(tmp_path)
    assert flows == [f"{default}/registry.xml", f"{default}/sequences/main.xml"]
    assert [path.name for path in layout.applications] == ["shop.car"]
    assert [path.name for path in layout.data_services] == ["d.dbs"]
    assert resources == {
        "registry/governance/g.xml": "gov:g.xml",
        "registry/config/a/c.txt": "conf:a/c.txt",
        "registry/local/l.txt": "l.txt",
    }


@pytest.mark.parametrize("file", ["../outside.xml", "link.xml", "/etc/hostname"])
def test_descriptors_lead_to_no_file_outside(tmp_path: Path, file: str) -> None:
    (tmp_path / "outside.xml").write_text("secret")
    root = tmp_path / "root"
    items = ITEM.format(file=file, path="/_system/config")
    _tree(root, "artifact.xml", artifact=f'<a><artifact type="registry/resource">{items}</artifact></a>')
    (root / "link.xml").symlink_to(tmp_path / "outside.xml")
    assert project.scan(root).resources == {}


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    _tree(tmp_path, "elsewhere/a.xml", "root/b.xml", "root/repository/x.txt", "root/registry/x.txt")
    (tmp_path / "root/linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "root/registry/config").symlink_to(tmp_path / "elsewhere")
    _, flows, resources = _scan(tmp_path / "root")
    assert (flows, resources) == (["b.xml"], {})


def test_a_broken_descriptor_names_nothing(tmp_path: Path) -> None:
    _tree(tmp_path, "artifact.xml", "a.xml", artifact="<artifacts")
    assert _scan(tmp_path)[1:] == (["a.xml"], {})
