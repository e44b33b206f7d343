"""What README.md says of settings is true of them, and what it prints of its first flow is what comes."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from engine.cli.main import main
from engine.runtime import config
from engine.runtime.config import Config

ROOT = Path(__file__).parents[2]


def blocks(language: str) -> list[str]:
    text = (ROOT / "README.md").read_text("utf-8")
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.M)
    return [content for name, content in fenced if name == language]


def printed() -> str:
    [settings] = [each for each in blocks("yaml") if each.startswith("server:")]
    return settings


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


def test_the_first_flow_and_its_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader who does to the letter what the page says sees what it prints."""
    monkeypatch.chdir(tmp_path)
    [flow] = blocks("xml")
    [told] = [each for each in blocks("") if each.startswith("flows/")]
    file = tmp_path / "flows" / "hello.xml"
    file.parent.mkdir()
    file.write_text(flow)
    assert CliRunner().invoke(main, ["check", "flows"]).stdout == ""
    file.write_text(flow.replace("<respond/>", "<respnd/>"))
    assert CliRunner().invoke(main, ["check", "flows"]).stdout == told
