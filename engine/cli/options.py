"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path

import click

from engine.runtime import config as configuration
from engine.runtime.config import Config

connectors = click.option(
    "--connectors",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of connectors, besides those that ship. May be given several times.",
)

DEFAULT_FLOWS = Path("flows")

CONFIG_FILE = Path("myelin.yaml")

config = click.option(
    "--config", "config_file", type=click.Path(path_type=Path), help="Settings.  [default: myelin.yaml if there]"
)


def settings(config_file: Path | None) -> Config:
    """The settings of the file given, else of myelin.yaml if there. Raises ConfigurationError."""
    return configuration.read(config_file or (CONFIG_FILE if CONFIG_FILE.exists() else None))
