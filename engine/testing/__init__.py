"""Helpers for tests of flows and components; also used by our own tests."""
