"""Functions that expressions may call, one family per file."""
