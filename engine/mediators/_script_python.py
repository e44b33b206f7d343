"""Scripts in Python: trusted code, which the configuration must allow. The object ``mc`` is that of JavaScript."""

from __future__ import annotations

import asyncio
import textwrap
from typing import Any

from lxml import etree

from engine.errors import Fault
from engine.mediators._scopes import SCOPES, ScopeName
from engine.message.codecs import json, xml
from engine.message.codecs.errors import DecodeError
from engine.message.context import MessageContext
from engine.message.payload import Payload


class Mc:
    """The message, for scripts. Names are those of Synapse."""

    def __init__(self, message: MessageContext) -> None:
        self.message = message
        self.element: xml.Element | None = None
        """What ``setPayloadXML`` set: it becomes the payload after the script."""

    def getProperty(self, name: str) -> Any:  # noqa: N802  Synapse's name, as are the others
        return self.message.properties.get(name)

    def setProperty(self, name: str, value: Any, scope: ScopeName = "default") -> None:  # noqa: N802
        SCOPES[scope].set(self.message, name, value)

    def removeProperty(self, name: str, scope: ScopeName = "default") -> None:  # noqa: N802
        SCOPES[scope].remove(self.message, name)

    def getVariable(self, name: str) -> Any:  # noqa: N802
        return self.message.variables.get(name)

    def setVariable(self, name: str, value: Any) -> None:  # noqa: N802
        self.message.variables[name] = value

    def getPayloadJSON(self) -> Any:  # noqa: N802
        return self.message.payload.json() if self.message.payload.kind == "json" else {}

    def setPayloadJSON(self, value: Any) -> None:  # noqa: N802
        raw = value.encode() if isinstance(value, str) else json.encode(value)
        payload = Payload(raw, "application/json")
        payload.json()
        self.message.payload.close()
        self.message.payload = payload

    def getPayloadXML(self) -> xml.Element | None:  # noqa: N802
        return self.message.payload.content()

    def setPayloadXML(self, value: xml.Element | str) -> None:  # noqa: N802
        try:
            self.element = value if isinstance(value, etree._Element) else xml.decode_text(value.strip())
        except DecodeError as error:
            raise Fault(f"what the script made is {error}") from None

    def getPayloadText(self) -> str:  # noqa: N802
        return self.message.payload.text()


async def run(source: str, function: str | None, message: MessageContext, arguments: list[Any], name: str) -> Any:
    """Run a script in a thread: an inline one as the body of a function of ``mc``, another by its ``function``.

    Raises Fault for whatever the script raises.
    """
    from engine.core.env import env_of
    from engine.mediators._envelope import replace_content

    await message.payload.load(env_of(message).limits.buffered_body)
    mc = Mc(message)
    try:
        result = await asyncio.to_thread(_call, source, function, mc, arguments, name)
    except Fault:
        raise
    except Exception as error:
        raise Fault(f"the script failed: {type(error).__name__}: {error}") from error
    if mc.element is not None:
        await replace_content(message, mc.element)
    return result


def _call(source: str, function: str | None, mc: Mc, arguments: list[Any], name: str) -> Any:
    names: dict[str, Any] = {"mc": mc, "__name__": "script"}
    exec(compile(textwrap.dedent(source).strip(), name, "exec"), names)  # noqa: S102  what the configuration allowed
    if function is None:
        return names.get("result")
    if not callable(names.get(function)):
        raise Fault(f"the script has no function '{function}'")
    return names[function](mc, *arguments)
