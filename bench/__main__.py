"""``python -m bench``: measure and print one Markdown table per group."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from bench import compare, in_flight, linear, report, startup, tools
from bench.compare import Row
from bench.in_flight import InFlight
from bench.linear import Linear
from bench.processes import StartError
from bench.scenarios import SCENARIOS, Scenario, lacking
from bench.startup import Startup

GROUPS = (*(scenario.name for scenario in SCENARIOS), "startup", "in-flight", "linear")


@click.command()
@click.option("--only", multiple=True, type=click.Choice(GROUPS), help="Measure this alone; may be repeated.")
@click.option("--quick", is_flag=True, help="2 seconds of load a round in place of 5: rougher figures.")
@click.option("--rounds", type=click.IntRange(1, 20), default=3, show_default=True, help="Rounds; medians are printed.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write all samples to this file as well.")
def main(only: tuple[str, ...], quick: bool, rounds: int, json_file: Path | None) -> None:
    """Compare Myelin with nginx and Node.js as proxies, on this machine, over the loopback interface.

    Exit status 1: something could not be measured or gave errors. A missed target is printed and is no failure.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: every child is stopped
    for advice in tools.missing().values():
        click.echo(advice, err=True)
    chosen = only or GROUPS
    results: dict[str, Any] = {}
    try:
        results["scenarios"] = compare_peers([s for s in SCENARIOS if s.name in chosen], rounds, 2 if quick else 5)
        if "startup" in chosen:
            results["startup"] = measure_start_up()
        if "in-flight" in chosen:
            results["in-flight"] = measure_in_flight()
        if "linear" in chosen:
            results["linear"] = measure_growth()
    except StartError as error:
        raise click.ClickException(str(error)) from None
    if json_file is not None:
        json_file.write_text(json.dumps(results, indent=2, default=asdict) + "\n")
    measured = [*results["scenarios"], *results.get("in-flight", []), *results.get("linear", [])]
    sys.exit(1 if any(result.failed for result in measured) else 0)


def compare_peers(scenarios: list[Scenario], rounds: int, seconds: int) -> list[Row]:
    """Print a table per scenario, or why there is none. Raises StartError."""
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
    rows = []
    with temporary_folder() as folder, compare.line_up(ready, folder) as lineup:
        for scenario in ready:
            measured = compare.measure(scenario, lineup, rounds, seconds)
            say(report.comparison(scenario, measured))
            rows += measured
    return rows


def measure_start_up() -> Startup:
    with temporary_folder() as folder:
        figures = startup.measure(folder)
    say(report.start_up(figures))
    return figures


def measure_in_flight() -> list[InFlight]:
    with temporary_folder() as folder:
        results = in_flight.measure(folder)
    say(report.requests_in_flight(results))
    return results


def measure_growth() -> list[Linear]:
    results = linear.measure()
    say(report.linear_growth(results))
    return results


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="myelin-bench-") as folder:
        yield Path(folder)


def say(table: str) -> None:
    click.echo(table + "\n")


if __name__ == "__main__":
    main()
