"""``myelin run``: serve a folder of flows."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli import options
from engine.cli.logs import set_up_logging
from engine.cli.progress import shown
from engine.cli.wording import count
from engine.deploy.progress import silent
from engine.errors import ConfigurationError
from engine.management.console import address_from_here
from engine.runtime import catalog
from engine.runtime.config import Config
from engine.runtime.server import AdminApp, Server

if TYPE_CHECKING:
    from engine.management.metrics import Metrics

log = logging.getLogger("myelin")

_NO_FLOWS = "there is no folder 'flows' here. Make one and put XML files into it, or name another: myelin run FOLDER"


@click.command("run", short_help="Serve a folder of flows.")
@click.argument("flows", required=False, type=click.Path(path_type=Path))
@options.connectors
@click.option("--registry", type=click.Path(path_type=Path), help="Folder of the registry.  [default: registry]")
@options.config
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the flows.  [default: 8290]")
@click.option("--admin-port", type=click.IntRange(0, 65535), help="Port of /healthz and the pages.  [default: 9201]")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes on the port.  [default: 1]")
@click.option("--log-format", type=click.Choice(["text", "json"]), help="Of the log.  [default: text]")
@click.option("--watch/--no-watch", default=True, show_default=True, help="Deploy files again when they change.")
def command(
    flows: Path | None, connectors: tuple[Path, ...], config_file: Path | None, watch: bool, **given: Any
) -> None:
    """Serve the XML files beneath FLOWS (default: the folder `flows`).

    Proxies answer at /services/NAME. Files that change are deployed again; a broken one keeps its last good version.
    """
    with _explained():
        settings = with_options(options.settings(config_file), given)
        set_up_logging(settings.server.log_format)
        if flows is None and not options.DEFAULT_FLOWS.exists():
            raise ConfigurationError(_NO_FLOWS)
        serve(flows or options.DEFAULT_FLOWS, settings, connectors, watch=watch)


def serve(flows: Path, settings: Config, connectors: tuple[Path, ...], *, watch: bool) -> None:
    """Run until SIGTERM or Ctrl-C, in as many processes as the settings say."""
    if settings.server.workers == 1:
        _serve_one(flows, settings, connectors, watch=watch)
        return
    from engine.runtime.workers import supervise

    with tempfile.TemporaryDirectory(prefix="myelin-workers-") as shared:

        def work(worker: int) -> None:
            with _explained():
                _serve_one(flows, settings, connectors, watch=watch, worker=worker, between_workers=Path(shared))

        status = supervise(settings, work)
    if status:
        sys.exit(status)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Tell why it cannot start, and end with status 2."""
    try:
        yield
    except (ConfigurationError, FileNotFoundError) as error:
        click.echo(f"myelin: {error}", err=True)
        sys.exit(2)


def _serve_one(
    flows: Path,
    settings: Config,
    connectors: tuple[Path, ...],
    *,
    watch: bool,
    worker: int | None = None,
    between_workers: Path | None = None,
) -> None:
    # Before the connectors, who may import the same library: that is when it looks whether there are other processes.
    metrics = _metrics(between_workers) if settings.server.metrics else None
    known, problems = catalog.installed(connectors)
    admin = None if worker else _admin_app(metrics)  # the first worker answers for all: they deploy the same folder

    async def main() -> None:
        server = Server(flows, settings, known, tuple(problems), admin, connectors, between_workers, metrics)
        server.handle_signals()
        # Said once for all workers, as is what becomes of the files.
        if worker:
            logging.getLogger("myelin.deploy").setLevel(logging.CRITICAL)
        ready, progress = (announce, shown) if not worker else (lambda server: None, silent)
        await server.run(watch=watch, ready=ready, reuse_port=worker is not None, progress=progress)

    run_loop(main())


def _metrics(between_workers: Path | None) -> Metrics:
    """Raises ConfigurationError when the library is not installed."""
    shared = None
    if between_workers is not None:
        shared = between_workers / "metrics"
        shared.mkdir(exist_ok=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(shared)
    try:
        from engine.management.metrics import Metrics
    except ImportError:
        raise ConfigurationError("server.metrics needs a library: pip install 'myelin[metrics]'") from None
    return Metrics(shared)


def _admin_app(metrics: Metrics | None) -> AdminApp:
    from engine.management.health import HealthApp
    from engine.management.management_api import ManagementApi

    def make(server: Server) -> HealthApp:
        has_users = bool(server.config.management.users)
        management = ManagementApi(server.deployment, server.password, lambda: server.url) if has_users else None
        return HealthApp(server.deployment, metrics, management)

    return make


def announce(server: Server) -> None:
    """The first line of a run: what is served where. Then each service, and where to look at them."""
    where, snapshot = server.url, server.deployment.snapshot
    services = [artifact for artifact in snapshot.artifacts() if artifact.address]
    errors = server.deployment.errors
    faulty = f", {count(len(errors), 'error')} (see above)" if errors else ""
    click.echo(f"myelin serves {count(len(services), 'service')} at {where}{faulty}")
    for artifact in services:
        click.echo(f"  {where}{artifact.address}")
    if snapshot.has_sequence("main"):
        click.echo(f"  {where}/ and every other path, by the sequence 'main'")
    if not snapshot.loaded and not errors:
        click.echo("The folder has no flows yet: put an XML file with a proxy or an API into it.")
    if pages := address_from_here(server.admin_url):
        click.echo(f"State, and a picture of each flow: {pages}")


def with_options(settings: Config, given: dict[str, Any]) -> Config:
    """Options of the command line go before the file."""
    registry = given.pop("registry")
    chosen = {name: value for name, value in given.items() if value is not None}
    settings = dataclasses.replace(settings, server=dataclasses.replace(settings.server, **chosen))
    return dataclasses.replace(settings, registry=str(registry)) if registry else settings


def run_loop(main: Any) -> None:
    """Run a coroutine on uvloop where it is installed, else on asyncio's own loop, which costs more CPU."""
    run: Callable[[Any], None] = asyncio.run
    with contextlib.suppress(ImportError):
        import uvloop

        run = uvloop.run
    run(main)  # not in a handler of the ImportError: it would be the context of each exception of the whole engine
