"""The pages for people, as a browser gets them."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from lxml import html

from engine.core.env import ServiceName
from engine.core.redaction import SECRETS
from engine.deploy.deployment import Deployment
from engine.endpoints._states import states_of
from engine.endpoints.suspension import SuspensionPolicy
from engine.errors import ErrorCode
from engine.management import console
from engine.management.console import PATHS, Console, address_from_here
from engine.management.last_lines import LastLines
from engine.management.metrics import Metrics
from engine.runtime.catalog import language
from engine.runtime.config import Config
from engine.runtime.services import ProcessServices
from engine.testing.harness import StubClient

FLOWS = """<definitions xmlns="http://ws.apache.org/ns/synapse">
<proxy name="orders"><target><inSequence><sequence key="audit"/><respond/></inSequence></target></proxy>
<api name="menu" context="/menu">
  <resource methods="GET" uri-template="/{id}"><inSequence><respond/></inSequence></resource>
</api>
<sequence name="audit"><log level="full"/></sequence>
<localEntry key="greeting">hello</localEntry>
</definitions>"""


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(console, "LAST_LINES", LastLines())
    Path("flows").mkdir()
    Path("flows/all.xml").write_text(FLOWS)
    deployment = Deployment(Path("flows"), language(), ProcessServices(Config(registry="registry"), StubClient()))
    deployment.deploy()
    return deployment


def page(deployment: Deployment, path: str, query: str = "") -> str:
    shown = Console(deployment).page(path, query)
    assert shown is not None
    return shown.content


def words(text: str) -> str:
    """What a reader sees of the main part, with single spaces."""
    [main] = html.fromstring(text).xpath("//main")
    for joint in main.xpath(".//wbr"):
        joint.drop_tag()
    return " ".join(" ".join(main.itertext()).split())


def test_counters(deployment: Deployment) -> None:
    metrics = Metrics()
    for failed in (False, True):
        metrics.served(ServiceName("proxy", "orders"), 0.0125, failed=failed)
    shown = Console(deployment, metrics).page("/", "")
    assert shown is not None
    rows = html.fromstring(shown.content).xpath("//tr[td/a]")
    assert [[" ".join(cell.text_content().split()) for cell in row] for row in rows] == [
        ["/menu", "api", "0", "0", "", "flows/all.xml"],
        ["/services/orders", "proxy", "2", "1", "12.5 ms", "flows/all.xml"],
    ]
    assert 'http-equiv="refresh"' in shown.content
    assert "refresh" not in page(deployment, "/")


def test_overview(deployment: Deployment) -> None:
    text = page(deployment, "/")
    assert words(text) == (
        "Services Path Flow File /menu api flows/all.xml /services/orders proxy flows/all.xml "
        "Local entry greeting Sequence audit"
    )
    assert html.fromstring(text).xpath("//main//a/@href") == [
        "/flow?kind=api&name=menu",
        "/flow?kind=proxy&name=orders",
        "/flow?kind=local-entry&name=greeting",
        "/flow?kind=sequence&name=audit",
    ]
    assert html.fromstring(text).xpath("string(//*[contains(@class, 'state')])") == "ready"


def test_a_name_that_the_path_does_not_tell_is_told(deployment: Deployment) -> None:
    Path("flows/all.xml").write_text(FLOWS.replace('context="/menu"', 'context="/food"'))
    deployment.deploy()
    assert "/food api menu flows/all.xml /services/orders proxy flows/all.xml" in words(page(deployment, "/"))


def test_overview_of_an_empty_folder(deployment: Deployment) -> None:
    Path("flows/all.xml").unlink()
    deployment.deploy()
    assert words(page(deployment, "/")).startswith("Services Nothing is served yet: put an XML file")


def test_overview_tells_problems_errors_first_and_endpoints_that_rest(deployment: Deployment) -> None:
    Path("flows/a.xml").write_text('<sequence xmlns="http://ws.apache.org/ns/synapse" name="a" nmae="b"/>')
    Path("flows/b.xml").write_text('<sequence xmlns="http://ws.apache.org/ns/synapse" name="b"><lgo/></sequence>')
    deployment.deploy()
    states_of(deployment.snapshot).of("warehouse", SuspensionPolicy()).failed(ErrorCode.CONNECTION_FAILED)
    text = page(deployment, "/")
    assert re.match(
        r"Problems error <lgo> is not a mediator\. Did you mean 'log'\? flows/b\.xml:1:60 "
        r"warning <sequence> has no attribute 'nmae'; it is ignored\. Did you mean 'name'\? flows/a\.xml:1:66 "
        r"Endpoints that rest Endpoint State Next try warehouse SUSPENDED in [0-9.]+ s Services",
        words(text),
    )
    assert html.fromstring(text).xpath("string(//*[contains(@class, 'state')])") == "faulty"


def test_what_keeps_its_last_good_version_says_so(deployment: Deployment) -> None:
    Path("flows/all.xml").write_text(FLOWS.replace("<log ", "<lgo ").replace("<respond/></inSequence></target>", ""))
    deployment.deploy()
    assert deployment.kept == deployment.snapshot.loaded.keys()  # the file is no XML
    Path("flows/all.xml").write_text(
        FLOWS.replace("<log ", "<lgo ").replace('<sequence key="audit"/><respond/>', "<no/>")
    )
    deployment.deploy()
    _, _, shown = words(page(deployment, "/")).partition("Services ")
    assert shown == (
        "Path Flow File /menu api flows/all.xml /services/orders proxy last good version flows/all.xml "
        "Local entry greeting Sequence audit last good version"
    )
    note = "This is the last good version: the file has errors now."
    assert note in page(deployment, "/flow", "kind=sequence&name=audit")
    assert note not in page(deployment, "/flow", "kind=api&name=menu")


def test_flow(deployment: Deployment) -> None:
    text = page(deployment, "/flow", "kind=proxy&name=orders")
    assert html.fromstring(text).xpath("//svg//text/text()") == ["inSequence", "sequence", "audit", "respond"]
    assert html.fromstring(text).xpath("//svg//a/@href") == ["/flow?kind=sequence&name=audit"]
    assert words(text).endswith("Uses sequence audit")
    assert words(page(deployment, "/flow", "kind=sequence&name=audit")).endswith("Used by proxy orders")
    assert "GET /{id}" in words(page(deployment, "/flow", "kind=api&name=menu"))


def test_what_is_not_drawn(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    assert words(page(deployment, "/flow", "kind=local-entry&name=greeting")) == (
        "local-entry greeting flows/all.xml:7:1 There are no steps in it to draw."
    )
    monkeypatch.setattr(console, "MOST_STEPS", 1)
    assert "It has more than 1 steps, too many to draw." in words(page(deployment, "/flow", "kind=proxy&name=orders"))


@pytest.mark.parametrize("query", ["", "kind=proxy", "kind=proxy&name=none", "kind=sequence&name=orders", "%ff=&&;"])
def test_no_such_flow(deployment: Deployment, query: str) -> None:
    assert Console(deployment).page("/flow", query) is None


def test_names_are_text(deployment: Deployment) -> None:
    name = '"&gt;&lt;script&gt;alert(1)&lt;/script&gt;'
    Path("flows/b.xml").write_text(f"<sequence xmlns='http://ws.apache.org/ns/synapse' name='{name}'><log/></sequence>")
    deployment.deploy()
    overview = page(deployment, "/")
    [address] = [each for each in html.fromstring(overview).xpath("//main//a/@href") if "script" in each]
    flow = page(deployment, "/flow", address.partition("?")[2])
    for text in (overview, flow):
        assert "<script" not in text
    assert '"><script>alert(1)</script>' in words(flow)


def test_secrets_are_masked(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SECRETS, "masked", lambda text: text.replace("greeting", "***"))
    assert "greeting" not in page(deployment, "/")


@pytest.mark.parametrize("path", sorted(PATHS - {"/flow"}))
def test_pages_load_nothing_from_elsewhere_and_run_nothing(deployment: Deployment, path: str) -> None:
    shown = Console(deployment).page(path, "")
    assert shown is not None
    headers = dict(shown.headers)
    assert headers[b"content-security-policy"].startswith(b"default-src 'none'; style-src 'self';")
    assert "://" not in shown.content.replace('xmlns="http://www.w3.org/2000/svg"', "")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:9201", "http://127.0.0.1:9201/"),
        ("https://localhost:9201", "https://localhost:9201/"),
        ("http://[::1]:9201", "http://[::1]:9201/"),
        ("http://0.0.0.0:9201", "http://127.0.0.1:9201/"),
        ("http://[::]:9201", "http://[::1]:9201/"),
        ("http://192.0.2.1:9201", ""),
        ("http://server.example:9201", ""),
        ("", ""),
    ],
)
def test_where_a_browser_finds_them(url: str, expected: str) -> None:
    assert address_from_here(url) == expected


def test_overview_tells_the_last_faults(deployment: Deployment) -> None:
    console.LAST_LINES.handle(
        logging.makeLogRecord({"name": "myelin.flow", "levelno": logging.ERROR, "msg": "no <b> answer"})
    )
    told = words(page(deployment, "/"))
    assert re.search(r"Last warnings and errors of process \d+, newest first \d\d:\d\d:\d\d no <b> answer", told)


def test_map(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    text = page(deployment, "/map")
    assert html.fromstring(text).xpath("//svg//text/text()") == ["proxy", "orders", "sequence", "audit"]
    assert html.fromstring(text).xpath("//svg//a/@href")[0] == "/flow?kind=proxy&name=orders"
    monkeypatch.setattr(console, "MOST_ON_MAP", 1)
    told = "There are more than 1 artifacts that use each other, too many to draw."
    assert words(page(deployment, "/map")) == f"Who uses whom {told}"


def test_map_of_nothing(deployment: Deployment) -> None:
    Path("flows/all.xml").unlink()
    deployment.deploy()
    assert words(page(deployment, "/map")) == "Who uses whom No artifact uses another one."
