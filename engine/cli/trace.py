"""``myelin trace``: one request, and what each step of the flow does to it."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import click

from engine import ported
from engine.cli import options
from engine.cli.wording import count
from engine.core.env import Conversation
from engine.core.http import HttpClient, HttpRequest, HttpResponse
from engine.core.trace import Step, Trace
from engine.declare.catalog import Catalog
from engine.deploy.deployment import Deployment
from engine.deploy.snapshot import Snapshot
from engine.errors import ConfigurationError
from engine.message.context import MessageContext
from engine.runtime import catalog
from engine.runtime.config import Config
from engine.runtime.services import ProcessServices
from engine.testing.harness import Answer, StubClient, request, response
from engine.transports.http_in import Route, Router
from engine.transports.http_out import HttpOut
from engine.transports.http_out_url import split_url

_WIDTH = 160
"""Characters of a value that are printed without ``--long``."""


@click.command("trace", short_help="Send one request, and show what each step does.")
@click.argument("target")
@click.option("--flows", type=click.Path(path_type=Path), help="The flows.  [default: flows]")
@click.option("-X", "--method", help="The method.  [default: POST with a body, else GET]")
@click.option("-d", "--data", default="", metavar="TEXT", help="The body; @FILE takes it from a file.")
@click.option("-H", "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="May be given several times.")
@click.option("--answer", metavar="TEXT", help="Call no back end: each answers this body; @FILE takes it from a file.")
@click.option("--long", is_flag=True, help="Print long values whole, up to 2,000 characters.")
@options.connectors
@options.config
def command(
    target: str,
    flows: Path | None,
    method: str | None,
    data: str,
    headers: tuple[str, ...],
    answer: str | None,
    long: bool,
    connectors: tuple[Path, ...],
    config_file: Path | None,
) -> None:
    """Send one request to TARGET, such as `/services/echo`, through the flows, and print what each step does to it.

    No server is needed: the flows run in this process. Their back ends are called, unless --answer stands in for them.
    The answer's body goes to standard output, all else to standard error.
    """
    logging.getLogger("myelin").addHandler(logging.NullHandler())  # the faults are in the trace
    try:
        settings = options.settings(config_file)
        body = _content(data)
        stub = None if answer is None else _content(answer)
        known, problems = catalog.installed(connectors)
        if settings.classes:
            ported.load_folder(Path(settings.classes))
    except (OSError, ConfigurationError) as error:
        click.echo(f"myelin: {error}", err=True)
        sys.exit(2)
    for problem in problems:
        click.echo(str(problem), err=True)
    sent = dict(_header(each) for each in headers)
    receive = _receive(flows or options.DEFAULT_FLOWS, settings, known, connectors, stub)
    try:
        received, trace = asyncio.run(receive(method or ("POST" if body else "GET"), target, body, sent))
    except FileNotFoundError as error:
        click.echo(f"myelin: {error}", err=True)
        sys.exit(2)
    _print(trace, received, None if long else _WIDTH)
    sys.exit(0 if received.status < 400 else 1)


def _content(text: str) -> bytes:
    return Path(text[1:]).read_bytes() if text.startswith("@") else text.encode()


def _receive(
    flows: Path, settings: Config, known: Catalog, connectors: tuple[Path, ...], stub: bytes | None
) -> Callable[[str, str, bytes, dict[str, str]], Coroutine[Any, Any, tuple[Answer, Trace]]]:
    """What takes a request, as the engine would: method, target, body and headers.

    ``stub`` is the body that every back end answers; None calls them.
    """

    async def receive(method: str, target: str, body: bytes, headers: dict[str, str]) -> tuple[Answer, Trace]:
        client, trace = HttpOut(settings.back_ends.http_out(os.environ)), Trace()
        back_ends = client if stub is None else StubClient(lambda _: response(200, stub, _type_of(stub)))
        services = ProcessServices(settings, _Telling(back_ends, trace))
        try:
            deployment = Deployment(flows, known, services, connector_folders=connectors)
            deployment.deploy()
            for problem in deployment.errors:
                click.echo(str(problem), err=True)
            router = cast(Router, _Watching(deployment.snapshot, trace))
            answer = await request(router, method, target, body, _type_of(body), headers=headers)
            await services.drain(settings.server.drain)
        finally:
            services.close()
            await client.close()
        return answer, trace

    return receive


class _Telling:
    """A client of back ends that tells the trace of each call."""

    def __init__(self, client: HttpClient, trace: Trace) -> None:
        self._client = client
        self._trace = trace

    async def send(self, request: HttpRequest) -> HttpResponse:
        began, came = time.perf_counter(), "no answer"
        try:
            answer = await self._client.send(request)
            came = str(answer.status)
        finally:
            taken = (time.perf_counter() - began) * 1000
            self._trace.called(f"{request.method} {split_url(request.url).shown}: {came}, {taken:.1f} ms")
        return answer


class _Watching:
    """A deployment whose flows are watched; all else is its own."""

    def __init__(self, snapshot: Snapshot, trace: Trace) -> None:
        self._snapshot = snapshot
        self._trace = trace

    def __getattr__(self, name: str) -> Any:
        return getattr(self._snapshot, name)

    def route(self, *asked: Any) -> Route | None:
        route = self._snapshot.route(*asked)
        return None if route is None else replace(route, flow=_WatchedFlow(route.flow, self._trace))


class _WatchedFlow:
    def __init__(self, flow: Conversation, trace: Trace) -> None:
        self._flow = flow
        self._trace = trace

    async def serve(self, message: MessageContext) -> None:
        message.trace = self._trace
        await self._flow.serve(message)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise click.UsageError(f"'{text}' is no 'NAME: VALUE'.")
    return name.strip(), value.strip()


def _type_of(body: bytes) -> str:
    """What a body looks like; ``-H`` says otherwise."""
    start = body.lstrip()[:1]
    return "application/json" if start in (b"{", b"[") else "text/xml" if start == b"<" else "text/plain"


# ---------------------------------------------------------------- what is printed


def _print(trace: Trace, answer: Answer, width: int | None) -> None:
    for step, after in itertools.zip_longest(trace.steps, trace.steps[1:]):
        _print_place(step)
        for call in step.calls:
            click.echo(f"{'  ' * step.depth}{call}", err=True)
        if after is None or after.depth <= step.depth:  # else the steps inside tell what they did
            _print_changes(step, width)
    if trace.left_out:
        click.echo(f"and {count(trace.left_out, 'more step')}", err=True)
    click.echo(click.style(f"answer {answer.status}", bold=True), err=True)
    for name, value in answer.headers:
        click.echo(f"  {name}: {value}", err=True)
    click.echo(answer.body.decode("utf-8", "replace"))


def _print_place(step: Step) -> None:
    tag = click.style(f"<{step.tag}>", bold=True)
    click.echo(f"{'  ' * (step.depth - 1)}{step.where}  {tag}  {step.seconds * 1000:.1f} ms", err=True)


def _print_changes(step: Step, width: int | None) -> None:
    indent = "  " * step.depth
    gone = [name for name, _, new in step.changes() if new is None]
    for name, old, new in step.changes():
        if new is None:
            continue
        if old is None or name == "body":
            click.echo(f"{indent}{name} = {_line(new, width)}", err=True)
        else:
            click.echo(f"{indent}{name} = {_line(new, width)}  (was {_line(old, width)})", err=True)
    if gone:
        click.echo(f"{indent}gone: {', '.join(gone)}", err=True)
    if step.fault:
        click.echo(f"{indent}{click.style(f'fault: {step.fault}', fg='red')}", err=True)
    elif not step.goes_on:
        click.echo(f"{indent}the flow ends here", err=True)


def _line(text: str, width: int | None) -> str:
    if width is None:
        return text
    line = " ".join(text.split())
    return line if len(line) <= width else f"{line[:width]}…"
