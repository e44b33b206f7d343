"""Functions that expressions may call, one family per file."""

from engine.expressions.functions import (
    crypto,
    encoding,
    keystore,
    properties,
    secrets,
    strings,
    synapse_dates,
    synapse_numbers,
    synapse_text,
    synapse_types,
)
from engine.expressions.functions.registry import FUNCTIONS, SYNAPSE_FUNCTIONS, Function

__all__ = [
    "FUNCTIONS",
    "SYNAPSE_FUNCTIONS",
    "Function",
    "crypto",
    "encoding",
    "keystore",
    "properties",
    "secrets",
    "strings",
    "synapse_dates",
    "synapse_numbers",
    "synapse_text",
    "synapse_types",
]
