"""``myelin.yaml``: every setting has a default, unknown keys are refused with the nearest name."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from engine.core.env import Cors, ScriptLimits
from engine.core.env import Limits as FlowLimits
from engine.errors import ConfigurationError, did_you_mean
from engine.message.java_properties import properties_of
from engine.message.json_rules import JsonRules, rules_from
from engine.transports.http_out_proxy import from_environment
from engine.transports.http_out_settings import HostTls, HttpOutSettings


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files of a port; without a certificate it speaks plain HTTP.

    Renewed files are taken while the server runs.
    """

    certificate: str = ""
    key: str = ""
    """May stand in the certificate's file."""
    client_ca: str = ""
    """Authorities one of which must have signed what every client shows."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where to listen, and how to stop."""

    host: str = "127.0.0.1"
    port: int = 8290
    admin_port: int = 9201
    workers: int = 1
    drain: float = 30.0
    """Seconds that messages in flight have when the server stops."""
    tls: Tls = Tls()
    """Of the port of the flows."""
    admin_tls: Tls = Tls()
    inbound_tls: Tls = Tls()
    """Of inbound endpoints with the protocol https; without a certificate they have that of ``tls``."""
    access_log: bool = False
    """One line per request: client, method, path, status, milliseconds, correlation id."""
    log_format: Literal["text", "json"] = "text"
    """Of the log on standard error: lines for people, or one JSON object a line."""
    metrics: bool = False
    """Count messages, faults and times of each service for Prometheus: ``/metrics`` on the admin port. It costs about
    3 µs a message."""
    correlation: bool = True
    """Give each request that brings no ``activityid`` or ``X-Correlation-ID`` an ``activityid``, which goes on to back
    ends and back to the client. It costs 1 to 2 µs; without it only ids that clients bring are told."""
    trusted_proxies: list[str] = field(default_factory=list)
    """Addresses and networks whose X-Forwarded-For, -Proto and -Host say who the client is and how it called whom."""


@dataclass(frozen=True, slots=True)
class Management:
    """WSO2's management API on the admin port, for reading."""

    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Names, each with its ``password``. Without users there is no such API."""

    def __post_init__(self) -> None:
        for name, user in self.users.items():
            if set(user) != {"password"} or not isinstance(user["password"], str) or not user["password"]:
                raise ConfigurationError(f"management: users: {name}: expected a password, as text")


@dataclass(frozen=True, slots=True)
class Limits(FlowLimits):
    """Bounds on what clients and back ends may send. Sizes in bytes, times in seconds."""

    head: int = 64 * 1024
    head_time: float = 20.0
    body_time: float = 60.0
    keep_alive: float = 60.0
    connections: int = 10_000

    def __post_init__(self) -> None:
        for name in ("depth", "branches", "background", "aggregate", "database_threads"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"limits: {name} must be 1 or more")
        if 0 < self.buffered_total < self.buffered_body:
            raise ConfigurationError("limits: buffered_total must be 0, or as much as buffered_body or more")


@dataclass(frozen=True, slots=True)
class BackEnds:
    """How to talk to back ends. Times in seconds."""

    connect_timeout: float = 5.0
    """Waiting for a free connection, name lookup, TCP, proxy and TLS together."""
    timeout: float = 60.0
    """Until the head of the answer has arrived; ``<timeout>`` of an endpoint overrides it."""
    idle_timeout: float = 60.0
    """The longest silence within an answer."""
    total_timeout: float = 0.0
    """The longest time of a whole exchange: connecting, sending and the answer to its last byte, also while the client
    is slow to send or to read. 0: no such limit, for a stream may be long."""
    keep_alive: float = 15.0
    """An unused connection stays open so long."""
    connections: int = 10_000
    """Open connections to one host and port."""
    ca_file: str = ""
    """PEM file of authorities that are trusted beside the system's."""
    client_certificate: str = ""
    client_key: str = ""
    """PEM files shown to servers that ask who calls; the key may stand in the certificate's file."""
    hosts: dict[str, HostTls] = field(default_factory=dict)
    """TLS that is different for some, by ``host`` or ``host:port``: ca_file, client_certificate, client_key,
    server_name, verify."""
    proxy: str = ""
    """An ``http://`` URL; empty: the variables http_proxy, https_proxy and no_proxy count; ``none``: no proxy."""
    no_proxy: list[str] = field(default_factory=list)
    """Hosts, with their subdomains, and networks that ``proxy`` is not used for."""

    def http_out(self, environment: Mapping[str, str]) -> HttpOutSettings:
        """The same for the HTTP client."""
        proxy, https_proxy, no_proxy = from_environment(environment)
        if self.proxy:
            proxy, https_proxy, no_proxy = self.proxy if self.proxy != "none" else None, None, tuple(self.no_proxy)
        return HttpOutSettings(
            connect_timeout=self.connect_timeout,
            response_timeout=self.timeout,
            idle_timeout=self.idle_timeout,
            total_timeout=self.total_timeout,
            keep_alive=self.keep_alive,
            max_connections=self.connections,
            ca_file=self.ca_file or None,
            client_certificate=self.client_certificate or None,
            client_key=self.client_key or None,
            hosts=self.hosts,
            proxy=proxy,
            https_proxy=https_proxy,
            no_proxy=no_proxy,
        )


@dataclass(frozen=True, slots=True)
class Compatibility:
    """Behaviour of the reference that Myelin changed on purpose."""

    unhandled_fault_202: bool = False
    """Answer an empty 202 when no handler took a fault, as WSO2 does."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """The encrypted file of secrets, and the key that opens it (else the variable MYELIN_SECRETS_KEY)."""

    file: str = "secrets.enc"
    key_file: str = "secrets.key"


@dataclass(frozen=True, slots=True)
class Config:
    """All of ``myelin.yaml``."""

    server: Server = Server()
    management: Management = Management()
    limits: Limits = Limits()
    back_ends: BackEnds = BackEnds()
    compatibility: Compatibility = Compatibility()
    secrets: Secrets = Secrets()
    scripts: ScriptLimits = field(default_factory=ScriptLimits)
    payload: JsonRules = field(default_factory=JsonRules)
    """How XML and JSON become each other, by the names of ``synapse.properties``."""
    classes: str = ""
    """Folder of Python files with classes for ``<class>``; imported at the start, and trusted."""
    cors: Cors = field(default_factory=Cors)
    registry: str = "registry"
    """Folder of the registry, relative to where ``myelin`` runs."""
    message_stores: str = "message-stores"
    """Folder of the message stores that outlive the process, relative to where ``myelin`` runs."""
    properties_file: str = ""
    """A file of ``name=value`` lines for ``${configs.name}`` and ``get-property('file', 'name')``."""
    connectors: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Settings of connectors by name, for instance ``gotowebinar: {timeout: 20}``."""
    datasources: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Databases by ``dsName``, or by the URL in whose place they stand: url, user, password, properties of the pool."""


def read(path: Path | None) -> Config:
    """The configuration in a file; without one, the defaults. Raises ConfigurationError."""
    if path is None:
        return Config()
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not YAML: {error}") from None
    return typing.cast(Config, _section(Config, content or {}, str(path)))


def read_properties(path: Path) -> dict[str, str]:
    """The names and values of a Java properties file in UTF-8, without its escapes. Raises ConfigurationError."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from None
    return properties_of(lines)


def _section(type_: type[Any], content: Any, where: str) -> Any:
    if not isinstance(content, dict):
        raise ConfigurationError(f"{where}: expected names and values, found {content!r}")
    types = typing.get_type_hints(type_)
    values = {}
    for name, value in content.items():
        if name not in types:
            hint = did_you_mean(str(name), types)
            raise ConfigurationError(f"{where}: there is no setting '{name}'. {hint}".rstrip())
        values[name] = _value(types[name], value, f"{where}: {name}")
    return type_(**values)


def _rules(value: Any, where: str) -> JsonRules:
    if not isinstance(value, dict):
        raise ConfigurationError(f"{where}: expected names and values, found {value!r}")
    try:
        return rules_from({str(name): each for name, each in value.items()}, JsonRules())
    except ValueError as error:
        raise ConfigurationError(f"{where}: {error}") from None


def _value(type_: Any, value: Any, where: str) -> Any:
    if type_ is JsonRules:
        return _rules(value or {}, where)
    if dataclasses.is_dataclass(type_):
        return _section(typing.cast(type[Any], type_), value or {}, where)
    if typing.get_origin(type_) is Literal:
        choices = typing.get_args(type_)
        if value not in choices:
            hint = did_you_mean(str(value), choices)
            raise ConfigurationError(f"{where}: expected {' or '.join(choices)}, found {value!r}. {hint}".rstrip())
        return value
    if typing.get_origin(type_) is list:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ConfigurationError(f"{where}: expected a list of texts, found {value!r}")
        return value
    if typing.get_origin(type_) is dict:
        if not isinstance(value, dict) or not all(isinstance(item, dict) for item in value.values()):
            # Not shown: passwords may stand here.
            raise ConfigurationError(f"{where}: expected names, each with its settings")
        of = typing.get_args(type_)[1]
        if dataclasses.is_dataclass(of):
            return {
                str(name): _section(typing.cast(type[Any], of), item, f"{where}: {name}")
                for name, item in value.items()
            }
        return value
    if type_ is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, type_) or (type_ is int and isinstance(value, bool)):
        raise ConfigurationError(f"{where}: expected {_NAMES[type_]}, found {value!r}")
    if type_ in (int, float) and value < 0:
        raise ConfigurationError(f"{where}: cannot be negative, found {value!r}")
    return value


_NAMES = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
