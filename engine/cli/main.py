"""``myelin``: one sub-command per file, each imported only when it is called."""

from __future__ import annotations

import importlib

import click

from engine import __version__
from engine.errors import did_you_mean

COMMANDS = ("check", "connector", "demo", "docs", "draw", "run", "secret", "test", "trace")


class LazyGroup(click.Group):
    """Start-up time matters: `myelin check` need not import a web server."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"engine.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            hint = did_you_mean(args[0], COMMANDS)
            raise click.UsageError(f"{error.message} {hint}".rstrip(), ctx) from None


@click.group(cls=LazyGroup)
@click.version_option(__version__, prog_name="myelin")
def main() -> None:
    """Runs WSO2 / Apache Synapse XML integrations: drop files in a folder, call them over HTTP."""
