"""One version of an operation in a ``connector.yaml``: the operation's own keys, and what the version says instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

from engine.errors import did_you_mean
from engine.message.codecs import json
from engine.plugins.bodies import BODY_TYPES, BodyType
from engine.plugins.paging import STYLES, Paging, Style
from engine.plugins.parameters import BrokenRule, Parameter
from engine.plugins.query import QUERY_STYLES, STYLE_KEYS, is_styled
from engine.plugins.shapes import ABSENT, placeholders
from engine.plugins.variant import Reshape, Variant, is_relative_time
from engine.plugins.yaml_tree import Section

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")

VARIANT_KEYS = (
    "method",
    "path",
    "query",
    "body",
    "body_from",
    "accept",
    "headers",
    "body_type",
    "content_type",
    "auth",
    "required",
    "defaults",
    "paging",
    "results",
)
PAGING_KEYS = ("style", "position", "size", "largest", "first", "items", "pages", "total", "next")

FindFunction = Callable[[str], Callable[..., Any]]
"""``module.function`` of the connector's folder. Raises LookupError with the reason."""


class VariantReader:
    """Reads and checks the form that an operation has in one version. What is wrong becomes a Problem."""

    def __init__(
        self,
        entry: Section,
        version: str,
        parameters: tuple[Parameter, ...],
        connection: tuple[str, ...],
        find: FindFunction,
    ) -> None:
        self._entry = entry
        self._own = entry.section(version) if version else entry
        self._parameters = {each.name: each for each in parameters}
        self._connection = connection
        self._find = find

    @property
    def exists(self) -> bool:
        """Whether the operation is there at all in this version: it has a path."""
        return "path" in self._own.values or "path" in self._entry.values

    def read(self) -> Variant | None:
        if self._own is not self._entry:
            self._own.known(*VARIANT_KEYS)
        if not self._of("method").required("method") or not self._of("path").required("path"):
            return None
        paging = self._paging()
        variant = Variant(
            method=self._of("method").choice("method", METHODS, "GET"),
            path=self._of("path").text("path"),
            query=self._of("query").section("query").values,
            body=self._of("body").values.get("body", ABSENT),
            body_from=self._body_from(),
            accept=self._of("accept").text("accept", "application/json"),
            headers=self._of("headers").section("headers").values,
            body_type=cast(BodyType, self._of("body_type").choice("body_type", BODY_TYPES, "json")),
            content_type=self._of("content_type").text("content_type"),
            anonymous=self._of("auth").choice("auth", ("connection", "none"), "connection") == "none",
            required=self._required(),
            defaults=dict(self._defaults()),
            paging=paging,
            results=dict(self._results()),
        )
        self._check_path(variant)
        self._check_query(variant)
        self._check_names(variant)
        self._check_body(variant)
        return variant

    def _of(self, key: str) -> Section:
        """The section that says ``key``: the version's own, else the operation's."""
        return self._own if key in self._own.values else self._entry

    # ---------------------------------------------------------------- values

    def _body_from(self) -> Callable[..., Any] | None:
        section = self._of("body_from")
        name = section.text("body_from")
        return self._function(section, name, "body_from") if name else None

    def _function(self, section: Section, name: str, *keys: str) -> Callable[..., Any] | None:
        try:
            return self._find(name)
        except LookupError as error:
            section.error("unknown-function", str(error.args[0]), *keys)
            return None

    def _required(self) -> tuple[str, ...]:
        section = self._of("required")
        names = section.texts("required")
        for index, name in enumerate(names):
            if name not in self._parameters:
                hint = did_you_mean(name, self._parameters)
                section.error("unknown-parameter", f"There is no parameter '{name}'.", "required", index, hint=hint)
        return names

    def _defaults(self) -> Iterator[tuple[str, Any]]:
        defaults = self._of("defaults").section("defaults")
        for name, value in defaults.values.items():
            parameter = self._parameters.get(name)
            if parameter is None:
                hint = did_you_mean(name, self._parameters)
                defaults.error("unknown-parameter", f"There is no parameter '{name}'.", name, hint=hint)
            elif parameter.type == "time" and is_relative_time(value):
                yield name, value
            else:
                try:
                    yield name, parameter.converter()(json.text_of(value))
                except BrokenRule as broken:
                    defaults.error("bad-value", f"The default must be {broken.rule}.", name, hint=broken.hint)

    def _paging(self) -> Paging | None:
        outer = self._of("paging")
        if "paging" not in outer.values:
            return None
        section = outer.section("paging")
        section.known(*PAGING_KEYS)
        style = cast(Style, section.choice("style", STYLES, "page"))
        if style == "cursor":
            section.required("next")
        return Paging(
            style=style,
            position=section.text("position", "page"),
            size=section.text("size"),
            largest=section.count("largest", 100),
            first=section.count("first", 0),
            items=section.answer_path("items"),
            pages=section.answer_path("pages"),
            total=section.answer_path("total"),
            next=section.answer_path("next"),
        )

    def _results(self) -> Iterator[tuple[str, Reshape]]:
        results = self._of("results").section("results")
        for name in results.values:
            function = self._function(results, results.text(name), name)
            if function is not None:
                yield name, function

    # ---------------------------------------------------------------- checks

    def _check_path(self, variant: Variant) -> None:
        path = variant.path
        if not path.startswith("/") or "?" in path or "#" in path or not path.isprintable() or " " in path:
            message = "A path begins with '/' and has no query; that belongs into 'query'."
            self._of("path").error("bad-value", message, "path")
        for name in placeholders(path):
            parameter = self._parameters.get(name)
            optional = parameter is not None and not parameter.required and parameter.default is None
            if optional and name not in variant.required and name not in variant.defaults:
                message = f"'{name}' is part of the path and must be required."
                self._of("path").error("optional-in-path", message, "path")

    def _check_query(self, variant: Variant) -> None:
        section = self._of("query").section("query")
        for name, shape in variant.query.items():
            if not isinstance(shape, dict):
                continue
            member = section.section(name)
            if not is_styled(shape):
                message = "A mapping in a query says how a value is written: {value: …, style: …, explode: …}."
                section.error("bad-value", message, name)
            member.known(*STYLE_KEYS)
            member.choice("style", QUERY_STYLES, "form")
            member.flag("explode")

    def _check_names(self, variant: Variant) -> None:
        """Every placeholder has a parameter."""
        paged = variant.paging.parameters if variant.paging is not None else ()
        known = {*self._parameters, *self._connection, *paged}
        shapes = {"path": variant.path, "query": variant.query, "headers": variant.headers, "body": variant.body}
        for key, shape in shapes.items():
            for name in placeholders(shape):
                if name not in known:
                    message = f"'{{{name}}}' is no parameter and nothing that 'connection' lists."
                    self._of(key).error("unknown-parameter", message, key, hint=did_you_mean(name, known))

    def _check_body(self, variant: Variant) -> None:
        given = [key for key in ("body", "body_from") if key in self._of(key).values]
        if len(given) == 2:
            self._of("body_from").error("bad-value", "'body' and 'body_from' exclude each other.", "body_from")
        if variant.method == "GET" and given:
            self._of(given[0]).error("bad-value", "A GET has no body.", given[0])
        if variant.body_type == "multipart" and variant.body is not ABSENT and not isinstance(variant.body, dict):
            self._of("body").error("bad-value", "A multipart body is a mapping of fields and files.", "body")
        if variant.body_type == "multipart" and variant.content_type:
            message = "A multipart body has a Content-Type of its own."
            self._of("content_type").error("bad-value", message, "content_type")
        takes_bytes = variant.body_type in ("bytes", "multipart")
        shapes = (variant.path, variant.query, variant.headers, None if takes_bytes else variant.body)
        for name in {name for shape in shapes for name in placeholders(shape)}:
            if name in self._parameters and self._parameters[name].type == "base64":
                message = "A parameter of the type base64 goes into a body of the type bytes or multipart."
                self._entry.error("bad-value", message, "parameters", name)
