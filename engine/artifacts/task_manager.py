"""<taskManager>"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from engine.core.artifact import Artifact
from engine.declare.fields import attr, element


@element("taskManager", kind="artifact", category="artifact", open_content=True)
class TaskManager(Artifact):
    """Say which Java class the reference schedules tasks with. It means nothing here.

    Example::

        <taskManager provider="org.wso2.micro.integrator.mediation.ntask.NTaskTaskManager"/>
    """

    kind: ClassVar[str] = "task-manager"

    provider: str = attr("Java class of the task manager.", default="")

    def __post_init__(self) -> None:
        self.name = "taskManager"

    def remarks(self) -> Iterable[tuple[str, str]]:
        yield "it configures the reference's scheduler, which is not used here.", "Nothing is to be done."
