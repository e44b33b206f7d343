"""Synapse's own mediators by the names of their Java classes, for ``<class name="org.apache.synapse.…"/>``."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Literal

from engine.core.java_class import JavaClass, java_class
from engine.core.mediator import Mediator
from engine.errors import Fault, Where
from engine.expressions.text_template import parse_text
from engine.mediators.drop import Drop
from engine.mediators.log import Log
from engine.mediators.loopback import Loopback
from engine.mediators.respond import Respond
from engine.mediators.send import Send
from engine.message.context import MessageContext

_PACKAGE = "org.apache.synapse.mediators.builtin"
_LEVELS: tuple[Literal["custom", "simple", "headers", "full"], ...] = ("custom", "simple", "headers", "full")
_TEMPLATE = 4
_CATEGORIES: tuple[Literal["INFO", "DEBUG", "TRACE", "WARN", "ERROR", "FATAL"], ...] = (
    "INFO",
    "DEBUG",
    "TRACE",
    "WARN",
    "ERROR",
    "FATAL",
)


@java_class(f"{_PACKAGE}.LogMediator")
class LogClass(JavaClass):
    """``<log>``. Levels and categories are the numbers of the Java class; a category out of range is INFO."""

    log_level: int = 1
    """0 custom, 1 simple, 2 headers, 3 full, 4 the template."""
    category: int = 0
    """0 INFO, 1 DEBUG, 2 TRACE, 3 WARN, 4 ERROR, 5 FATAL."""
    separator: str = ", "
    message_template: str = ""

    def mediate(self, message: MessageContext) -> Awaitable[bool]:
        if not 0 <= self.log_level <= _TEMPLATE:
            raise Fault(f"LogMediator has no level {self.log_level}: 0 custom, 1 simple, 2 headers, 3 full, 4 template")
        step = Log.spec.construct(
            where=Where(_PACKAGE),
            level=_LEVELS[self.log_level % _TEMPLATE],
            category=_CATEGORIES[self.category] if 0 <= self.category < len(_CATEGORIES) else "INFO",
            separator=self.separator,
            text=parse_text(self.message_template, {}) if self.message_template else None,
        )
        assert isinstance(step, Log)
        return step.mediate(message)


def _register(name: str, mediator: type[Mediator]) -> None:
    made = mediator.spec.construct(where=Where(_PACKAGE))
    assert isinstance(made, Mediator)
    step: Mediator = made

    class Step(JavaClass):
        """A mediator without properties."""

        def mediate(self, message: MessageContext) -> Awaitable[bool]:
            return step.mediate(message)

    java_class(f"{_PACKAGE}.{name}")(Step)


_register("DropMediator", Drop)
_register("LoopBackMediator", Loopback)
_register("RespondMediator", Respond)
_register("SendMediator", Send)
