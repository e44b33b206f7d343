"""One file = one kind of endpoint."""
