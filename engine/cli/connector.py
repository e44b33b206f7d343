"""``myelin connector``: make, check, read and try a connector."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from engine.cli import options
from engine.cli.wording import count
from engine.declare.catalog import Catalog
from engine.declare.convert import Unacceptable
from engine.declare.spec import Spec
from engine.declare.write import markdown
from engine.errors import Fault, Problems, Where, did_you_mean
from engine.runtime import catalog

FILE = "connector.yaml"
_WHERE = "`--connectors FOLDER` adds yours."


@click.group("connector", short_help="Make, check, read and try connectors of your own.")
def command() -> None:
    """Make, check, read and try connectors of your own: folders with a connector.yaml."""


@command.command("new", short_help="Write a connector.yaml from an OpenAPI document.")
@click.argument("name")
@click.option(
    "--openapi",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Description of the API: OpenAPI 3 or Swagger 2, as JSON or YAML.",
)
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=Path("connectors"), show_default=True)
@click.option("--force", is_flag=True, help="Write over a connector.yaml that is there.")
def new(name: str, openapi: Path, into: Path, force: bool) -> None:
    """Write INTO/NAME/connector.yaml from the description of an API: one operation for each of its own."""
    from engine.plugins.openapi.connector import convert
    from engine.plugins.openapi.document import DocumentError, load

    if not name.isidentifier():
        raise click.UsageError(f"'{name}' cannot be the name of a connector: letters, digits and _ only.")
    file = into / name / FILE
    if file.exists() and not force:
        raise click.UsageError(f"{file} is there already; --force writes over it.")
    try:
        converted = convert(load(openapi), name, openapi.name)
    except DocumentError as error:
        click.echo(f"myelin: {openapi}: {error}", err=True)
        sys.exit(1)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(converted.yaml, "utf-8")
    for note in converted.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(f"wrote {file}: {count(converted.operations, 'operation')} and init")
    click.echo(f"Read about it:  myelin connector docs {name} --connectors {into}")
    click.echo(f"Serve flows with it:  myelin run --connectors {into}")


@command.command("check", short_help="Check connectors.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def check(paths: tuple[Path, ...]) -> None:
    """Check connectors: PATHS are connector.yaml files, connectors' folders, or folders of such folders.

    The exit status is 1 when there is any error.
    """
    specs, problems = _discovered(paths)
    for problem in sorted(problems, key=lambda each: each.where):
        click.echo(str(problem))
    click.echo(f"{count(len(specs), 'operation')}, {count(len(list(problems)), 'problem')}")
    sys.exit(1 if problems.has_errors else 0)


@command.command("docs", short_help="Print the pages of the operations of a connector.")
@click.argument("name")
@options.connectors
def docs(name: str, connectors: tuple[Path, ...]) -> None:
    """Print the pages of all operations of the connector NAME."""
    known, mistakes = catalog.installed(connectors)
    for mistake in mistakes:
        click.echo(str(mistake), err=True)
    pages = [markdown.page(spec) for spec in known if spec.tag.startswith(f"{name}.")]
    if not pages:
        names = {spec.tag.partition(".")[0] for spec in known if "." in spec.tag}
        click.echo(f"myelin: there is no connector '{name}'. {did_you_mean(name, names) or _WHERE}", err=True)
        sys.exit(1)
    click.echo("\n".join(pages))


@command.command("try", short_help="Call one operation, and print the answer.")
@click.argument("operation")
@click.argument("arguments", nargs=-1)
@click.option("--init", "init", multiple=True, metavar="NAME=VALUE", help="An argument of init. May be repeated.")
@click.option(
    "--stub",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Answer from this description of the API instead of calling it.",
)
@options.connectors
def try_(
    operation: str, arguments: tuple[str, ...], init: tuple[str, ...], stub: Path | None, connectors: tuple[Path, ...]
) -> None:
    """Call one operation, such as `acme.listOrders status=open`, and print the answer.

    A value env:NAME is taken from the environment, so that no secret stands on the command line.
    """
    known, mistakes = catalog.installed(connectors)
    for mistake in mistakes:
        click.echo(str(mistake), err=True)
    spec = known.get("mediator", operation) if "." in operation else None
    if spec is None:
        hint = did_you_mean(operation, [tag for tag in known.tags("mediator") if "." in tag])
        click.echo(f"myelin: there is no operation '{operation}'. {hint or _WHERE}", err=True)
        sys.exit(1)
    opening = known.get("mediator", f"{operation.partition('.')[0]}.init")
    steps = [(opening, init)] if opening is not None and opening is not spec else []
    try:
        status, headers, body = asyncio.run(_called(known, [*steps, (spec, arguments)], stub))
    except (Fault, Unacceptable) as error:
        click.echo(f"myelin: {error.message}", err=True)
        sys.exit(1)
    click.echo(f"{status}", err=True)
    for name, value in headers:
        click.echo(f"{name}: {value}", err=True)
    click.echo(body)
    sys.exit(0 if status < 400 else 1)


async def _called(
    known: Catalog, steps: list[tuple[Spec, tuple[str, ...]]], stub: Path | None
) -> tuple[int, list[tuple[str, str]], str]:
    from engine.plugins.openapi.document import load
    from engine.testing.harness import Harness, StubClient
    from engine.testing.openapi_stub import OpenApiStub
    from engine.transports.http_out import HttpOut

    http = StubClient(OpenApiStub(load(stub))) if stub is not None else HttpOut()
    message = Harness(catalog=known, http=http).message()
    try:
        for spec, arguments in steps:
            mediator: Any = spec.construct(where=Where("command line"), **_values(spec, arguments))
            await mediator.mediate(message)
        await message.payload.load(1 << 30)
    finally:
        if isinstance(http, HttpOut):
            await http.close()
    return int(message.axis2.get("HTTP_SC") or 200), list(message.headers), message.payload.text()


def _values(spec: Spec, arguments: Iterable[str]) -> dict[str, Any]:
    """``name=value`` texts as the builder would pass them. Raises UsageError for names the operation does not have."""
    from engine.expressions.dynamic import Value

    given = {}
    for each in arguments:
        name, equals, value = each.partition("=")
        if not equals:
            raise click.UsageError(f"'{each}' is no NAME=VALUE.")
        given[name] = os.environ.get(value[4:], "") if value.startswith("env:") else value
    names = [field.name for field in spec.fields]
    for name in given:
        if name not in names:
            raise click.UsageError(f"<{spec.tag}> has no parameter '{name}'. {did_you_mean(name, names)}".rstrip())
    missing = [field.name for field in spec.fields if field.required and field.name not in given]
    if missing:
        raise click.UsageError(f"<{spec.tag}> needs {', '.join(missing)}.")
    return {field.attribute: Value(given[field.name]) if field.name in given else None for field in spec.fields}


def _discovered(paths: Iterable[Path]) -> tuple[list[Spec], Problems]:
    """Connectors at these places. Raises UsageError where there is none."""
    from engine.plugins.discovery import discover_files

    files: list[Path] = []
    for path in paths:
        here = [path] if path.is_file() else [path / FILE] if (path / FILE).exists() else sorted(path.glob(f"*/{FILE}"))
        if not here:
            raise click.UsageError(f"there is no {FILE} in {path} or in a folder there.")
        files += here
    return discover_files(files)
