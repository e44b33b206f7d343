"""One file = one kind of top-level artifact."""
