"""The benchmark set and its runner: ``python -m bench``."""
