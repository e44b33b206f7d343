"""<task>"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import ClassVar

from engine.artifacts._schedule import Schedule, check_cron
from engine.core.artifact import require_name
from engine.core.background import Active, message_without_client
from engine.core.env import Conversation, Environment
from engine.core.flow import Flow, Part
from engine.declare.convert import Unacceptable
from engine.declare.fields import attr, child, children, element, inline, text
from engine.declare.spec import Node
from engine.errors import Fault
from engine.message.codecs import soap
from engine.message.payload import Payload
from engine.source import Element

log = logging.getLogger("myelin.background")

_INJECTOR = "MessageInjector"


@element("trigger")
class Trigger(Node):
    """When the task runs."""

    interval: float | None = attr("Seconds between two runs; the first is at once.", default=None)
    count: int | None = attr("How often it runs; for ever without it.", default=None)
    cron: str | None = attr("Cron text of five fields, or of Quartz's six or seven.", default=None)
    once: bool = attr("Run once, at once.", default=False)

    def __post_init__(self) -> None:
        if self.cron is not None:
            check_cron(self.cron)
        elif self.interval is None and not self.once:
            raise Unacceptable("a trigger needs one of interval, cron and once.", code="one-of")


@element("property")
class TaskProperty(Node):
    """A setting of the task's class."""

    name: str = attr("Name of the setting.")
    value: str = attr("Its value.", default="")
    content: str = text("Its value as text.", default="")
    elements: tuple[Element, ...] = inline("Its value as XML.")


@element("task", kind="artifact", category="artifact")
class Task(Active):
    """Run a sequence, a proxy or ``main`` on a message of its own, by a schedule.

    The class MessageInjector takes the properties ``injectTo`` (main, sequence, proxy), ``sequenceName`` or
    ``proxyName``, ``message`` (XML, or text), ``registryKey`` in place of it, ``format`` (soap11, soap12, pox, get),
    ``to`` and ``soapAction``. With several workers, each process runs it.

    Example::

        <task name="hourly" class="org.apache.synapse.startup.tasks.MessageInjector">
          <trigger interval="3600"/>
          <property name="injectTo" value="sequence"/>
          <property name="sequenceName" value="report"/>
          <property name="message"><report xmlns=""/></property>
        </task>
    """

    kind: ClassVar[str] = "task"

    name: str = attr("Name of the task.")
    class_: str = attr("Java class of the task; MessageInjector is the one that is built in.", default="")
    group: str = attr("Group of the task; kept for tools.", default="")
    pinned: str = attr("Servers it runs on; kept for tools.", name="pinnedServers", default="")
    trigger: Trigger | None = child("When it runs.", tag="trigger")
    properties: tuple[TaskProperty, ...] = children("Settings of its class.", tag="property")

    def __post_init__(self) -> None:
        require_name("task", self.name)
        if self.class_.rpartition(".")[2] != _INJECTOR:
            raise Unacceptable(
                f"the task '{self.class_}' is a Java class, and there is no JVM here.",
                code="unsupported",
                hint=f"Put its work into a sequence, and let a task of the class {_INJECTOR} run it.",
            )
        if self.trigger is None:
            raise Unacceptable("a task needs a <trigger>.", code="missing-element")
        self._settings = {each.name: each for each in self.properties}

    def _text(self, name: str) -> str:
        setting = self._settings.get(name)
        return (setting.value or setting.content.strip()) if setting is not None else ""

    async def run(self, current: Callable[[], Environment]) -> None:
        assert self.trigger is not None  # checked at load
        trigger = self.trigger
        schedule = Schedule(max(trigger.interval or 0.0, 0.001), trigger.cron or "")
        left = 1 if trigger.once else trigger.count
        if trigger.cron:
            await schedule.next()
        while left is None or left > 0:
            await self._inject(current())
            left = None if left is None else left - 1
            if left != 0:
                await schedule.next()

    async def _inject(self, env: Environment) -> None:
        try:
            conversation, path = self._conversation(env)
            message = message_without_client(env, self._payload(env), path)
        except Fault as fault:
            log.error("task '%s': %s", self.name, fault.message)
            return
        if self._text("to"):
            message.to = self._text("to")
        if self._text("soapAction"):
            message.headers.set("SOAPAction", self._text("soapAction"))
        if self._text("format") == "get":
            message.axis2["HTTP_METHOD"] = "GET"
        await conversation.serve(message)

    def _conversation(self, env: Environment) -> tuple[Conversation, str]:
        """Where the message goes, and its path. Raises Fault when there is no such thing."""
        to = self._text("injectTo").lower()
        if to == "proxy":
            path = f"/services/{self._text('proxyName')}"
            found = env.conversation(path)
            if found is None:
                raise Fault(f"there is no proxy '{self._text('proxyName')}'")
            return found, path
        name = self._text("sequenceName") if to == "sequence" else "main"
        if not env.has_sequence(name):
            raise Fault(f"there is no sequence '{name}'")
        label = f"task '{self.name}'"
        part = Part(f"sequence '{name}'", key=name)
        return Flow(label, part, Part("outSequence"), Part("faultSequence")), ""

    def _payload(self, env: Environment) -> Payload:
        payload = Payload()
        setting, key = self._settings.get("message"), self._text("registryKey")
        if key:
            content = env.entry(key)
            if content is None:
                raise Fault(f"there is no local entry or registry resource '{key}'")
            if isinstance(content, str):
                return Payload(
                    content.encode(), "application/xml" if content.lstrip().startswith("<") else "text/plain"
                )
            payload.set_content(content)
        elif setting is not None and setting.elements:
            payload.set_content(setting.elements[0].to_lxml())
        elif self._text("message"):
            return _payload_of(self._text("message"))
        format_ = self._text("format").lower()
        if format_ in ("soap11", "soap12") and payload.kind == "xml":
            version: soap.Version = "soap11" if format_ == "soap11" else "soap12"
            payload.set_envelope(soap.wrap(payload.content(), version))
        return payload


def _payload_of(text_: str) -> Payload:
    return Payload(text_.encode(), "application/xml" if text_.lstrip().startswith("<") else "text/plain")
