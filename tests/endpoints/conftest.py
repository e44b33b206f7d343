"""Endpoints without a back end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.endpoints.endpoint import Endpoint
from engine.testing.harness import Harness


@pytest.fixture
def endpoint_type() -> Callable[[str], Any]:
    """What is inside ``<endpoint>``, built from XML."""

    def build(xml: str) -> Any:
        endpoint = Harness(f'<endpoint name="e">{xml}</endpoint>').snapshot.endpoint("e")
        assert isinstance(endpoint, Endpoint)
        return endpoint.type

    return build
