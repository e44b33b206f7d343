"""``myelin secret``: the encrypted file of secrets."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from engine.cli import options
from engine.errors import ConfigurationError, Fault
from engine.stores.secrets import SecretStore


@click.group("secret", short_help="Keep the secrets that flows use.")
@options.config
@click.pass_context
def command(context: click.Context, config_file: Path | None) -> None:
    """Keep secrets that flows use as $secret{ALIAS} or wso2:vault-lookup('ALIAS').

    They lie in one encrypted file. The key that opens it is the variable MYELIN_SECRETS_KEY, else a key file beside it,
    which is made with the first secret. Values are never shown.
    """
    with _explained():
        settings = options.settings(config_file).secrets
    context.obj = SecretStore(Path(settings.file), Path(settings.key_file))


@command.command("set", short_help="Keep a secret: asks for its value.")
@click.argument("alias")
@click.pass_obj
def set_(store: SecretStore, alias: str) -> None:
    """Keep a secret: its value is asked for, or read from standard input, never given as an argument."""
    if sys.stdin.isatty():
        value = click.prompt(alias, hide_input=True, confirmation_prompt=True)
    else:
        value = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    with _explained():
        store.set(alias, value)
    click.echo(f"{alias} is kept in {store.file}", err=True)


@command.command("list")
@click.pass_obj
def list_(store: SecretStore) -> None:
    """Print the aliases."""
    with _explained():
        aliases = store.aliases()
    for alias in aliases:
        click.echo(alias)


@command.command("remove")
@click.argument("alias")
@click.pass_obj
def remove(store: SecretStore, alias: str) -> None:
    """Forget a secret."""
    with _explained():
        found = store.remove(alias)
    if not found:
        click.echo(f"myelin: there is no secret '{alias}'", err=True)
        sys.exit(1)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (Fault, ConfigurationError) as error:
        click.echo(f"myelin: {error}", err=True)
        sys.exit(2)
