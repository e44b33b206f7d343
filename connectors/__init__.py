"""Connectors that ship with Myelin; each folder is one connector."""
