"""<registry>"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from engine.core.artifact import Artifact
from engine.declare.fields import attr, children, element
from engine.declare.spec import Node


@element("parameter", open_content=True)
class RegistryParameter(Node):
    """A setting of the provider."""

    name: str = attr("Name of the setting.")


@element("registry", kind="artifact", category="artifact", open_content=True)
class Registry(Artifact):
    """Say which registry the reference uses. Here it is always the folder that ``--registry`` or the setting names.

    ``conf:/x`` is the file ``config/x`` in it, ``gov:/x`` is ``governance/x``, and a key without a prefix, ``a/x``, is
    ``local/a/x``: that is where the files below the ``root`` of a SimpleURLRegistry go. A resource that changes is seen
    at its next use, so ``cachableDuration`` means nothing.

    Example::

        <registry provider="org.wso2.micro.integrator.registry.MicroIntegratorRegistry">
          <parameter name="cachableDuration">15000</parameter>
        </registry>
    """

    kind: ClassVar[str] = "registry"

    provider: str = attr("Java class of the registry.", default="")
    parameters: tuple[RegistryParameter, ...] = children("Settings of the provider.", tag="parameter")

    def __post_init__(self) -> None:
        self.name = "registry"

    def remarks(self) -> Iterable[tuple[str, str]]:
        yield (
            "the registry is the folder that --registry names, whatever the provider.",
            "Put its resources there: conf:/x into config/x, gov:/x into governance/x, others into local/.",
        )
