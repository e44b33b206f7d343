"""``myelin check``: every problem of every file, before anything runs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from engine.cli import options
from engine.cli.wording import count
from engine.core.artifact import Artifact
from engine.deploy import connectors as deployed_connectors
from engine.deploy import loader
from engine.deploy.linker import link
from engine.deploy.references import References
from engine.errors import ConfigurationError, Problem
from engine.message.codecs import json
from engine.runtime import catalog
from engine.runtime.config import Config, read_properties
from engine.stores.registry import FileRegistry
from engine.stores.secrets import SecretStore


@click.command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Warnings are errors.")
@click.option("--registry", type=click.Path(path_type=Path), help="Folder of the registry.  [default: registry]")
@options.connectors
@options.config
def command(
    paths: tuple[Path, ...],
    form: str,
    strict: bool,
    registry: Path | None,
    connectors: tuple[Path, ...],
    config_file: Path | None,
) -> None:
    """Check flow files and folders: all problems at once, with file, line and column.

    The exit status is 1 when there is any error.
    """
    installed, problems = catalog.installed(connectors)
    libraries = deployed_connectors.load(deployed_connectors.find([*paths, *connectors]), installed)
    known = libraries.catalog
    # By their real paths: a file may be named itself and by its folder.
    found_files = {
        path.resolve(): (path, stamp, loader.folder_of(root))
        for root in paths
        for path, stamp in loader.find(root).items()
    }
    settings = _settings(config_file)
    references = References(
        SecretStore(Path(settings.secrets.file), Path(settings.secrets.key_file)).get,
        read_properties(Path(settings.properties_file)) if settings.properties_file else {},
    )
    files = [
        loader.load(path, stamp, known, folder=folder, references=references)
        for path, stamp, folder in found_files.values()
    ]
    store = FileRegistry(registry or Path(settings.registry))
    linked = link([*files, *libraries.files], {}, known.connectors, lambda path: store.get(path) is not None)
    unusable = libraries.unusable(each.file for each in files)
    everything = {*problems, *libraries.problems, *linked.problems, *unusable}
    found = sorted(everything, key=lambda problem: (problem.where, problem.code))
    artifacts = [each.artifact for file in files for each in file.artifacts]
    if form == "json":
        click.echo(_as_json(len(files), artifacts, found, strict))
    else:
        _print(len(files), artifacts, found, strict)
    sys.exit(1 if any(_severity(problem, strict) == "error" for problem in found) else 0)


def _settings(config_file: Path | None) -> Config:
    try:
        return options.settings(config_file)
    except ConfigurationError as error:
        click.echo(f"myelin: {error}", err=True)
        sys.exit(2)


def _severity(problem: Problem, strict: bool) -> str:
    return "error" if strict else problem.severity


def _as_json(files: int, artifacts: Iterable[Artifact], problems: Iterable[Problem], strict: bool) -> str:
    return json.encode(
        {
            "files": files,
            "artifacts": [
                {"kind": artifact.kind, "name": artifact.name, "file": artifact.where.file} for artifact in artifacts
            ],
            "problems": [
                {
                    "code": problem.code,
                    "severity": _severity(problem, strict),
                    "file": problem.where.file,
                    "line": problem.where.line,
                    "column": problem.where.column,
                    "message": f"{problem.message} {problem.hint}".rstrip(),
                }
                for problem in problems
            ],
        }
    ).decode()


def _print(files: int, artifacts: list[Artifact], problems: list[Problem], strict: bool) -> None:
    for problem in problems:
        severity = _severity(problem, strict)
        mark = click.style(f"{severity}[{problem.code}]", fg="red" if severity == "error" else "yellow")
        hint = f" {problem.hint}" if problem.hint else ""
        click.echo(f"{problem.where}: {mark}: {problem.message}{hint}")
    errors = sum(1 for problem in problems if _severity(problem, strict) == "error")
    summary = f"{count(files, 'file')}, {count(len(artifacts), 'artifact')}, {count(errors, 'error')}"
    click.echo(f"{summary}, {count(len(problems) - errors, 'warning')}", err=True)
