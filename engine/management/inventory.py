"""What is deployed, in the shapes of WSO2's management API, which its tools read.

Tracing and statistics of single artifacts are not there: ``disabled``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from engine.artifacts.api import Api
from engine.artifacts.inbound_endpoint import InboundEndpoint
from engine.artifacts.local_entry import LocalEntry, RegistryKey
from engine.artifacts.message_processor import MessageProcessor
from engine.artifacts.message_store import MessageStore
from engine.artifacts.proxy import Proxy
from engine.artifacts.sequence import Sequence
from engine.artifacts.task import Task
from engine.artifacts.template import Template
from engine.core.artifact import Artifact
from engine.deploy.snapshot import Snapshot
from engine.endpoints.endpoint import Endpoint
from engine.errors import Fault, Problem, Where
from engine.source import Element, Source, SourceError

Shape = dict[str, Any]

_ASPECTS = {"tracing": "disabled", "stats": "disabled"}


@dataclass(frozen=True, slots=True)
class Site:
    """Where the artifacts run. ``url`` is where flows answer."""

    snapshot: Snapshot
    url: str


@dataclass(frozen=True, slots=True)
class Resource:
    """One path of the API: the ``kind`` of artifact, the query ``parameter`` that names one, and how it is shown.

    ``shown`` gives what a list has of an artifact, and what its details have besides.
    """

    kind: str
    parameter: str
    shown: Callable[[Any, Site], Awaitable[tuple[Shape, Shape]]]


async def listed(resource: Resource, site: Site, search: str) -> list[Shape]:
    """The artifacts whose names have ``search`` in them, in any case."""
    return [
        (await resource.shown(each, site))[0]
        for each in site.snapshot.artifacts()
        if each.kind == resource.kind and search.lower() in each.identity.lower()
    ]


async def details(resource: Resource, site: Site, name: str) -> Shape | None:
    """All about one of them; None when it is not there."""
    here = site.snapshot.loaded.get((resource.kind, name))
    if here is None:
        return None
    shape, more = await resource.shown(here.artifact, site)
    return shape | more | {"configuration": await asyncio.to_thread(_configuration, here.artifact)}


# ---------------------------------------------------------------- each kind


async def _api(api: Api, site: Site) -> tuple[Shape, Shape]:
    url = site.url + (api.address or "")
    resources = [{"methods": list(each.methods), "url": each.pattern or "N/A"} for each in api.resources]
    more = {
        "context": api.context or "/",
        "host": api.hostname,
        "port": -1 if api.port is None else api.port,
        "version": api.version or "N/A",
        "stats": _ASPECTS["stats"],
        "resources": resources,
    }
    return {"name": api.identity, "url": url, "urlList": [url], "tracing": _ASPECTS["tracing"]}, more


async def _proxy(proxy: Proxy, site: Site) -> tuple[Shape, Shape]:
    url = f"{site.url}/services/{proxy.name}"
    shape = {"name": proxy.name, "wsdl1_1": f"{url}?wsdl", "wsdl2_0": f"{url}?wsdl2"}
    return shape, _ASPECTS | {"eprs": [url] if proxy.address else [], "isRunning": proxy.runs}


async def _endpoint(endpoint: Endpoint, site: Site) -> tuple[Shape, Shape]:
    kind = endpoint.type.spec.tag if endpoint.type is not None else "template" if endpoint.template else "indirect"
    return {"name": endpoint.name, "type": kind, "isActive": endpoint.state == "ACTIVE"}, dict(_ASPECTS)


async def _sequence(sequence: Sequence, site: Site) -> tuple[Shape, Shape]:
    mediators = [each.spec.tag for each in sequence.steps]
    return {"name": sequence.name, "container": sequence.where.file, **_ASPECTS}, {"mediators": mediators}


async def _inbound(inbound: InboundEndpoint, site: Site) -> tuple[Shape, Shape]:
    parameters = inbound.parameters.items if inbound.parameters is not None else ()
    shape = {
        "name": inbound.name,
        "protocol": inbound.protocol or inbound.class_,
        "status": "inactive" if inbound.suspend else "active",
    }
    more = {
        "sequence": inbound.sequence,
        "error": inbound.on_error,
        "parameters": [{"name": each.name, "value": each.value} for each in parameters],
    }
    return shape, _ASPECTS | more


async def _task(task: Task, site: Site) -> tuple[Shape, Shape]:
    trigger = task.trigger
    more = {
        "taskGroup": task.group,
        "implementation": task.class_,
        "triggerType": "cron" if trigger is not None and trigger.cron else "simple",
        "triggerCount": str(trigger.count) if trigger is not None and trigger.count is not None else "-1",
        "triggerInterval": f"{trigger.interval:g}" if trigger is not None and trigger.interval is not None else "",
        "triggerCron": trigger.cron if trigger is not None else None,
    }
    return {"name": task.name}, more


async def _template(template: Template, site: Site) -> tuple[Shape, Shape]:
    parameters: list[Any] = [
        {"name": each.name, "mandatory": each.mandatory, "defaultValue": each.default or ""}
        for each in template.parameters
    ]
    if _type_of(template) == "endpoint":
        parameters = [each["name"] for each in parameters]
    return {"name": template.name}, {"type": _type_of(template), "Parameters": parameters, "tracing": "disabled"}


async def _store(store: MessageStore, site: Site) -> tuple[Shape, Shape]:
    type_ = "jdbc-message-store" if store.class_.endswith("JDBCMessageStore") else "in-memory-message-store"
    size = await store.queue(site.snapshot).size()
    return {"name": store.name, "type": type_, "size": size}, {"file": store.where.file}


async def _processor(processor: MessageProcessor, site: Site) -> tuple[Shape, Shape]:
    samples = processor.class_.endswith("SamplingProcessor")
    parameters = {each.name: each.value for each in processor.parameters}
    shape = {
        "name": processor.name,
        "type": "Sampling-processor" if samples else "Scheduled-message-forwarding-processor",
        "status": "inactive" if parameters.get("is.active", "").lower() == "false" else "active",
    }
    return shape, {"messageStore": processor.store, "parameters": parameters, "fileName": processor.where.file}


async def _entry(entry: LocalEntry, site: Site) -> tuple[Shape, Shape]:
    try:
        value = entry.value
    except Fault as fault:
        return {"name": entry.name, "type": "Source URL"}, {"value": fault.message}
    if isinstance(value, RegistryKey):
        return {"name": entry.name, "type": "Registry Key"}, {"value": value.key}
    is_xml = isinstance(value, etree._Element)
    text = etree.tostring(value, encoding="unicode", with_tail=False) if is_xml else value
    type_ = "Source URL" if entry.src else "Inline XML" if is_xml else "Inline Text"
    return {"name": entry.name, "type": type_}, {"value": text}


RESOURCES = {
    "apis": Resource("api", "apiName", _api),
    "proxy-services": Resource("proxy", "proxyServiceName", _proxy),
    "endpoints": Resource("endpoint", "endpointName", _endpoint),
    "sequences": Resource("sequence", "sequenceName", _sequence),
    "inbound-endpoints": Resource("inbound-endpoint", "inboundEndpointName", _inbound),
    "tasks": Resource("task", "taskName", _task),
    "message-stores": Resource("message-store", "name", _store),
    "message-processors": Resource("message-processor", "name", _processor),
    "local-entries": Resource("local-entry", "name", _entry),
}
TEMPLATES = Resource("template", "name", _template)


def templates(site: Site, search: str, type_: str) -> Shape:
    """Those that hold a sequence, and those that hold an endpoint; of one ``type_`` when that is given."""
    lists: dict[str, list[Shape]] = {"sequence": [], "endpoint": []}
    for each in site.snapshot.artifacts():
        if isinstance(each, Template) and search.lower() in each.name.lower():
            lists[_type_of(each)].append({"name": each.name})
    if type_:
        return in_list(lists.get(type_, []))
    return {"sequenceTemplateList": lists["sequence"], "endpointTemplateList": lists["endpoint"]}


def _type_of(template: Template) -> str:
    return "sequence" if template.endpoint_element is None else "endpoint"


def connectors(names: Iterable[str], search: str) -> Shape:
    """Those that flows may use. They have no packages here."""
    fixed = {"package": "", "description": "", "status": "enabled"}
    return in_list([{"name": name} | fixed for name in sorted(names) if search.lower() in name.lower()])


def applications(site: Site, problems: Iterable[Problem], search: str) -> Shape:
    """Carbon applications by what runs of them, and those that something is wrong with."""
    artifacts: dict[str, list[Shape]] = {}
    for each in site.snapshot.artifacts():
        if car := _car_of(each.where):
            artifacts.setdefault(car, []).append({"name": each.identity, "type": each.kind})
    faulty = {car for each in problems if each.severity == "error" and (car := _car_of(each.where))}
    active = [_application(car) | {"artifacts": of} for car, of in artifacts.items() if search.lower() in car.lower()]
    broken = [_application(car) for car in sorted(faulty) if search.lower() in car.lower()]
    return {
        "totalCount": len(artifacts.keys() | faulty),
        "activeCount": len(active),
        "faultyCount": len(broken),
        "activeList": active,
        "faultyList": broken,
    }


def _car_of(where: Where) -> str:
    """The file name of the application that something stands in, without its ending; empty for none."""
    path, ending, _ = where.file.partition(".car")
    return path.rpartition("/")[2] if ending else ""


def _application(car: str) -> Shape:
    """Build tools write name and version into the name of the file."""
    name, _, version = car.rpartition("_")
    return {"name": name or car, "version": version if name else ""}


def in_list(items: list[Shape]) -> Shape:
    return {"count": len(items), "list": items}


def _configuration(artifact: Artifact) -> str:
    """The XML of an artifact, as its file has it now; empty where there is no such file, or it has changed since."""
    where = artifact.where
    try:
        source = Source(where.file, Path(where.file).read_bytes())
        found = _at(source.parse(), where)
    except (OSError, SourceError):
        return ""
    return source.data[found.start : found.end].decode() if found is not None else ""


def _at(element: Element, where: Where) -> Element | None:
    if element.where == where:
        return element
    return next((found for each in element.children if (found := _at(each, where)) is not None), None)
