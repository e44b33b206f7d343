"""The parameters of one call of a template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class Parameters(dict[str, Any]):
    """Name -> value. Those in ``lazy`` hold an expression that is evaluated at each read (Synapse trap 7).

    ``computed`` are those that an expression gave: not the flow's author but a message may have written them.
    """

    __slots__ = ("computed", "lazy")

    def __init__(
        self, values: Mapping[str, Any] | None = None, lazy: Iterable[str] = (), computed: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(values or {})
        self.lazy = frozenset(lazy)
        self.computed = computed

    def read(self, name: str, message: Any) -> Any:
        """The value for ``message``, a MessageContext; None when there is no such parameter."""
        if name in self.lazy:
            return self[name].evaluate(message)
        return self.get(name)
