"""The resources of an API, and which of them takes a request (Synapse trap 43)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.artifacts._path_template import PathTemplate, UrlMapping
from engine.core.env import ServiceName
from engine.core.flow import Flow, Part
from engine.core.http import RawHeaders
from engine.core.mediator import Mediator
from engine.declare.convert import Regex, Unacceptable
from engine.declare.fields import attr, body, element
from engine.declare.spec import Node

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Head:
    """What resources look at: ``path`` is the part below the context, with ``query`` after a question mark."""

    method: str
    path: str
    query: str
    headers: RawHeaders

    @property
    def path_and_query(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    def header(self, name: bytes) -> str | None:
        """The first value of a header, whose name is in lower case."""
        return next((value.decode("latin-1") for key, value in self.headers if key == name), None)


@element("resource")
class Resource(Node):
    """Some paths below the context of an API, and what is done with their requests."""

    methods_text: str = attr("HTTP methods, separated by spaces; all when it is absent.", name="methods", default="")
    uri_template: str = attr("Path with variables, `/orders/{id}`.", name="uri-template", default="")
    url_mapping: str = attr("Path `/a/b`, prefix `/a/*` or extension `*.jsp`.", name="url-mapping", default="")
    protocol: Literal["", "http", "https"] = attr("Only requests that came this way.", default="")
    content_type: str = attr("Only requests with exactly this Content-Type.", name="content-type", default="")
    user_agent: Regex | None = attr(
        "Only requests whose User-Agent matches this regular expression as a whole.", name="user-agent", default=None
    )
    in_key: str = attr("Sequence for requests.", name="inSequence", default="", refers="sequence")
    out_key: str = attr("Sequence for answers.", name="outSequence", default="", refers="sequence")
    fault_key: str = attr("Sequence for faults.", name="faultSequence", default="", refers="sequence")
    binds_to: str = attr("Inbound endpoints it is bound to; kept for tools.", name="binds-to", default="default")
    in_steps: tuple[Mediator, ...] | None = body("Mediators for requests.", tag="inSequence")
    out_steps: tuple[Mediator, ...] | None = body("Mediators for answers.", tag="outSequence")
    fault_steps: tuple[Mediator, ...] | None = body("Mediators for faults.", tag="faultSequence")

    def __post_init__(self) -> None:
        self.methods = tuple(self.methods_text.split())
        for method in self.methods:
            if method not in METHODS:
                raise Unacceptable(f"'{method}' is not one of {', '.join(METHODS)}.", code="bad-choice")
        self.mapping = UrlMapping(self.url_mapping) if self.url_mapping else None
        self.template = PathTemplate(self.uri_template) if self.uri_template and not self.url_mapping else None

    @property
    def pattern(self) -> str:
        """The mapping or template; empty for the default resource."""
        return self.url_mapping or self.uri_template

    @property
    def allowed(self) -> str:
        """The value of an Allow header."""
        return ", ".join(method for method in self.methods or METHODS if method != "OPTIONS")

    def accepts(self, head: Head, scheme: str) -> bool:
        """Whether method, protocol and headers fit; OPTIONS is always welcome."""
        if self.protocol and self.protocol != scheme:
            return False
        if head.method == "OPTIONS":
            return True
        if self.methods and head.method not in self.methods:
            return False
        if self.content_type and not self._has_content_type(head):
            return False
        if self.user_agent is None:
            return True
        agent = head.header(b"user-agent")
        return agent is not None and self.user_agent.fullmatch(agent) is not None

    def _has_content_type(self, head: Head) -> bool:
        content_type = head.header(b"content-type")
        return content_type == self.content_type or (content_type is None and not _has_body(head))

    def flow(self, api: str, service: ServiceName) -> Flow:
        """The conversation of its requests; an attribute wins over the element of the same name."""
        me = f"resource '{self.pattern}' of api '{api}'" if self.pattern else f"default resource of api '{api}'"
        return Flow(
            me,
            _part(f"inSequence of {me}", self.in_key, self.in_steps),
            _part(f"outSequence of {me}", self.out_key, self.out_steps),
            _part(f"faultSequence of {me}", self.fault_key, self.fault_steps),
            service=service,
        )


def _part(label: str, key: str, steps: Sequence[Mediator] | None) -> Part:
    return Part(label, key=key) if key else Part(label, steps)


def _has_body(head: Head) -> bool:
    length = head.header(b"content-length")
    return length not in (None, "0") or head.header(b"transfer-encoding") is not None


@dataclass(frozen=True, slots=True)
class Found:
    """The resource that takes a request, and the variables in its path."""

    resource: Resource
    variables: dict[str, str]


class _Candidates:
    """Some resources, sorted by how they match: made once, asked for each request."""

    __slots__ = ("_default", "_mapped", "_templates")

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._mapped = [(each.mapping, each) for each in resources if each.mapping is not None]
        self._templates = [(each.template, each) for each in resources if each.template is not None]
        self._default = next((each for each in resources if not each.pattern), None)

    def find(self, head: Head) -> Found | None:
        """By URL mapping (exact, longest prefix, extension), then by URI template, then the default resource."""
        if self._mapped and (resource := _mapped(self._mapped, head.path)) is not None:
            return Found(resource, {})
        path = head.path_and_query
        for template, resource in self._templates:
            variables = template.match(path)
            if variables is not None:
                return Found(resource, variables)
        return Found(self._default, {}) if self._default is not None else None


class Resources:
    """The resources of one API, in the order in which they are asked."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        # One that is there for OPTIONS alone goes before those that merely accept it.
        self._all = sorted(resources, key=lambda each: each.methods != ("OPTIONS",))
        self._everything = _Candidates(self._all)
        self._by_method: dict[str, _Candidates] = {}
        if not any(each.protocol or each.content_type or each.user_agent for each in self._all):
            # Nothing but the method decides who is asked.
            for method in METHODS:
                accepting = [each for each in self._all if each.accepts(Head(method, "/", "", []), "")]
                if accepting:
                    self._by_method[method] = _Candidates(accepting)

    def find(self, head: Head, scheme: str = "http") -> Found | int:
        """The resource for a request, or the status of its refusal.

        Resources are filtered by method and headers first. If some are left and none has the path it is 404, even when
        the path exists for another method; only if none is left it is 405, or 400 for headers that do not fit.
        """
        candidates = self._by_method.get(head.method)
        if candidates is None and (acceptable := [each for each in self._all if each.accepts(head, scheme)]):
            candidates = _Candidates(acceptable)
        if candidates is not None:
            return candidates.find(head) or 404
        found = self._everything.find(head)
        if found is None:
            return 404
        methods = found.resource.methods
        return 400 if not methods or head.method in methods else 405

    def allowed(self, head: Head) -> str:
        """The value of the Allow header of a 405: the methods of all resources that have the path."""
        found = [each for each in self._all if _Candidates([each]).find(head) is not None]
        return ", ".join(dict.fromkeys(method for each in found for method in each.allowed.split(", ")))


def _mapped(mapped: list[tuple[UrlMapping, Resource]], path: str) -> Resource | None:
    for mapping, resource in mapped:
        if mapping.is_exactly(path):
            return resource
    longest, resource = max(mapped, key=lambda pair: pair[0].prefix_length(path))
    if longest.prefix_length(path):
        return resource
    return next((resource for mapping, resource in mapped if mapping.has_extension(path)), None)
