"""Functions that expressions may call, one family per file."""

from engine.expressions.functions import crypto, encoding, properties, strings
from engine.expressions.functions.registry import FUNCTIONS, Function

__all__ = ["FUNCTIONS", "Function", "crypto", "encoding", "properties", "strings"]
