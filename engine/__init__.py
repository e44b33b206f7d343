"""Myelin: runs WSO2 / Apache Synapse XML integrations on Python. ``engine/README.md`` is the house plan."""

__version__ = "0.1.0"
