"""``myelin docs``: the reference, from the declarations."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from engine.cli import options
from engine.declare.write import markdown, xsd
from engine.errors import did_you_mean
from engine.runtime import catalog

REFERENCE = Path(__file__).parent.parent / "reference"


@click.command("docs")
@click.argument("name", required=False)
@click.option("--write", is_flag=True, help="Write the reference into the source tree (for Myelin's own developers).")
@options.connectors
def command(name: str | None, write: bool, connectors: tuple[Path, ...]) -> None:
    """Print the page of one element, like `filter` or `gotowebinar.createWebinar`; without NAME, list them all."""
    if write:
        for file, text in reference_files().items():
            (REFERENCE / file).write_text(text, "utf-8")
            click.echo(f"wrote {REFERENCE / file}")
        return
    known, _ = catalog.installed(connectors)
    if name is None:
        for spec in known:
            click.echo(f"{spec.tag:45} {spec.summary}")
        return
    pages = [markdown.page(spec) for spec in known if spec.tag == name]
    if not pages:
        hint = did_you_mean(name, [spec.tag for spec in known])
        click.echo(f"myelin: there is no element '{name}'. {hint}".rstrip(), err=True)
        sys.exit(1)
    click.echo("\n".join(pages))


def reference_files() -> dict[str, str]:
    """The generated files by name: what ``engine/reference`` must hold."""
    language = catalog.language()
    return {"elements.md": markdown.reference(language), "synapse.xsd": xsd.schema(language)}
