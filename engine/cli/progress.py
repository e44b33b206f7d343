"""A word about long steps: on a terminal a line that is rewritten and then wiped out, elsewhere one now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Iterator
from typing import TypeVar

import click

T = TypeVar("T")

PATIENCE = 1.0
"""Seconds that a step may take without a word."""

_EVERY_ON_TERMINAL, _EVERY = 0.1, 5.0


def shown(items: Collection[T], what: str) -> Iterator[T]:
    """``engine.deploy.progress.Progress``, told on standard error: ``reading files: 1,200 of 3,000``."""
    is_terminal = sys.stderr.isatty()
    begin, end, every = ("\r", "", _EVERY_ON_TERMINAL) if is_terminal else ("", "\n", _EVERY)
    told = ""
    due = time.monotonic() + PATIENCE
    for number, item in enumerate(items):
        now = time.monotonic()
        if now >= due:
            due = now + every
            told = f"reading {what}: {number:,} of {len(items):,}"
            click.echo(f"{begin}{told}{end}", err=True, nl=False)
        yield item
    if told and is_terminal:
        click.echo(f"\r{' ' * len(told)}\r", err=True, nl=False)
