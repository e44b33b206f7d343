"""How hypothesis looks for counterexamples."""

from __future__ import annotations

from hypothesis import settings

# What passed once passes again: a change is judged by what it changed. `pytest --hypothesis-profile=search` looks for
# what nobody has found yet, with other examples each time.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=2_000, deadline=None)
settings.load_profile("repeatable")
