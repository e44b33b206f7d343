"""``myelin demo``: an answer within seconds, no account and no configuration."""

from __future__ import annotations

import asyncio
import dataclasses
import importlib.util
import json
import pkgutil
import socket
import sys
from pathlib import Path
from typing import Any

import click

from engine.cli.logs import set_up_logging
from engine.cli.run import announce, run_loop
from engine.errors import ConfigurationError
from engine.management.health import HealthApp
from engine.runtime import catalog, config
from engine.runtime.config import Config
from engine.runtime.server import Server
from engine.testing.demo import Demo


@click.command("demo", short_help="Show a flow at work, with a simulated API.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the flows.  [default: 8290, or a free one]")
@click.option("--admin-port", type=click.IntRange(0, 65535), help="Port of /healthz.  [default: 9201, or a free one]")
def command(port: int | None, admin_port: int | None) -> None:
    """Show a flow at work: start a simulated API and the engine, make one call, and keep serving until Ctrl-C."""
    set_up_logging()
    try:
        demo = find_demo()
        with demo.simulator() as base_url:
            run_loop(_show(demo, base_url, _settings(port, admin_port)))
    except ConfigurationError as error:
        click.echo(f"myelin: {error}", err=True)
        sys.exit(2)


def find_demo() -> Demo:
    """The demo of the first shipped connector that has one. Raises ConfigurationError when none has."""
    for package in pkgutil.iter_modules([str(catalog.shipped_connectors())], "connectors."):
        name = f"{package.name}.demo"
        if not package.ispkg or importlib.util.find_spec(name) is None:
            continue
        demo = importlib.import_module(name).demo
        assert isinstance(demo, Demo)
        return demo
    raise ConfigurationError("no connector with a demonstration is installed")


async def _show(demo: Demo, base_url: str, settings: Config) -> None:
    known, problems = catalog.installed()
    server = Server(demo.flows, settings, known, tuple(problems), lambda server: HealthApp(server.deployment))
    server.handle_signals()
    calling: list[asyncio.Task[None]] = []

    def ready(started: Server) -> None:
        click.echo(f"A simulated {demo.title} API answers at {base_url}")
        announce(started)
        calling.append(asyncio.get_running_loop().create_task(_call(demo, base_url, started)))

    await server.run(watch=False, ready=ready)
    await asyncio.gather(*calling)


async def _call(demo: Demo, base_url: str, server: Server) -> None:
    """One call over HTTP, like any client's; the command to repeat it, and the answer."""
    url = f"{server.url}/services/{demo.service}"
    request = demo.request(base_url)
    body = json.dumps(request)
    click.echo(f"\nOne call:\n\n  curl -H 'Content-Type: application/json' {url} \\\n    -d '{body}'\n")
    status, answer = await asyncio.to_thread(_post, url, request)
    click.echo(f"Answer {status}:\n\n{answer}\n")
    click.echo("Still serving: repeat the call, or look at the flows in " + str(_shown(demo.flows)))
    click.echo("Ctrl-C ends it.")


def _post(url: str, request: dict[str, Any]) -> tuple[int, str]:
    import requests  # slow to import: only the demonstration needs a blocking client

    response = requests.post(url, json=request, timeout=30)
    try:
        return response.status_code, json.dumps(response.json(), indent=2)
    except ValueError:
        return response.status_code, response.text


def _settings(port: int | None, admin_port: int | None) -> Config:
    """The usual ports where they are free."""
    settings = config.Config()
    server = settings.server
    chosen = dataclasses.replace(
        server,
        port=_free(server.port) if port is None else port,
        admin_port=_free(server.admin_port) if admin_port is None else admin_port,
    )
    return dataclasses.replace(settings, server=chosen)


def _free(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
