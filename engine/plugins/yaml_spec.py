"""``connector.yaml``: a connector as data. One entry is one operation.

    connector: acme                     # the prefix of the tags; the folder's name
    summary: Orders at ACME.
    connection: [accountKey]            # what <acme.init> supplies for the paths
    timeout: 10                         # seconds, for each request
    calls_per_second: 10                # per account, 0 = no limit
    hide_headers: [ETag]                # of the API's answers, beside the hop-by-hop ones
    python: [operations]                # modules of this folder with functions declared by @operation
    operations:
      cancelOrder:                      # <acme.cancelOrder>
        summary: Cancel an order.
        method: DELETE
        path: /accounts/{accountKey}/orders/{orderKey}
        query: {notify: "{notify}"}     # left out when the parameter is not given
        answers: 204, no body.          # documentation
        parameters:
          orderKey: {type: key, required: true, doc: The order.}
          notify: {type: boolean, doc: Whether to send an e-mail.}

``body`` is the JSON to send, with ``{parameter}`` in it; see ``shapes.compile_shape`` for what is left out. Where a
shape is not enough, ``body_from: module.function`` names a function of this folder that takes the values by name and
gives the body. The types of parameters are those of ``parameters.TYPES``, their other keys those of
``parameters.Parameter``.
``GET``, ``PUT`` and ``DELETE`` are retried after 429 and 503, ``POST`` and ``PATCH`` never.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from engine.errors import did_you_mean
from engine.message.codecs import json
from engine.plugins.parameters import TYPES, BrokenRule, Parameter
from engine.plugins.rest import RestOperation
from engine.plugins.settings import DEFAULTS, Settings, is_timeout
from engine.plugins.shapes import ABSENT, placeholders
from engine.plugins.yaml_tree import Section

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")

FindFunction = Callable[[str], Callable[..., Any]]
"""``module.function`` of the connector's folder. Raises LookupError with the reason."""

_CONNECTOR_KEYS = (
    "connector",
    "summary",
    "docs",
    "connection",
    "timeout",
    "calls_per_second",
    "hide_headers",
    "python",
    "operations",
)
_OPERATION_KEYS = (
    "summary",
    "doc",
    "method",
    "path",
    "query",
    "body",
    "body_from",
    "accept",
    "answers",
    "parameters",
)
_PARAMETER_KEYS = ("doc", "type", "required", "default", "max_length", "choices", "needs", "secret")
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_HEADER = re.compile(r"[A-Za-z0-9-]+")


@dataclass(frozen=True, slots=True)
class ConnectorFile:
    """The part of a connector.yaml that holds for all its operations."""

    name: str
    settings: Settings
    connection: tuple[str, ...]
    hidden_headers: tuple[str, ...]
    python: tuple[str, ...]


def read_connector(section: Section, folder: str) -> ConnectorFile:
    """The head of the file. What is wrong becomes a Problem."""
    section.known(*_CONNECTOR_KEYS)
    section.required("connector", "summary")
    name = section.text("connector", folder)
    if name != folder:
        section.error("bad-name", f"The connector '{name}' must lie in a folder of that name.", "connector")
    timeout = section.values.get("timeout", DEFAULTS.timeout)
    if not is_timeout(timeout):
        section.error("bad-value", "'timeout' must be seconds, up to 600.", "timeout")
        timeout = DEFAULTS.timeout
    headers = section.texts("hide_headers")
    for index, header in enumerate(headers):
        if not _HEADER.fullmatch(header):
            section.error("bad-value", f"'{header}' is no name of a header.", "hide_headers", index)
    return ConnectorFile(
        name,
        Settings(float(timeout), section.count("calls_per_second", 0)),
        section.texts("connection"),
        tuple(header for header in headers if _HEADER.fullmatch(header)),
        section.texts("python"),
    )


def read_operations(
    section: Section, connector: ConnectorFile, find: FindFunction
) -> Iterator[tuple[RestOperation, str]]:
    """The operations without mistakes, each with its documentation. The others become Problems."""
    for name, entry in section.sections("operations"):
        before = len(section.problems)
        if not _NAME.fullmatch(name):
            entry.error("bad-name", f"'{name}' cannot be part of an XML tag.")
        operation = _operation(name, entry, connector, find)
        if len(section.problems) == before and operation is not None:
            yield operation, _doc(entry)


def _operation(name: str, entry: Section, connector: ConnectorFile, find: FindFunction) -> RestOperation | None:
    entry.known(*_OPERATION_KEYS)
    if not entry.required("summary", "method", "path"):
        return None
    parameters = tuple(_parameter(each, section) for each, section in entry.sections("parameters"))
    operation = RestOperation(
        connector=connector.name,
        name=name,
        summary=entry.text("summary"),
        method=entry.choice("method", METHODS, "GET"),
        path=entry.text("path"),
        query=entry.section("query").values,
        body=entry.values.get("body", ABSENT),
        body_from=_function(entry, find),
        accept=entry.text("accept", "application/json"),
        parameters=parameters,
    )
    _check_path(operation, entry, connector)
    _check_names(operation, entry, connector)
    _check_body(operation, entry)
    return operation


def _parameter(name: str, section: Section) -> Parameter:
    section.known(*_PARAMETER_KEYS)
    section.required("doc")
    if not _NAME.fullmatch(name):
        section.error("bad-name", f"'{name}' cannot be an XML tag.")
    parameter = Parameter(
        name=name,
        doc=section.text("doc"),
        type=section.choice("type", tuple(TYPES), "text"),
        required=section.flag("required"),
        default=section.values.get("default"),
        max_length=section.count("max_length"),
        choices=section.texts("choices"),
        needs=section.text("needs"),
        secret=section.flag("secret"),
    )
    return parameter if parameter.default is None else replace(parameter, default=_default(parameter, section))


def _default(parameter: Parameter, section: Section) -> Any:
    """The default as a flow's argument would arrive."""
    if parameter.required:
        section.error("bad-value", "A required parameter has no default.", "default")
    try:
        return parameter.converter()(json.text_of(parameter.default))
    except BrokenRule as broken:
        section.error("bad-value", f"The default must be {broken.rule}.", "default", hint=broken.hint)
        return None


def _function(entry: Section, find: FindFunction) -> Callable[..., Any] | None:
    name = entry.text("body_from")
    if not name:
        return None
    try:
        return find(name)
    except LookupError as error:
        entry.error("unknown-function", str(error.args[0]), "body_from")
        return None


def _check_path(operation: RestOperation, entry: Section, connector: ConnectorFile) -> None:
    path = operation.path
    if not path.startswith("/") or "?" in path or "#" in path or not path.isprintable() or " " in path:
        entry.error("bad-value", "A path begins with '/' and has no query; that belongs into 'query'.", "path")
    by_name = {each.name: each for each in operation.parameters}
    for name in placeholders(path):
        parameter = by_name.get(name)
        if parameter is not None and not parameter.required and parameter.default is None:
            entry.error("optional-in-path", f"'{name}' is part of the path and must be required.", "path")


def _check_names(operation: RestOperation, entry: Section, connector: ConnectorFile) -> None:
    """Every placeholder has a parameter, every parameter a place."""
    parameters = [each.name for each in operation.parameters]
    known = {*parameters, *connector.connection}
    used: set[str] = set()
    for key, shape in (("path", operation.path), ("query", operation.query), ("body", operation.body)):
        for name in placeholders(shape):
            used.add(name)
            if name not in known:
                message = f"'{{{name}}}' is no parameter and nothing that 'connection' lists."
                entry.error("unknown-parameter", message, key, hint=did_you_mean(name, known))
    for parameter in operation.parameters:
        if parameter.needs and parameter.needs not in parameters:
            message = f"There is no parameter '{parameter.needs}'."
            entry.error("unknown-parameter", message, "parameters", parameter.name, "needs")
        if parameter.name in connector.connection:
            message = f"'{parameter.name}' already comes from the connection."
            entry.error("repeated-name", message, "parameters", parameter.name)
        elif parameter.name not in used and "body_from" not in entry.values:
            message = f"'{parameter.name}' is used nowhere in path, query or body."
            entry.error("unused-parameter", message, "parameters", parameter.name)


def _check_body(operation: RestOperation, entry: Section) -> None:
    if "body" in entry.values and "body_from" in entry.values:
        entry.error("bad-value", "'body' and 'body_from' exclude each other.", "body_from")
    if operation.method == "GET" and ("body" in entry.values or "body_from" in entry.values):
        key = "body" if "body" in entry.values else "body_from"
        entry.error("bad-value", "A GET has no body.", key)


def _doc(entry: Section) -> str:
    parts = [entry.text("summary"), entry.text("doc")]
    if entry.text("answers"):
        parts.append(f"Answers {entry.text('answers')}")
    return "\n\n".join(part for part in parts if part)
