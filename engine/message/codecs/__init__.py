"""One file = one wire format."""
