"""What README.md says of settings is true of them."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import yaml

from engine.runtime import config
from engine.runtime.config import Config

ROOT = Path(__file__).parents[2]


def printed() -> str:
    [settings] = re.findall(r"^```yaml\n(server:.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.DOTALL | re.M)
    return str(settings)


def test_the_settings_are_settings(tmp_path: Path) -> None:
    (tmp_path / "myelin.yaml").write_text(printed())
    read = config.read(tmp_path / "myelin.yaml")
    changed = {
        each.name for each in dataclasses.fields(Config) if getattr(read, each.name) != getattr(Config(), each.name)
    }
    assert changed == {"back_ends", "datasources", "connectors"}  # whose examples are no defaults


def test_every_setting_is_told() -> None:
    told = yaml.safe_load(printed())
    for section in dataclasses.fields(Config):
        assert section.name in told
        default = getattr(Config(), section.name)
        if dataclasses.is_dataclass(default) and section.name != "payload":  # which has Synapse's own names
            assert {each.name for each in dataclasses.fields(default)} == set(told[section.name]), section.name
