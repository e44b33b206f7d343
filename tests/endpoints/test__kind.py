from __future__ import annotations

from engine.endpoints._kind import Place
from engine.endpoints.default import Default
from engine.errors import Where


def test_a_kind_knows_the_endpoint_around_it() -> None:
    kind = Default.spec.construct(where=Where("a.xml"))
    assert isinstance(kind, Default)
    kind.attach(Place("orders", {"loadbalance.weight": "2"}))
    assert (kind.place.name, kind.place.properties, kind.state) == ("orders", {"loadbalance.weight": "2"}, "ACTIVE")
