"""The committed reference is what the declarations say now."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from engine.cli.docs import REFERENCE, reference_files
from engine.declare.spec import SYNAPSE
from engine.runtime.catalog import language

COVERAGE = "coverage.md"
"""Written by `python -m tools.coverage`, from checkouts that not everybody has."""


@pytest.mark.parametrize("name", sorted(reference_files()))
def test_the_generated_file_is_fresh(name: str) -> None:
    file = REFERENCE / name
    current = file.read_text("utf-8") if file.exists() else ""
    assert current == reference_files()[name], f"{file.name} is out of date: run `myelin docs --write`"


def test_nothing_else_is_in_the_folder() -> None:
    names = {file.name for file in REFERENCE.iterdir() if not file.name.startswith(("__", "."))}
    assert names - {COVERAGE} == set(reference_files()), "run `myelin docs --write` and remove what it does not write"


def test_the_schema_accepts_every_example() -> None:
    schema = etree.XMLSchema(etree.fromstring(reference_files()["synapse.xsd"].encode()))
    for spec in language():
        document = etree.fromstring(f'<definitions xmlns="{SYNAPSE}">{spec.example}</definitions>')
        assert schema.validate(document), f"<{spec.tag}>: {schema.error_log}"


ROOT = REFERENCE.parent.parent
FLOWS = sorted(
    file for folder in ("flows", "samples", "bench/flows", "connectors") for file in (ROOT / folder).rglob("*.xml")
)


@pytest.mark.parametrize("file", FLOWS, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_schema_accepts_what_the_checker_accepts(file: Path) -> None:
    schema = etree.XMLSchema(etree.fromstring(reference_files()["synapse.xsd"].encode()))
    root = etree.parse(str(file)).getroot()
    if root.tag.startswith(f"{{{SYNAPSE}}}"):
        assert schema.validate(root), schema.error_log
