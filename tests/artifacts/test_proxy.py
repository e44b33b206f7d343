from __future__ import annotations

import pytest

from engine.artifacts.proxy import _seconds
from engine.testing.harness import Harness, LoadError

ENDPOINT = '<endpoint><address uri="http://b/"/></endpoint>'


@pytest.mark.parametrize(
    ("path", "query", "postfix"),
    [
        ("/services/p", "", ""),
        ("/services/p", "a=1", "?a=1"),
        ("/services/p/", "", "/"),
        ("/services/p/x/y", "a=%20", "/x/y?a=%20"),
        ("/services/%70/a%2Fb", "", "/a%2Fb"),
        ("/services/pp", "", None),
        ("/services", "", None),
        ("/p", "", None),
        ("/other/services/p", "", None),
    ],
)
def test_path(path: str, query: str, postfix: str | None) -> None:
    route = Harness('<proxy name="p"/>').snapshot.route("GET", path, query)
    assert (route.postfix if route else None) == postfix


def test_main_serves_the_rest() -> None:
    snapshot = Harness('<proxy name="p"/><sequence name="main"/>').snapshot
    route = snapshot.route("GET", "/x/y", "a=1")
    assert route is not None
    assert (route.flow.label, route.postfix) == ("sequence 'main'", "/x/y?a=1")
    served = snapshot.route("GET", "/services/p", "")
    assert served is not None
    assert served.flow.label == "proxy 'p'"


def test_proxy_that_does_not_start_is_not_served() -> None:
    snapshot = Harness('<proxy name="p" startOnLoad="false"/>').snapshot
    assert snapshot.route("GET", "/services/p", "") is None
    assert [artifact.address for artifact in snapshot.artifacts()] == [None]


@pytest.mark.parametrize("name", ["a/b", "a b", "a?b", "a#b", "a%2Fb", "a\\b", "a&#9;b"])
def test_name_that_cannot_be_in_a_path(name: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(f'<proxy name="{name}"/>')
    assert [problem.code for problem in raised.value.problems] == ["bad-name"]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ('<target inSequence="s"><inSequence/></target>', "one-of"),
        (f'<target endpoint="e">{ENDPOINT}</target>', "one-of"),
        ('<target outSequence="nowhere"/>', "unknown-sequence"),
        ('<target endpoint="nowhere"/>', "unknown-endpoint"),
        (f"<target>{ENDPOINT}{ENDPOINT}</target>", "one-of"),
    ],
)
def test_mistakes_are_found_at_load(target: str, code: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(f'<sequence name="s"/><endpoint name="e"><default/></endpoint><proxy name="p">{target}</proxy>')
    assert [problem.code for problem in raised.value.problems] == [code]


@pytest.mark.parametrize(
    ("attributes", "served"),
    [
        ("", True),
        ('transports="http"', True),
        ('transports="https http local"', True),
        ('transports="https"', True),
        ('transports="jms"', False),
        ('transports="vfs,mailto"', False),
        ('pinnedServers="localhost"', True),
        ('pinnedServers="elsewhere.example, third"', False),
        ('pinnedServers="elsewhere.example mine"', True),
    ],
)
def test_transports_and_pinned_servers(attributes: str, served: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYELIN_SERVER_NAME", "mine")
    [artifact] = Harness(f'<proxy name="p" {attributes}/>').snapshot.artifacts()
    assert (artifact.address is not None) is served


@pytest.mark.parametrize("tag", ["enableSec", "enableRM"])
def test_security_that_is_not_there_is_an_error(tag: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(f'<proxy name="p"><{tag}/></proxy>')
    assert [problem.code for problem in raised.value.problems] == ["unsupported"]


FOLDER = '<parameter name="transport.vfs.FileURI">file:///none/in</parameter>'


@pytest.mark.parametrize(
    ("parameters", "remarks"),
    [
        (FOLDER, []),
        (FOLDER + '<parameter name="transport.PollInterval">250ms</parameter>', []),
        (
            FOLDER + '<parameter name="transport.PollInterval">soon</parameter>',
            ["it takes no files: the parameter 'transport.PollInterval' is 'soon', which is no whole number."],
        ),
        ("", ["it takes no files: the parameter 'transport.vfs.FileURI' is missing."]),
        (
            FOLDER.replace("file:", "sftp:"),
            ["it takes no files: the file system 'sftp' is not for this engine, which has local folders."],
        ),
    ],
)
def test_a_proxy_with_the_transport_vfs(parameters: str, remarks: list[str]) -> None:
    [artifact] = Harness(f'<proxy name="p" transports="vfs">{parameters}</proxy>').snapshot.artifacts()
    assert [message for message, _ in artifact.remarks()] == remarks


@pytest.mark.parametrize(("text", "seconds"), [("", 300), ("5", 5), ("250ms", 0.25), ("0", 0.001)])
def test_intervals(text: str, seconds: float) -> None:
    assert _seconds(text) == seconds


@pytest.mark.parametrize("path", ["/services/p", "/services/p/x?y=1", "/services/p.pHttpSoap11Endpoint"])
async def test_messages_know_the_name_of_the_proxy(path: str) -> None:
    format_ = '<format>$1</format><args><arg expression="$ctx:proxy.name"/></args>'
    steps = f'<payloadFactory media-type="text">{format_}</payloadFactory><respond/>'
    harness = Harness(f'<proxy name="p"><target><inSequence>{steps}</inSequence></target></proxy>')
    assert (await harness.request("POST", path, b"{}")).body == b"p"
