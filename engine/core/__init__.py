"""Mediator, sequence loop, faults, the protocols of the environment."""
