"""<import>"""

from __future__ import annotations

from typing import ClassVar, Literal

from engine.core.artifact import Artifact
from engine.declare.fields import attr, element


@element("import", kind="artifact", category="artifact")
class Import(Artifact):
    """Declare that flows use a connector.

    Every connector found is ready to use; the declaration is checked, so that a connector that is missing shows up at
    load.

    Example::

        <import name="gotowebinar" package="org.wso2.carbon.connector" status="enabled"/>
    """

    kind: ClassVar[str] = "import"

    name: str = attr("Name of the connector.", refers="connector")
    package: str = attr("Java package of the connector; kept for tools.", default="")
    status: Literal["enabled", "disabled"] = attr(
        "Whether it may be used; what uses a disabled one does not run.", default="enabled"
    )

    def __post_init__(self) -> None:
        self.enabled = self.status == "enabled"  # type: ignore[misc]  # a constant of all artifacts but this one
