"""Top-level artifacts: what a file in the flows folder defines."""

from __future__ import annotations

from typing import ClassVar

from engine.core.env import Conversation
from engine.declare.convert import Unacceptable
from engine.declare.spec import Node
from engine.errors import with_article


class Artifact(Node):
    """Something with a name that others refer to or clients call. ``kind`` is the word the linker and ``check`` use."""

    kind: ClassVar[str]
    name: str

    enabled: ClassVar[bool] = True
    """Whether the names it uses must exist."""

    @property
    def identity(self) -> str:
        """The name that no other artifact of its kind has."""
        return self.name

    @property
    def address(self) -> str | None:
        """The path under which clients call it; None for artifacts that only others use."""
        return None


class Served(Artifact):
    """An artifact that clients call."""

    def flow(self) -> Conversation:
        """The conversation that requests go through."""
        raise NotImplementedError

    @property
    def message_properties(self) -> dict[str, str]:
        """Properties that its messages begin with."""
        return {}


def require_name(kind: str, name: str | None) -> None:
    """Raises Unacceptable for a name that is missing."""
    if not name:
        raise Unacceptable(f"{with_article(kind)} needs a name.", code="missing-attribute", hint='Add name="…".')


def check_name(kind: str, name: str | None) -> None:
    """Raises Unacceptable for a name that is missing, or could not be part of a URL path."""
    require_name(kind, name)
    assert name is not None  # required above
    wrong = next((char for char in name if char in "/\\?#%" or char.isspace() or ord(char) < 32), None)
    if wrong is not None:
        raise Unacceptable(f"'{wrong}' cannot be part of a name, as in '{name}'.", code="bad-name")
