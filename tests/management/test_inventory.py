"""The shapes of the management API, for one artifact of each kind."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from engine.deploy.deployment import Deployment
from engine.management import inventory
from engine.management.inventory import RESOURCES, TEMPLATES, Resource, Site
from engine.runtime.catalog import language
from engine.runtime.config import Config
from engine.runtime.services import ProcessServices
from engine.testing.harness import StubClient

OFF = {"tracing": "disabled", "stats": "disabled"}
FLOWS = """<definitions xmlns="http://ws.apache.org/ns/synapse">
  <proxy name="Quotes"><target><inSequence><respond/></inSequence></target></proxy>
  <api name="orders" context="/orders" version="1" version-type="url">
    <resource methods="GET POST" uri-template="/{id}"><inSequence><respond/></inSequence></resource>
    <resource methods="GET"><inSequence><drop/></inSequence></resource>
  </api>
  <endpoint name="stock"><http method="get" uri-template="http://127.0.0.1:9/stock"/></endpoint>
  <endpoint name="same" key="stock"/>
  <sequence name="audit"><log level="full"/><drop/></sequence>
  <template name="greet">
    <parameter name="who" isMandatory="true"/><parameter name="how" defaultValue="kindly"/>
    <sequence><drop/></sequence>
  </template>
  <template name="host"><parameter name="port"/><endpoint><address uri="$port"/></endpoint></template>
  <task name="tick" class="org.apache.synapse.startup.tasks.MessageInjector" group="g">
    <trigger interval="5" count="2"/>
    <property xmlns:task="http://www.wso2.org/products/wso2commons/tasks" name="injectTo" value="sequence"/>
    <property name="sequenceName" value="audit"/><property name="message"><m/></property>
  </task>
  <messageStore name="kept"/>
  <messageProcessor class="org.apache.synapse.message.processor.impl.sampler.SamplingProcessor" name="taken"
      messageStore="kept"><parameter name="sequence">audit</parameter><parameter name="is.active">false</parameter>
  </messageProcessor>
  <localEntry key="text">hello</localEntry>
  <localEntry key="xml"><a xmlns="urn:a"><b/></a></localEntry>
  <inboundEndpoint name="in" protocol="http" sequence="audit" onError="audit" suspend="true">
    <parameters><parameter name="inbound.http.port">8999</parameter></parameters>
  </inboundEndpoint>
</definitions>
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "all.xml").write_text(FLOWS)
    config = Config(registry=str(tmp_path / "registry"), message_stores=str(tmp_path / "stores"))
    deployment = Deployment(folder, language(), ProcessServices(config, StubClient()))
    deployment.deploy()
    assert [str(each) for each in deployment.errors] == []
    return Site(deployment.snapshot, "http://here:8290")


SHOWN: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    (
        "apis",
        "orders:v1",
        {"url": "http://here:8290/orders/1", "urlList": ["http://here:8290/orders/1"], "tracing": "disabled"},
        {
            "context": "/orders",
            "host": "",
            "port": -1,
            "version": "1",
            "stats": "disabled",
            "resources": [{"methods": ["GET", "POST"], "url": "/{id}"}, {"methods": ["GET"], "url": "N/A"}],
        },
    ),
    (
        "proxy-services",
        "Quotes",
        {
            "wsdl1_1": "http://here:8290/services/Quotes?wsdl",
            "wsdl2_0": "http://here:8290/services/Quotes?wsdl2",
        },
        OFF | {"eprs": ["http://here:8290/services/Quotes"], "isRunning": True},
    ),
    ("endpoints", "stock", {"type": "http", "isActive": True}, OFF),
    ("endpoints", "same", {"type": "indirect", "isActive": True}, OFF),
    ("tasks", "tick", {}, {
        "taskGroup": "g",
        "implementation": "org.apache.synapse.startup.tasks.MessageInjector",
        "triggerType": "simple",
        "triggerCount": "2",
        "triggerInterval": "5",
        "triggerCron": None,
    }),
    (
        "inbound-endpoints",
        "in",
        {"protocol": "http", "status": "inactive"},
        OFF
        | {
            "sequence": "audit",
            "error": "audit",
            "parameters": [{"name": "inbound.http.port", "value": "8999"}],
        },
    ),
    ("local-entries", "text", {"type": "Inline Text"}, {"value": "hello"}),
    ("local-entries", "xml", {"type": "Inline XML"}, {"value": '<a xmlns="urn:a"><b/></a>'}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "name", "shape", "more"), SHOWN)
async def test_an_artifact_in_its_list_and_alone(
    site: Site, path: str, name: str, shape: dict[str, Any], more: dict[str, Any]
) -> None:
    resource = RESOURCES[path]
    assert await inventory.listed(resource, site, name.upper()) == [{"name": name} | shape]
    alone = await inventory.details(resource, site, name)
    assert alone is not None
    configuration = alone.pop("configuration")
    assert alone == {"name": name} | shape | more
    assert configuration in FLOWS
    assert name.partition(":")[0] in configuration.partition(">")[0]


async def one(resource: Resource, site: Site, name: str) -> dict[str, Any]:
    found = await inventory.details(resource, site, name)
    assert found is not None
    del found["configuration"]
    return found


async def test_those_that_name_their_file(site: Site) -> None:
    file = site.snapshot.loaded["sequence", "audit"].artifact.where.file
    assert await one(RESOURCES["sequences"], site, "audit") == {
        "name": "audit",
        "container": file,
        **OFF,
        "mediators": ["log", "drop"],
    }
    assert await one(RESOURCES["message-stores"], site, "kept") == {
        "name": "kept",
        "type": "in-memory-message-store",
        "size": 0,
        "file": file,
    }
    assert await one(RESOURCES["message-processors"], site, "taken") == {
        "name": "taken",
        "type": "Sampling-processor",
        "status": "inactive",
        "messageStore": "kept",
        "parameters": {"sequence": "audit", "is.active": "false"},
        "fileName": file,
    }


async def test_templates_are_two_lists(site: Site) -> None:
    assert inventory.templates(site, "", "") == {
        "sequenceTemplateList": [{"name": "greet"}],
        "endpointTemplateList": [{"name": "host"}],
    }
    assert inventory.templates(site, "", "endpoint") == {"count": 1, "list": [{"name": "host"}]}
    assert inventory.templates(site, "", "other") == {"count": 0, "list": []}
    assert await one(TEMPLATES, site, "greet") == {
        "name": "greet",
        "type": "sequence",
        "Parameters": [
            {"name": "who", "mandatory": True, "defaultValue": ""},
            {"name": "how", "mandatory": False, "defaultValue": "kindly"},
        ],
        "tracing": "disabled",
    }
    assert await one(TEMPLATES, site, "host") == {
        "name": "host",
        "type": "endpoint",
        "Parameters": ["port"],
        "tracing": "disabled",
    }


def test_connectors_by_name() -> None:
    about = {"package": "", "description": "", "status": "enabled"}
    assert inventory.connectors(frozenset({"gotowebinar", "acme"}), "") == {
        "count": 2,
        "list": [{"name": "acme"} | about, {"name": "gotowebinar"} | about],
    }
    assert inventory.connectors(frozenset({"gotowebinar", "acme"}), "WEB")["count"] == 1


def test_applications_that_run_and_that_are_broken(tmp_path: Path) -> None:
    flow = '<proxy xmlns="http://ws.apache.org/ns/synapse" name="p"><target inSequence="fault"/></proxy>'
    with zipfile.ZipFile(tmp_path / "Orders_1.0.0.car", "w") as car:
        car.writestr(
            "artifacts.xml",
            '<artifacts><artifact name="Orders" version="1.0.0" type="carbon/application">'
            '<dependency artifact="p" version="1.0.0"/></artifact></artifacts>',
        )
        car.writestr(
            "p_1.0.0/artifact.xml",
            '<artifact name="p" version="1.0.0" type="synapse/proxy-service"><file>p.xml</file></artifact>',
        )
        car.writestr("p_1.0.0/p.xml", flow)
    (tmp_path / "broken.car").write_bytes(b"no zip")
    (tmp_path / "alone.xml").write_text(flow.replace('"p"', '"alone"'))
    deployment = Deployment(tmp_path, language(), ProcessServices(Config(registry=str(tmp_path)), StubClient()))
    deployment.deploy()
    assert inventory.applications(Site(deployment.snapshot, ""), deployment.problems, "") == {
        "totalCount": 2,
        "activeCount": 1,
        "faultyCount": 1,
        "activeList": [{"name": "Orders", "version": "1.0.0", "artifacts": [{"name": "p", "type": "proxy"}]}],
        "faultyList": [{"name": "broken", "version": ""}],
    }


async def test_what_is_not_there(site: Site) -> None:
    assert await inventory.details(RESOURCES["apis"], site, "other") is None
    assert await inventory.listed(RESOURCES["apis"], site, "other") == []


async def test_a_file_that_has_changed_gives_no_configuration(site: Site) -> None:
    with open(site.snapshot.loaded["sequence", "audit"].artifact.where.file, "w") as file:  # noqa: ASYNC230  # a test
        file.write("<broken")
    found = await inventory.details(RESOURCES["sequences"], site, "audit")
    assert found is not None
    assert found["configuration"] == ""
