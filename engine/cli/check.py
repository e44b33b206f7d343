"""``myelin check``: every problem of every file, before anything runs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import click

from engine import ported
from engine.cli import options
from engine.cli.excerpt import excerpt
from engine.cli.progress import shown
from engine.cli.wording import count
from engine.core.artifact import Artifact
from engine.deploy import capp, contents, loader, project, report
from engine.deploy import connectors as deployed_connectors
from engine.deploy.layered_registry import LayeredRegistry
from engine.deploy.linker import link
from engine.deploy.references import References
from engine.deploy.registry_artifacts import resource_problems
from engine.deploy.report import Entry
from engine.errors import ConfigurationError, Problem
from engine.message.codecs import json
from engine.runtime import catalog
from engine.runtime.config import Config, read_properties
from engine.stores.registry import FileRegistry
from engine.stores.secrets import SecretStore


@click.command("check", short_help="Check flows: all mistakes at once, each with its place.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
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

    Projects of WSO2's tools, folders of its servers and carbon applications end with a migration report: each artifact
    ready, ready with a note, or needs work, with the reasons.

    The exit status is 1 when there is any error.
    """
    installed, problems = catalog.installed(connectors)
    # By their real paths: a file may be named itself and by its folder.
    try:
        found_files = {
            path.resolve(): (path, stamp, loader.folder_of(root))
            for root in paths
            for path, stamp in loader.find(root).items()
        }
    except FileNotFoundError as error:
        _cannot_start(error)
    applications = {path: stamp for path, stamp, _ in found_files.values() if capp.is_car(path)}
    libraries = deployed_connectors.load(
        deployed_connectors.find([*paths, *connectors]) | applications, installed, progress=shown
    )
    known = libraries.catalog
    settings = _settings(config_file)
    if settings.classes:
        ported.load_folder(Path(settings.classes))
    references = References(
        SecretStore(Path(settings.secrets.file), Path(settings.secrets.key_file)).get,
        read_properties(Path(settings.properties_file)) if settings.properties_file else {},
    )
    everything = [
        contents.read(path, stamp, known, folder, references)
        for path, stamp, folder in shown(found_files.values(), "files")
    ]
    files = [file for each in everything for file in each.files]
    resources = {key: content for each in everything for key, content in each.resources.items()}
    store = LayeredRegistry(FileRegistry(registry or Path(settings.registry)), resources)
    linked = link([*files, *libraries.files], {}, known.connectors, lambda path: store.get(path) is not None)
    unusable = libraries.unusable(each.file for each in files)
    resources_wrong = resource_problems(linked.artifacts, store, known)
    all_problems = {*problems, *libraries.problems, *linked.problems, *unusable, *resources_wrong}
    found = sorted(all_problems, key=lambda problem: (problem.where, problem.code))
    artifacts = [each.artifact for file in files for each in file.artifacts]
    entries = report.entries(files, found) if any(map(_is_project, paths)) else None
    if form == "json":
        click.echo(_as_json(len(files), artifacts, found, entries, strict))
    else:
        if entries is None:
            _print_problems(found, strict)
        _print_summary(len(files), artifacts, found, strict)
        if entries is not None:
            _print_report(entries, strict)
    sys.exit(1 if any(_severity(problem, strict) == "error" for problem in found) else 0)


def _settings(config_file: Path | None) -> Config:
    try:
        return options.settings(config_file)
    except ConfigurationError as error:
        _cannot_start(error)


def _cannot_start(error: Exception) -> NoReturn:
    click.echo(f"myelin: {error}", err=True)
    sys.exit(2)


def _severity(problem: Problem, strict: bool) -> str:
    return "error" if strict else problem.severity


def _as_json(
    files: int,
    artifacts: Iterable[Artifact],
    problems: Iterable[Problem],
    entries: Iterable[Entry] | None,
    strict: bool,
) -> str:
    shown: dict[str, json.JsonValue] = {
        "files": files,
        "artifacts": [
            {"kind": artifact.kind, "name": artifact.identity, "file": artifact.where.file} for artifact in artifacts
        ],
        "problems": [
            {
                "code": problem.code,
                "severity": _severity(problem, strict),
                "file": problem.where.file,
                "line": problem.where.line,
                "column": problem.where.column,
                "message": _told(problem),
            }
            for problem in problems
        ],
    }
    if entries is not None:
        shown["report"] = [_entry_as_json(entry) for entry in entries]
    return json.encode(shown).decode()


def _entry_as_json(entry: Entry) -> dict[str, json.JsonValue]:
    reasons = (
        {"code": each.code, "line": each.where.line, "column": each.where.column, "message": _told(each)}
        for each in entry.reasons
    )
    return {
        "kind": entry.kind,
        "name": entry.name,
        "file": entry.where.file,
        "line": entry.where.line,
        "column": entry.where.column,
        "state": entry.state,
        "reasons": list(reasons),
    }


def _print_problems(problems: list[Problem], strict: bool) -> None:
    for problem in problems:
        click.echo(f"{problem.where}: {_marked(problem, strict)}")
        if sys.stdout.isatty():
            width = shutil.get_terminal_size().columns
            click.echo("".join(f"{line}\n" for line in excerpt(problem.where, width)), nl=False)


def _marked(problem: Problem, strict: bool) -> str:
    severity = _severity(problem, strict)
    mark = click.style(f"{severity}[{problem.code}]", fg="red" if severity == "error" else "yellow")
    return f"{mark}: {_told(problem)}"


def _print_summary(files: int, artifacts: list[Artifact], problems: list[Problem], strict: bool) -> None:
    errors = sum(1 for problem in problems if _severity(problem, strict) == "error")
    summary = f"{count(files, 'file')}, {count(len(artifacts), 'artifact')}, {count(errors, 'error')}"
    click.echo(f"{summary}, {count(len(problems) - errors, 'warning')}", err=True)


def _told(problem: Problem) -> str:
    return f"{problem.message} {problem.hint}".rstrip()


def _is_project(path: Path) -> bool:
    if path.is_dir():
        layout = project.scan(path)
        return layout.is_project or bool(layout.applications or layout.data_services)
    return capp.is_car(path)


_COLOURS = {"ready": "green", "ready with a note": "yellow", "needs work": "red"}


def _print_report(entries: list[Entry], strict: bool) -> None:
    click.echo("\nMigration report")
    for entry in entries:
        state = click.style(f"{entry.state:17}", fg=_COLOURS[entry.state])
        click.echo(f"  {state}  {entry.kind} {entry.name}  {entry.where}".rstrip())
        for reason in entry.reasons:
            click.echo(f"{'':21}{reason.where.line}:{reason.where.column} {_marked(reason, strict)}")
    states = [entry.state for entry in entries]
    totals = ", ".join(f"{states.count(state)} {state}" for state in _COLOURS if state in states)
    click.echo(f"{count(len(entries), 'artifact')}: {totals or 'none'}")
