"""``myelin test``: run unit tests of flows."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterable
from pathlib import Path

import click
from lxml import etree

from engine import ported
from engine.cli import options
from engine.cli.wording import count
from engine.errors import ConfigurationError
from engine.runtime import catalog
from engine.source import SourceError
from engine.testing import unit_suite
from engine.testing.unit_run import Report, run


@click.command("test", short_help="Run unit tests of flows.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@options.connectors
@options.config
@click.option("--junit", type=click.Path(path_type=Path), help="Write the results into this file, for build servers.")
def command(
    paths: tuple[Path, ...], connectors: tuple[Path, ...], config_file: Path | None, junit: Path | None
) -> None:
    """Run the unit tests in PATHS (default: this folder): the XML files that WSO2's tools write.

    Each deploys the artifacts that it names and sends its messages through them. Back ends are its mock services;
    nothing else is called.

    The exit status is 1 when a test fails.
    """
    logging.getLogger("myelin").addHandler(logging.NullHandler())  # what flows log is no result
    try:
        files = unit_suite.find(paths or [Path()])
        settings = options.settings(config_file)
    except (FileNotFoundError, ConfigurationError) as error:
        click.echo(f"myelin: {error}", err=True)
        sys.exit(2)
    if not files:
        click.echo(f"myelin: there are no unit tests in {', '.join(map(str, paths)) or 'this folder'}", err=True)
        sys.exit(2)
    if settings.classes:
        ported.load_folder(Path(settings.classes))
    known, problems = catalog.installed(connectors)
    for problem in problems:
        click.echo(str(problem), err=True)
    reports = []
    for file in files:
        try:
            report = asyncio.run(run(unit_suite.read(file), known, settings))
        except SourceError as error:
            report = Report(str(file), problems=[error.problem])
        _print(report)
        reports.append(report)
    _print_summary(reports)
    if junit is not None:
        junit.write_bytes(_as_junit(reports))
    sys.exit(1 if any(report.failed for report in reports) else 0)


def _print(report: Report) -> None:
    tested = f": {report.artifact.kind} {report.artifact.name}" if report.artifact is not None else ""
    click.echo(f"{report.file}{tested}")
    for problem in report.problems:
        click.echo(f"  {problem}")
    for result in report.results:
        state = click.style("failed", fg="red") if result.failures else click.style("passed", fg="green")
        click.echo(f"  {state}  {result.case.name}")
        for failure in result.failures:
            click.echo(f"          {failure.where}: {failure.text}")


def _print_summary(reports: Iterable[Report]) -> None:
    results = [result for report in reports for result in report.results]
    failed = sum(1 for result in results if result.failures)
    broken = sum(1 for report in reports if report.problems)
    told = f"{count(len(results), 'test case')}: {len(results) - failed} passed, {failed} failed"
    cannot_run = f"; {count(broken, 'file')} cannot run" if broken else ""
    click.echo(f"{told}{cannot_run}", err=True)


def _as_junit(reports: Iterable[Report]) -> bytes:
    """The form that build servers read: a suite for each file, a failure with the text of each mistake."""
    root = etree.Element("testsuites")
    for report in reports:
        failed = sum(1 for result in report.results if result.failures)
        suite = etree.SubElement(root, "testsuite", name=report.file, tests=str(len(report.results)))
        suite.set("failures", str(failed))
        suite.set("errors", str(len(report.problems)))
        for result in report.results:
            case = etree.SubElement(suite, "testcase", name=result.case.name, classname=report.file)
            for failure in result.failures:
                etree.SubElement(case, "failure", message=failure.text).text = str(failure.where)
        for problem in report.problems:
            case = etree.SubElement(suite, "testcase", name=problem.code, classname=report.file)
            etree.SubElement(case, "error", message=problem.message).text = str(problem)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
