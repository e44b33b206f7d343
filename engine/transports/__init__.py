"""The edges: HTTP in, HTTP out."""
