"""``myelin draw``: flows as pictures."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from engine.cli import options
from engine.deploy import connectors as deployed_connectors
from engine.deploy import contents, loader
from engine.management.flow_drawing import document
from engine.management.flow_graph import sections_of
from engine.runtime import catalog


@click.command("draw", short_help="Draw flows, as SVG files.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder for the pictures.  [default: this one]",
)
@options.connectors
def command(paths: tuple[Path, ...], output: Path, connectors: tuple[Path, ...]) -> None:
    """Draw the flows in PATHS: an SVG file for each proxy, API, sequence and template, as proxy-NAME.svg.

    What cannot be read is told as `myelin check` tells it, and the exit status is 1.
    """
    installed, problems = catalog.installed(connectors)
    libraries = deployed_connectors.load(deployed_connectors.find([*paths, *connectors]), installed)
    problems.extend(libraries.problems)
    try:
        found = {path: (stamp, loader.folder_of(root)) for root in paths for path, stamp in loader.find(root).items()}
    except FileNotFoundError as error:
        click.echo(f"myelin: {error}", err=True)
        sys.exit(2)
    output.mkdir(parents=True, exist_ok=True)
    for path, (stamp, folder) in found.items():
        for file in contents.read(path, stamp, libraries.catalog, folder, None).files:
            problems.extend(file.problems)
            for loaded in file.artifacts:
                if sections := sections_of(loaded.artifact):
                    picture = output / f"{loaded.artifact.kind}-{loaded.artifact.identity.replace('/', '-')}.svg"
                    picture.write_text(document(sections), "utf-8")
                    click.echo(f"wrote {picture}")
    for problem in problems:
        click.echo(str(problem), err=True)
    sys.exit(1 if problems.has_errors else 0)
