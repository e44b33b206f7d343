"""The reference tells every key that the readers know, and its example loads."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from engine.declare import connector_keys
from engine.declare.connector_keys import Section
from engine.plugins import parameters, query, yaml_auth, yaml_spec, yaml_variant
from engine.plugins.discovery import discover_files


@pytest.mark.parametrize(
    ("section", "known"),
    [
        (connector_keys.FILE, yaml_spec.CONNECTOR_KEYS),
        (connector_keys.OPERATION, yaml_spec.OPERATION_KEYS),
        (connector_keys.PARAMETER, yaml_spec.PARAMETER_KEYS),
        (connector_keys.TYPES, parameters.TYPES),
        (connector_keys.AUTH, yaml_auth.TYPES),
        (connector_keys.PAGING, yaml_variant.PAGING_KEYS),
        (connector_keys.QUERY, query.QUERY_STYLES),
    ],
    ids=lambda each: each.title if isinstance(each, Section) else "",
)
def test_every_key_is_told(section: Section, known: tuple[str, ...]) -> None:
    assert sorted(name for name, _ in section.rows) == sorted(known)
    assert all(doc.endswith((".", "`.")) for _, doc in section.rows)


def test_the_example_loads(tmp_path: Path) -> None:
    file = tmp_path / "acme" / "connector.yaml"
    file.parent.mkdir()
    file.write_text(connector_keys.FILE.example)
    specs, problems = discover_files([file])
    assert [str(problem) for problem in problems] == []
    assert sorted(spec.tag for spec in specs) == ["acme.init", "acme.listOrders", "acme.order"]


@pytest.mark.parametrize("section", [connector_keys.AUTH, connector_keys.RETRY, connector_keys.ERRORS])
def test_the_other_examples_load(section: Section, tmp_path: Path) -> None:
    file = tmp_path / "acme" / "connector.yaml"
    file.parent.mkdir()
    without = "\n".join(line for line in connector_keys.FILE.example.splitlines() if not line.startswith("auth:"))
    file.write_text(f"{without}\n{section.example}")
    assert [str(problem) for problem in discover_files([file])[1]] == []


def test_the_query_of_the_example_is_styled() -> None:
    assert query.is_styled(yaml.safe_load(connector_keys.QUERY.example)["query"]["fields"])
