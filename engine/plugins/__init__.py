"""Connectors become Specs in the catalogue."""
