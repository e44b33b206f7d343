"""The tables of routes; what APIs make of a request is in tests/artifacts/test_api.py."""

from __future__ import annotations

import pytest

from engine.deploy.routes import _bases
from engine.testing.harness import Harness


@pytest.mark.parametrize(
    ("path", "depth", "bases"),
    [
        ("/a/b/c", 2, ["/a/b", "/a", ""]),
        ("/a/b/c", 9, ["/a/b/c", "/a/b", "/a", ""]),
        ("/a", 0, [""]),
        ("/", 3, ["/", ""]),
        ("/a//b", 2, ["/a/", "/a", ""]),
    ],
)
def test_paths_above(path: str, depth: int, bases: list[str]) -> None:
    assert list(_bases(path, depth)) == bases


@pytest.mark.parametrize(
    ("path", "query", "label", "postfix"),
    [
        ("/services/p", "", "proxy 'p'", ""),
        ("/services/p", "a=1", "proxy 'p'", "?a=1"),
        ("/services/p/x%20y", "a=1", "proxy 'p'", "/x%20y?a=1"),
        ("/services/%70/x", "", "proxy 'p'", "/x"),
        ("/services/p.pHttpSoap11Endpoint", "", "proxy 'p'", ""),
        ("/services/p.pHttpsSoap12Endpoint/x", "a=1", "proxy 'p'", "/x?a=1"),
        ("/services/p.x", "", "sequence 'main'", "/services/p.x"),
        ("/services/q", "", "sequence 'main'", "/services/q"),
        ("/servicesp", "b", "sequence 'main'", "/servicesp?b"),
    ],
)
def test_proxies_and_the_rest(path: str, query: str, label: str, postfix: str) -> None:
    snapshot = Harness('<proxy name="p"/><sequence name="main"/>').snapshot
    route = snapshot.route("GET", path, query)
    assert route is not None
    assert (route.flow.label, route.postfix) == (label, postfix)  # type: ignore[attr-defined]


def test_a_thousand_apis_are_found_by_their_path() -> None:
    apis = "".join(f'<api name="a{n}" context="/c{n}/d"><resource/></api>' for n in range(1000))
    snapshot = Harness(apis).snapshot
    route = snapshot.route("GET", "/c777/d/e", "")
    assert route is not None
    assert route.properties is not None
    assert route.properties["SYNAPSE_REST_API"] == "a777"
    assert snapshot.route("GET", "/c1000/d", "") is None
