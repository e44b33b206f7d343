"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path

import click

connectors = click.option(
    "--connectors",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of connectors, besides those that ship. May be given several times.",
)

DEFAULT_FLOWS = Path("flows")
