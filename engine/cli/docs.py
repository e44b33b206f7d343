"""``myelin docs``: the reference, from the declarations."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from engine.cli import options
from engine.declare.connector_keys import SECTIONS
from engine.declare.error_codes import ERROR_CODES
from engine.declare.problem_codes import PROBLEM_CODES
from engine.declare.readable import SYNAPSE, XPATH
from engine.declare.traps import TRAPS
from engine.declare.well_known import WELL_KNOWN
from engine.declare.write import (
    connector_keys,
    error_codes,
    expressions,
    functions,
    json_schema,
    markdown,
    overview,
    problems,
    properties,
    prose,
    traps,
    unsupported,
    xsd,
)
from engine.deploy import connectors as deployed_connectors
from engine.errors import did_you_mean
from engine.expressions.functions import FUNCTIONS, SYNAPSE_FUNCTIONS
from engine.runtime import catalog

REFERENCE = Path(__file__).parent.parent / "reference"

_WHERE = "`myelin docs` lists them all; `--connectors FOLDER` adds yours."


@click.command("docs", short_help="Print a page of the reference, or list them all.")
@click.argument("name", required=False)
@click.option("--write", is_flag=True, help="Write the reference into the source tree (for Myelin's own developers).")
@options.connectors
def command(name: str | None, write: bool, connectors: tuple[Path, ...]) -> None:
    """Print the page of an element, function, property, error code or problem; without NAME, list them all.

    For instance `filter`, `gotowebinar.createWebinar`, `base64Encode`, `json-eval`, `'$ctx'`, `HTTP_SC`, `101504`,
    `unknown-mediator`. The name of a connector lists its operations.
    """
    if write:
        _write()
        return
    topics = _topics(connectors)
    listed = topics if name is None else [topic for topic in topics if topic.name.startswith(f"{name}.")]
    pages = [topic.page() for topic in topics if topic.name == name]
    if listed and not pages:
        for topic in listed:
            click.echo(f"{topic.name:45} {topic.summary}")
        return
    if name is not None and not pages:
        hint = did_you_mean(name, [topic.name for topic in topics]) or _WHERE
        click.echo(f"myelin: there is no page of '{name}'. {hint}".rstrip(), err=True)
        sys.exit(1)
    click.echo("\n".join(pages))


def reference_files() -> dict[str, str]:
    """The generated files by name: what ``engine/reference`` must hold."""
    language = catalog.language()
    pages = {
        "connector-yaml.md": connector_keys.reference(SECTIONS),
        "elements.md": markdown.reference(language) + unsupported.reference(language),
        "expressions.md": expressions.reference(XPATH, SYNAPSE),
        "functions.md": functions.reference(FUNCTIONS.values(), SYNAPSE_FUNCTIONS.values()),
        "properties.md": properties.reference(WELL_KNOWN),
        "error-codes.md": error_codes.reference(ERROR_CODES),
        "problems.md": problems.reference(PROBLEM_CODES),
    }
    finished = {name: prose.with_index(traps.linked(prose.with_tags_as_code(text))) for name, text in pages.items()}
    return finished | {
        "README.md": overview.PAGE,
        "traps.md": traps.reference(TRAPS),
        "synapse.xsd": xsd.schema(language),
        "synapse.schema.json": json_schema.schema(language),
    }


@dataclass(frozen=True, slots=True)
class _Topic:
    """Something with a page of its own."""

    name: str
    summary: str
    page: Callable[[], str]


def _topics(connectors: Iterable[Path]) -> list[_Topic]:
    installed, mistakes = catalog.installed(connectors)
    libraries = deployed_connectors.load(deployed_connectors.find(list(connectors)), installed)
    known = libraries.catalog
    for mistake in (*mistakes, *libraries.problems):  # they may be why an operation is not found
        click.echo(str(mistake), err=True)
    return [
        *(_Topic(spec.tag, spec.summary, partial(markdown.page, spec)) for spec in known),
        *(
            _Topic(each.name, each.doc.partition("\n")[0], partial(functions.page, each))
            for table in (FUNCTIONS, SYNAPSE_FUNCTIONS)
            for each in table.values()
        ),
        *(
            _Topic(tag, f"It {why.reason}.", partial(unsupported.page, tag, why))
            for tag, why in unsupported.missing(known)
        ),
        _Topic("connector.yaml", "A connector as data: its keys.", partial(connector_keys.reference, SECTIONS)),
        *(_Topic(each.name, each.doc, partial(expressions.page, each)) for each in (*XPATH, *SYNAPSE)),
        *(_Topic(each.name, each.doc, partial(properties.page, each)) for each in WELL_KNOWN),
        *(_Topic(each.name, each.meaning, partial(error_codes.page, each)) for each in ERROR_CODES),
        *(_Topic(each.code, each.meaning, partial(problems.page, each)) for each in PROBLEM_CODES),
        *(_Topic(f"trap-{each.number}", f"{each.title}.", partial(traps.page, each)) for each in TRAPS),
    ]


def _write() -> None:
    for file, text in reference_files().items():
        (REFERENCE / file).write_text(text, "utf-8")
        click.echo(f"wrote {REFERENCE / file}")
