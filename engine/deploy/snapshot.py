"""The deployed artifacts, immutable: a message keeps the snapshot it began with."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from engine.artifacts.local_entry import LocalEntry, RegistryKey
from engine.artifacts.proxy import Proxy
from engine.core.artifact import Artifact
from engine.core.env import (
    Conversation,
    Cors,
    Endpoint,
    EventSource,
    Limits,
    MessageQueue,
    MessageStore,
    Meter,
    PortServer,
    PriorityExecutor,
    ScriptLimits,
    Sequence,
    Template,
)
from engine.core.faults import DEFAULT_SEQUENCE, BuiltInFaultSequence
from engine.core.flow import Flow, Part
from engine.core.http import HttpClient, RawHeaders
from engine.core.mediator import Mediator
from engine.declare.catalog import Catalog
from engine.deploy.layered_registry import LayeredRegistry
from engine.deploy.loader import Loaded
from engine.deploy.registry_artifacts import IN_REGISTRY, RegistryArtifacts, is_registry_key
from engine.deploy.routes import Routes
from engine.endpoints._settings import MarkForSuspension, SuspendOnFailure
from engine.endpoints.default import Default
from engine.endpoints.endpoint import Endpoint as EndpointArtifact
from engine.errors import Fault, Where, did_you_mean
from engine.message.codecs.text import decode as decode_text
from engine.message.context import Registry
from engine.transports.http_in import Route

T = TypeVar("T")


class Services(Protocol):
    """What the process offers to all snapshots."""

    @property
    def http(self) -> HttpClient: ...

    @property
    def registry(self) -> Registry: ...

    @property
    def between_workers(self) -> Registry | None: ...

    @property
    def settings(self) -> Mapping[str, str]: ...

    @property
    def cors(self) -> Cors: ...

    @property
    def meter(self) -> Meter | None: ...

    @property
    def limits(self) -> Limits: ...

    @property
    def scripts(self) -> ScriptLimits: ...

    @property
    def unhandled_fault_202(self) -> bool: ...

    def connector_settings(self, connector: str) -> Mapping[str, Any]: ...

    def secret(self, alias: str) -> str | None: ...

    @property
    def outside(self) -> tuple[Path, ...]:
        """Files that artifacts refer to without naming them: the secrets, the properties."""

    def datasource(self, name: str) -> Mapping[str, Any] | None: ...

    def spawn(self, work: Coroutine[Any, Any, Any], name: str, *, counts: bool = False) -> None: ...

    def detach(self) -> None: ...

    @property
    def serve_port(self) -> PortServer: ...

    def shared(self, kind: str, name: str, make: Callable[[], T]) -> T: ...

    def tls(self, host: str, port: int) -> ssl.SSLContext: ...

    def durable_queue(self, name: str) -> MessageQueue: ...


class Snapshot:
    """Artifacts by kind and name, with the services of the process: the environment of messages."""

    def __init__(
        self,
        loaded: Mapping[tuple[str, str], Loaded],
        services: Services,
        catalog: Catalog,
        resources: Mapping[str, bytes] | None = None,
    ) -> None:
        """``resources`` are those of the registry that the deployment brings along, by canonical key."""
        self.loaded = dict(loaded)
        self.services = services
        self.http = services.http
        self.registry: Registry = LayeredRegistry(services.registry, resources or {})
        self.between_workers = services.between_workers
        self.settings = services.settings
        self.cors = services.cors
        self.meter = services.meter
        self.limits = services.limits
        self.scripts = services.scripts
        self.unhandled_fault_202 = services.unhandled_fault_202
        self.connector_settings = services.connector_settings
        self.secret = services.secret
        self.datasource = services.datasource
        self.spawn = services.spawn
        self.detach = services.detach
        self.serve_port = services.serve_port
        self.tls = services.tls
        self.shared = services.shared
        self.durable_queue = services.durable_queue
        self._artifacts = {id_: each.artifact for id_, each in self.loaded.items()}
        self.default_endpoint: Endpoint = _default_endpoint()
        self.fault_sequence = cast("Sequence | None", self._artifacts.get(("sequence", DEFAULT_SEQUENCE)))
        self._in_registry = RegistryArtifacts(self.registry, self._local_entry, catalog)
        self._routes = Routes(self._artifacts.values(), self._rest(), self.entry)

    # ---------------------------------------------------------------- names

    def sequence(self, name: str) -> Sequence:
        if name == DEFAULT_SEQUENCE and self.fault_sequence is None:
            return BuiltInFaultSequence()
        found: Sequence = self._get("sequence", name)
        return found

    def has_sequence(self, name: str) -> bool:
        return ("sequence", name) in self._artifacts

    def template(self, name: str) -> Template:
        found: Template = self._get("template", name)
        return found

    def connection(self, key: str) -> tuple[Mediator, ...]:
        entry = self._artifacts.get(("local-entry", key))
        if not isinstance(entry, LocalEntry) or entry.src:
            entry = self._in_registry.get("local-entry", key)
        if not isinstance(entry, LocalEntry) or not entry.connection:
            raise Fault(f"there is no connection '{key}': it is a local entry with the connector's init operation")
        return entry.connection

    def endpoint(self, name: str) -> Endpoint:
        found: Endpoint = self._get("endpoint", name)
        return found

    def message_store(self, name: str) -> MessageStore:
        found: MessageStore = self._get("message-store", name)
        return found

    def priority_executor(self, name: str) -> PriorityExecutor:
        found: PriorityExecutor = self._get("priority-executor", name)
        return found

    def event_source(self, name: str) -> EventSource:
        found: EventSource = self._get("event-source", name)
        return found

    def conversation(self, path: str) -> Conversation | None:
        route = self.route("POST", path, "")
        return route.flow if route is not None else None

    def proxy(self, name: str) -> Conversation | None:
        artifact = self._artifacts.get(("proxy", name))
        return artifact.flow() if isinstance(artifact, Proxy) and artifact.runs else None

    def entry(self, key: str) -> Any:
        """A local entry's text or element, the text of a registry resource, or None."""
        value = self._local_entry(key)
        if value is not None:
            return self._resource(value.key) if isinstance(value, RegistryKey) else value
        if not is_registry_key(key):
            return None
        try:
            return self._resource(key)
        except Fault:
            if key.startswith(("conf:", "gov:")):
                raise
            return None  # the name of a property with a slash in it, and no path

    def _local_entry(self, key: str) -> Any:
        artifact = self._artifacts.get(("local-entry", key))
        return cast(LocalEntry, artifact).value if artifact is not None else None

    def _resource(self, key: str) -> str | None:
        content = self.registry.get(key)
        return None if content is None else decode_text(content, "utf-8")

    def artifacts(self) -> list[Artifact]:
        """All of them, by kind and name."""
        return [self._artifacts[id_] for id_ in sorted(self._artifacts)]

    def _get(self, kind: str, name: str) -> Any:
        """The artifact, which is what ``kind`` says. Raises Fault when there is none."""
        artifact = self._artifacts.get((kind, name))
        if artifact is None and kind in IN_REGISTRY:
            artifact = self._in_registry.get(kind, name)
        if artifact is None:
            known = [each for each_kind, each in self._artifacts if each_kind == kind]
            raise Fault(f"there is no {kind} '{name}'. {did_you_mean(name, known)}".rstrip())
        return artifact

    # ---------------------------------------------------------------- paths

    def route(
        self, method: str, path: str, query: str, headers: RawHeaders | None = None, scheme: str = "http"
    ) -> Route | None:
        """The proxy or API that serves a request; the sequence ``main`` for what none of them takes."""
        return self._routes.find(method, path, query, headers or [], scheme)

    def _rest(self) -> Flow | None:
        if not self.has_sequence("main"):
            return None
        return Flow("sequence 'main'", Part("main", key="main"), Part("main", key="main"), Part("faultSequence"))


def _default_endpoint() -> Endpoint:
    # It stands for every address there is: one that fails must not keep messages from the others.
    where = Where("default endpoint")
    never = SuspendOnFailure.spec.construct(where=where, codes="-1")
    nothing = MarkForSuspension.spec.construct(where=where, codes="-1")
    default = Default.spec.construct(where=where, suspend=never, mark=nothing)
    endpoint = EndpointArtifact.spec.construct(where=where, type=default)
    return cast(Endpoint, endpoint)
