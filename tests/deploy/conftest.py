"""A folder of flows and its deployment, without a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.deploy.deployment import Deployment
from engine.runtime.catalog import language
from engine.runtime.config import Config
from engine.runtime.services import ProcessServices
from engine.testing.harness import StubClient

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "flows"
    folder.mkdir()
    return folder


@pytest.fixture
def write(folder: Path) -> Callable[[str, str], Path]:
    """Writes a file; the first tag gets the namespace of the language."""

    def write_file(name: str, xml: str) -> Path:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        end = min(xml.find(stop) for stop in (" ", ">", "/>") if stop in xml)
        file.write_text(f"{xml[:end]} {NAMESPACE}{xml[end:]}")
        return file

    return write_file


@pytest.fixture
def deployment(folder: Path, tmp_path: Path) -> Deployment:
    services = ProcessServices(Config(registry=str(tmp_path / "registry")), StubClient())
    return Deployment(folder, language(), services)
