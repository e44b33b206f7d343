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

Flows call ``<acme.init>`` first, or keep it in a local entry, ``<localEntry key="shop"><acme.init>…``, and name that
where they call: ``<acme.cancelOrder configKey="shop">``. What else every operation takes is said in ``call_options``.

An API with several versions lists them, and an operation says below the name of a version where it differs, or that
it exists there only:

    versions: [v1, v2]                  # the connection says which one it speaks
    operations:
      listOrders:
        summary: List orders.
        method: GET
        path: /orders
        v2:
          path: /shop/orders
          query: {since: "{since}"}
          required: [since]             # parameters that this version cannot do without
          defaults: {since: now-30d}    # a time relative to now, or a constant
          paging: {style: page, position: page, size: size, largest: 200, items: data, pages: page.total}
          results: {v1: shapes.orders}  # functions that give the answer the form of another version

``paging`` says how long lists are split (``paging.Paging``); flows then have its parameters and ``all``, which reads
all pages into one array. With ``results`` they have ``resultShape``, here or as a value of the connection.

``base_url`` and ``auth`` make ``<acme.init>`` without any Python; see ``yaml_auth``. ``retry`` and ``errors`` say what
is asked for again, and which answers are faults; see ``yaml_policy``. ``headers`` of an operation are filled as its
query is; how lists and objects are written in a query is said in ``query``. ``body_type`` is ``json``, ``form``,
``text``, ``bytes`` or ``multipart`` (see ``bodies``), ``content_type`` what the body is called instead of the usual,
such as ``application/merge-patch+json``. ``auth: none`` sends an operation without the connection's credentials.

``body`` is the JSON to send, with ``{parameter}`` in it; see ``shapes.compile_shape`` for what is left out. Where a
shape is not enough, ``body_from: module.function`` names a function of this folder that takes the values by name and
gives the body. The types of parameters are those of ``parameters.TYPES`` (``text`` by default; ``key`` is a number of
up to 64 bits that keeps its digits, ``base64`` the bytes of a file), their other keys are those of
``parameters.Parameter``.
``GET``, ``PUT`` and ``DELETE`` are retried after 429 and 503, ``POST`` and ``PATCH`` never.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.message.codecs import json
from engine.message.pattern import compile_pattern
from engine.plugins import call_options
from engine.plugins.error_map import MappedError
from engine.plugins.parameters import TYPES, BrokenRule, Parameter
from engine.plugins.policy import DEFAULT_RETRY, Retry
from engine.plugins.rest import ALL_PAGES, RESULT_SHAPE, RestOperation
from engine.plugins.settings import DEFAULTS, Settings, is_timeout
from engine.plugins.shapes import placeholders
from engine.plugins.variant import Variant
from engine.plugins.yaml_auth import Opening, read_opening
from engine.plugins.yaml_policy import read_errors, read_retry
from engine.plugins.yaml_tree import Section
from engine.plugins.yaml_variant import VARIANT_KEYS, FindFunction, VariantReader

CONNECTOR_KEYS = (
    "connector",
    "summary",
    "docs",
    "connection",
    "versions",
    "base_url",
    "auth",
    "retry",
    "errors",
    "timeout",
    "calls_per_second",
    "hide_headers",
    "python",
    "operations",
)
OPERATION_KEYS = ("summary", "doc", "answers", "parameters", *VARIANT_KEYS)
PARAMETER_KEYS = (
    "doc",
    "type",
    "required",
    "default",
    "min_length",
    "max_length",
    "minimum",
    "maximum",
    "pattern",
    "choices",
    "needs",
    "secret",
    "also",
)
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_HEADER = re.compile(r"[A-Za-z0-9-]+")


@dataclass(frozen=True, slots=True)
class ConnectorFile:
    """The part of a connector.yaml that holds for all its operations."""

    name: str
    settings: Settings
    connection: tuple[str, ...]
    versions: tuple[str, ...]
    """``("",)`` for an API without versions."""
    hidden_headers: tuple[str, ...]
    python: tuple[str, ...]
    opening: Opening | None = None
    """What ``init`` is made of; None when Python has it, or nothing."""
    retry: Retry = DEFAULT_RETRY
    errors: tuple[MappedError, ...] = ()


def read_connector(section: Section, folder: str) -> ConnectorFile:
    """The head of the file. What is wrong becomes a Problem."""
    section.known(*CONNECTOR_KEYS)
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
        section.texts("versions") or ("",),
        tuple(header for header in headers if _HEADER.fullmatch(header)),
        section.texts("python"),
        read_opening(section, name, section.texts("connection")),
        read_retry(section),
        tuple(read_errors(section)),
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
    entry.known(*OPERATION_KEYS, *connector.versions)
    if not entry.required("summary"):
        return None
    declared = tuple(_parameter(each, section) for each, section in entry.sections("parameters"))
    variants = {}
    for version in connector.versions:
        reader = VariantReader(entry, version, declared, connector.connection, find)
        if (reader.exists or len(connector.versions) == 1) and (variant := reader.read()) is not None:
            variants[version] = variant
    if not variants:
        entry.required("path")
        return None
    operation = RestOperation(
        connector=connector.name,
        name=name,
        summary=entry.text("summary"),
        variants=variants,
        parameters=(*declared, *_parameters_of(variants, declared)),
        account=connector.connection,
    )
    _check_parameters(operation, declared, entry, connector)
    return operation


def _parameters_of(variants: Mapping[str, Variant], declared: tuple[Parameter, ...]) -> Iterator[Parameter]:
    """The parameters that paging and other forms of the answer bring along."""
    names = {each.name for each in declared}
    pagings = [each.paging for each in variants.values() if each.paging is not None]
    for name, doc in {
        name: doc
        for paging in pagings
        for name, doc in ((paging.position, "Which page, for one page at a time."), (paging.size, "Items of a page."))
        if name in paging.parameters
    }.items():
        if name not in names:
            yield Parameter(name, doc, "text" if any(each.style == "cursor" for each in pagings) else "integer")
    if pagings:
        yield Parameter(ALL_PAGES, "Whether to read all pages into one array.", "boolean")
    shapes = sorted({name for each in variants.values() for name in each.results})
    if shapes:
        yield Parameter(RESULT_SHAPE, "Give the result the form that this version has.", choices=tuple(shapes))


def _parameter(name: str, section: Section) -> Parameter:
    section.known(*PARAMETER_KEYS)
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
        also=section.text("also"),
        minimum=section.number("minimum"),
        maximum=section.number("maximum"),
        min_length=section.count("min_length"),
        pattern=_pattern(section),
    )
    if parameter.type not in ("integer", "number"):
        for key in {"minimum", "maximum"} & section.values.keys():
            section.error("bad-value", f"'{key}' is for the types integer and number.", key)
    return parameter if parameter.default is None else replace(parameter, default=_default(parameter, section))


def _pattern(section: Section) -> str:
    pattern = section.text("pattern")
    try:
        compile_pattern(pattern, re.NOFLAG)
    except re.error as error:
        section.error("bad-value", f"'pattern' is not a regular expression: {error.msg}.", "pattern")
        return ""
    return pattern


def _default(parameter: Parameter, section: Section) -> Any:
    """The default as a flow's argument would arrive."""
    if parameter.required:
        section.error("bad-value", "A required parameter has no default.", "default")
    try:
        return parameter.converter()(json.text_of(parameter.default))
    except BrokenRule as broken:
        section.error("bad-value", f"The default must be {broken.rule}.", "default", hint=broken.hint)
        return None


def _check_parameters(
    operation: RestOperation, declared: tuple[Parameter, ...], entry: Section, connector: ConnectorFile
) -> None:
    """Every parameter has a place in one of the versions."""
    names = [each.name for each in operation.parameters]
    variants = operation.variants.values()
    used = {
        name
        for each in variants
        for shape in (each.path, each.query, each.headers, each.body)
        for name in placeholders(shape)
    }
    paged = {name for each in variants if each.paging is not None for name in each.paging.parameters}
    for parameter in declared:
        if parameter.needs and parameter.needs not in names:
            message = f"There is no parameter '{parameter.needs}'."
            entry.error("unknown-parameter", message, "parameters", parameter.name, "needs")
        if parameter.name in call_options.NAMES:
            message = f"Every operation has a '{parameter.name}' already."
            entry.error("repeated-name", message, "parameters", parameter.name)
        elif parameter.name in connector.connection:
            message = f"'{parameter.name}' already comes from the connection."
            entry.error("repeated-name", message, "parameters", parameter.name)
        elif parameter.name not in used | paged and not any(each.body_from for each in variants):
            message = f"'{parameter.name}' is used nowhere in path, query or body."
            entry.error("unused-parameter", message, "parameters", parameter.name)


def _doc(entry: Section) -> str:
    parts = [entry.text("summary"), entry.text("doc")]
    if entry.text("answers"):
        parts.append(f"Answers {entry.text('answers')}")
    return "\n\n".join(part for part in parts if part)
