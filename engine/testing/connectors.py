"""Run operations of a connector in a test, against stubbed or recorded HTTP.

    acme = ConnectorHarness(Path("connectors"), Replies({"GET /orders": response(200, b"[]")}))
    result = await acme.call("acme.listOrders", init={"apiKey": "k"}, status="open")
    assert result.json() == []
    assert acme.requests[0].url == "https://api.acme.example/orders?status=open"

It makes no difference whether an operation is YAML or a function, and whether that uses ``call.session`` or
``call.env.http``: all go through the same client. ``Recorder`` writes real exchanges to a file, ``Recording`` plays
them.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine.core.http import HttpClient, HttpRequest, HttpResponse
from engine.declare.spec import Spec
from engine.errors import Where
from engine.expressions.dynamic import Value
from engine.message.codecs import json
from engine.message.context import MessageContext
from engine.message.payload import Payload
from engine.plugins.discovery import discover
from engine.runtime.catalog import language
from engine.testing.harness import Harness, LoadError, Responder, StubClient


@dataclass(frozen=True, slots=True)
class Result:
    """What an operation left in the message."""

    message: MessageContext

    @property
    def status(self) -> int:
        return int(self.message.axis2.get("HTTP_SC") or 200)

    def json(self) -> Any:
        return self.message.payload.json()

    def text(self) -> str:
        return self.message.payload.text()


class ConnectorHarness:
    """The connectors in a folder, with a client of the test's choice.

    ``replies`` answers requests; see ``Replies`` and ``Recording``. ``settings`` are what the configuration would say
    about the connector, by its name. Raises LoadError for mistakes in the connectors.
    """

    def __init__(
        self, folder: Path, replies: Responder | None = None, settings: Mapping[str, dict[str, Any]] | None = None
    ) -> None:
        specs, problems = discover([folder])
        if problems.has_errors:
            raise LoadError(problems)
        self._specs = {spec.tag: spec for spec in specs}
        self._client = StubClient(replies)
        self.harness = Harness(catalog=language().with_specs(specs), http=self._client, connectors=settings)

    @property
    def requests(self) -> list[HttpRequest]:
        """What the connector sent, in order."""
        return self._client.requests

    async def call(
        self, operation: str, init: Mapping[str, str] | None = None, body: bytes = b"", **arguments: str
    ) -> Result:
        """Run ``<connector.init>`` with ``init``, if given, and the operation. Raises Fault as they do."""
        message = self.harness.message(body)
        if init is not None:
            await self._run(f"{operation.partition('.')[0]}.init", init, message)
        await self._run(operation, arguments, message)
        await message.payload.load(1 << 30)
        return Result(message)

    async def _run(self, tag: str, arguments: Mapping[str, str], message: MessageContext) -> None:
        spec: Spec = self._specs[tag]
        unknown = arguments.keys() - {field.name for field in spec.fields}
        if unknown:
            raise TypeError(f"<{tag}> has no parameter {', '.join(sorted(unknown))}")
        values = {
            each.attribute: Value(arguments[each.name]) if each.name in arguments else None for each in spec.fields
        }
        mediator: Any = spec.construct(where=Where("test"), **values)
        await mediator.mediate(message)


class Replies:
    """Answers by ``METHOD /path``; a list is played in order, its last answer again and again.

    Raises AssertionError for a request that no entry is for.
    """

    def __init__(self, answers: Mapping[str, HttpResponse | list[HttpResponse]]) -> None:
        self._answers = {key: list(each) if isinstance(each, list) else [each] for key, each in answers.items()}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = f"{request.method} {urlsplit(request.url).path}"
        if key not in self._answers:
            raise AssertionError(f"nothing answers {key}; there is {', '.join(self._answers) or 'nothing'}")
        answers = self._answers[key]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return HttpResponse(answer.status, answer.reason, list(answer.headers), answer.body)


class Recorder:
    """A client that writes what it exchanges to a file: no Authorization, no Cookie, and no secrets that it is told."""

    def __init__(self, client: HttpClient, file: Path, secrets: tuple[str, ...] = ()) -> None:
        self._client = client
        self._file = file
        self._secrets = secrets
        self._exchanges: list[dict[str, Any]] = []

    async def send(self, request: HttpRequest) -> HttpResponse:
        response = await self._client.send(request)
        if not isinstance(response.body, bytes):
            payload = Payload(response.body, origin="backend")
            await payload.load(1 << 30)
            response.body = payload.raw() or b""
        self._exchanges.append(
            {
                "method": request.method,
                "url": self._hidden(request.url),
                "status": response.status,
                "headers": [
                    [name.decode("latin-1"), self._hidden(value.decode("latin-1"))]
                    for name, value in response.headers
                    if name not in (b"set-cookie", b"authorization")
                ],
                "body": _written(self._hidden(response.body.decode("utf-8", "surrogateescape"))),
            }
        )
        self._file.write_bytes(json.encode(self._exchanges))
        return response

    def _hidden(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***") if secret else text
        return text


class Recording:
    """Plays a file that Recorder wrote: the exchanges in their order, each for the method and URL it was recorded for.

    Raises AssertionError when another request comes.
    """

    def __init__(self, file: Path) -> None:
        exchanges: Any = json.decode(file.read_bytes())
        self._left: list[dict[str, Any]] = list(exchanges)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self._left:
            raise AssertionError(f"{request.method} {request.url} comes after the end of the recording")
        exchange = self._left.pop(0)
        wanted = f"{exchange['method']} {exchange['url']}"
        # A secret in the recorded URL is hidden; anything may stand in its place.
        if not _same(f"{request.method} {request.url}", wanted):
            raise AssertionError(f"{request.method} {request.url} came where {wanted} was recorded")
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in exchange["headers"]]
        return HttpResponse(int(exchange["status"]), "", headers, _read(exchange["body"]))


def _same(came: str, wanted: str) -> bool:
    pieces = wanted.split("***")
    if len(pieces) == 1:
        return came == wanted
    return came.startswith(pieces[0]) and came.endswith(pieces[-1])


def _written(body: str) -> Any:
    """Text as it is; bytes that are no text as base64."""
    try:
        body.encode("utf-8")
    except UnicodeEncodeError:
        return {"base64": base64.b64encode(body.encode("utf-8", "surrogateescape")).decode()}
    return body


def _read(body: Any) -> bytes:
    return base64.b64decode(body["base64"]) if isinstance(body, dict) else str(body).encode()
