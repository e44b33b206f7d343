"""``python -m bench``: measure and print one Markdown table per group."""

from __future__ import annotations

import datetime
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from bench import (
    compare,
    connectors,
    edge,
    idle,
    in_flight,
    linear,
    machine,
    report,
    saturation,
    startup,
    tools,
    transfer,
    workers,
)
from bench.compare import Row
from bench.faults import run as faults
from bench.group import Group, Options, temporary_folder
from bench.processes import StartError
from bench.scenarios import SCENARIOS, Scenario, lacking
from bench.soak import run as soak

GROUPS: tuple[Group, ...] = (
    startup.GROUP,
    in_flight.GROUP,
    idle.GROUP,
    transfer.GROUP,
    workers.GROUP,
    edge.GROUP,
    connectors.GROUP,
    linear.GROUP,
    faults.GROUP,
    soak.GROUP,
    saturation.GROUP,
)
NAMES = (*(scenario.name for scenario in SCENARIOS), *(group.name for group in GROUPS))


def _contents() -> str:
    """The end of ``--help``: every group, and how long it takes."""
    lines = [f"  {scenario.name:<12} {scenario.title}" for scenario in SCENARIOS]
    for group in GROUPS:
        when = ", only when asked for" if group.alone else ""
        lines.append(f"  {group.name:<12} {group.what} ({group.takes} s{when})")
    return "\b\nGroups (a comparison of the peers takes about a minute for each payload):\n" + "\n".join(lines)


@click.command(epilog=_contents())
@click.option("--only", multiple=True, type=click.Choice(NAMES), help="Measure this alone; may be repeated.")
@click.option("--quick", is_flag=True, help="2 seconds of load a round in place of 5: rougher figures.")
@click.option("--rounds", type=click.IntRange(1, 20), default=3, show_default=True, help="Rounds; medians are printed.")
@click.option("--seconds", type=click.IntRange(1), help="How long soak and saturation load.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write all samples to this file as well.")
def main(only: tuple[str, ...], quick: bool, rounds: int, seconds: int | None, json_file: Path | None) -> None:
    """Compare Myelin with nginx and Node.js as proxies, on this machine, over the loopback interface.

    Exit status 1: something could not be measured or gave errors. A missed target is printed and is no failure.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: every child is stopped
    for advice in tools.missing().values():
        click.echo(advice, err=True)
    said: list[str] = []

    def say(piece: str) -> None:
        said.append(piece)
        click.echo(piece + "\n")

    say(report.head(machine.describe(datetime.datetime.now())))
    results: dict[str, Any] = {}
    failed = False
    try:
        scenarios = [scenario for scenario in SCENARIOS if not only or scenario.name in only]
        results["scenarios"] = rows = compare_peers(scenarios, rounds, 2 if quick else 5, say)
        failed = any(row.failed for row in rows)
        for group in GROUPS:
            if group.name in only or not (only or group.alone):
                outcome = group.run(Options(seconds))
                say(outcome.table)
                results[group.name] = outcome.figures
                failed = failed or outcome.failed
    except StartError as error:
        raise click.ClickException(str(error)) from None
    say(report.summary("\n".join(said)))
    if json_file is not None:
        json_file.write_text(json.dumps(results, indent=2, default=asdict) + "\n")
    sys.exit(1 if failed else 0)


def compare_peers(scenarios: list[Scenario], rounds: int, seconds: int, say: Callable[[str], None]) -> list[Row]:
    """Say a table per scenario, or why there is none. Raises StartError."""
    pending = {scenario.name: lacking(scenario) for scenario in scenarios}
    ready = [scenario for scenario in scenarios if not pending[scenario.name]]
    for scenario in scenarios:
        if scenario not in ready:
            say(report.pending(scenario, pending[scenario.name]))
    needed = [program for program in ("nginx", "wrk") if program in tools.missing()]
    if needed or not ready:
        for scenario in ready:
            say(report.unmeasured(scenario, needed))
        return []
    rows: list[Row] = []
    with temporary_folder() as folder, compare.line_up(ready, folder) as lineup:
        for scenario in ready:
            measured = compare.measure(scenario, lineup, rounds, seconds)
            say(report.comparison(scenario, measured, rows))
            rows += measured
    return rows


if __name__ == "__main__":
    main()
