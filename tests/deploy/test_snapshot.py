from __future__ import annotations

import pytest

from engine.core.http import HttpResponse
from engine.errors import Fault, TransportError
from engine.testing.harness import Harness, StubClient

ARTIFACTS = """
<sequence name="s"><drop/></sequence>
<template name="t"><sequence><drop/></sequence></template>
<endpoint name="e"><address uri="http://b/"/></endpoint>
<localEntry key="k">text</localEntry>
<proxy name="p"/>
"""


def test_artifacts_by_kind_and_name() -> None:
    snapshot = Harness('<sequence name="b"/><proxy name="x"/><sequence name="a"/>').snapshot
    assert [(artifact.kind, artifact.name) for artifact in snapshot.artifacts()] == [
        ("proxy", "x"),
        ("sequence", "a"),
        ("sequence", "b"),
    ]


@pytest.mark.parametrize(("kind", "name"), [("sequence", "s"), ("endpoint", "s"), ("template", "t"), ("endpoint", "e")])
def test_names_are_those_of_a_kind(kind: str, name: str) -> None:
    snapshot = Harness(ARTIFACTS + '<endpoint name="s"><default/></endpoint>').snapshot
    assert getattr(snapshot, kind)(name) is snapshot.loaded[kind, name].artifact


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("sequence", "sequ", "there is no sequence 'sequ'."),
        ("sequence", "ss", "there is no sequence 'ss'. Did you mean 's'?"),
        ("template", "s", "there is no template 's'."),
        ("endpoint", "ee", "there is no endpoint 'ee'. Did you mean 'e'?"),
    ],
)
def test_name_that_does_not_exist(kind: str, name: str, message: str) -> None:
    snapshot = Harness(ARTIFACTS).snapshot
    with pytest.raises(Fault) as raised:
        getattr(snapshot, kind)(name)
    assert raised.value.message == message


def test_entries() -> None:
    harness = Harness(ARTIFACTS)
    harness.services.registry.put("conf:/a.txt", "é".encode())
    harness.services.registry.put("gov:/b.txt", b"\xff")
    harness.services.registry.put("conf:/k", b"resource")
    entry = harness.snapshot.entry
    assert [entry(key) for key in ("k", "conf:/a.txt", "conf:/k")] == ["text", "é", "resource"]
    assert [entry(key) for key in ("s", "conf:/none", "none", "")] == [None] * 4


def test_fault_sequence() -> None:
    assert Harness().snapshot.fault_sequence is None
    snapshot = Harness('<sequence name="fault"/>').snapshot
    assert snapshot.fault_sequence is snapshot.sequence("fault")


async def test_default_endpoint_sends_to_the_address_of_the_message() -> None:
    client = StubClient()
    harness = Harness(http=client)
    message = harness.message(b"{}")
    message.to = "http://b/x"
    await harness.snapshot.default_endpoint.send(message)
    assert [request.url for request in client.requests] == ["http://b/x"]


@pytest.mark.parametrize(
    ("path", "query", "served"),
    [
        ("/services/p", "", ("proxy 'p'", "")),
        ("/services/p", "a=1", ("proxy 'p'", "?a=1")),
        ("/services/p/x//y/", "a=%20", ("proxy 'p'", "/x//y/?a=%20")),
        ("/services/%70/x", "", ("proxy 'p'", "/x")),
        ("/services/gr%C3%B6%C3%9Fe", "", ("proxy 'größe'", "")),
        ("/services/P", "", None),
        ("/services/stopped", "", None),
        ("/services/", "", None),
        ("/", "", None),
        ("", "", None),
        ("/services/%ff", "", None),
    ],
)
def test_route(path: str, query: str, served: tuple[str, str] | None) -> None:
    snapshot = Harness('<proxy name="p"/><proxy name="größe"/><proxy name="stopped" startOnLoad="false"/>').snapshot
    route = snapshot.route("POST", path, query)
    assert (None if route is None else (route.flow.label, route.postfix)) == served


def test_main_takes_what_no_proxy_takes() -> None:
    snapshot = Harness('<proxy name="p"/><sequence name="main"/>').snapshot
    labels = {path: route.flow.label for path in ("/services/p", "/x") if (route := snapshot.route("GET", path, ""))}
    assert labels == {"/services/p": "proxy 'p'", "/x": "sequence 'main'"}


def test_flow_is_built_once() -> None:
    snapshot = Harness('<proxy name="p"/>').snapshot
    first, second = (snapshot.route("GET", "/services/p", query) for query in ("", "a"))
    assert first is not None
    assert second is not None
    assert first.flow is second.flow


async def test_an_address_that_fails_keeps_nothing_from_the_others() -> None:
    """The endpoint of messages without one stands for all addresses, and is never suspended."""

    def refused(request: object) -> HttpResponse:
        raise TransportError("refused", code=101503)

    harness = Harness(http=StubClient(refused))
    for _ in range(2):
        message = harness.message(b"{}")
        message.to = "http://b/"
        with pytest.raises(TransportError) as caught:
            await harness.snapshot.default_endpoint.send(message)
        assert caught.value.code == 101503
