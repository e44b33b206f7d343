"""``${name}`` in the address of an endpoint (Synapse's EndpointDefinition)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_PLACEHOLDER = re.compile(r"\$\{(.*?)\}")


def filled(address: str, properties: Mapping[str, Any]) -> str:
    """The address with the property of that name in place of each ``${name}``, where there is one."""
    if "${" not in address:
        return address
    return _PLACEHOLDER.sub(lambda match: str(properties.get(match[1], match[0])), address)
