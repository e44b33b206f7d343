"""<script>"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from lxml import etree

from engine.core.env import env_of
from engine.core.mediator import Mediator
from engine.declare.convert import CONVERTERS, TYPE_NAMES, Unacceptable
from engine.declare.fields import attr, child, children, element, text
from engine.declare.spec import Node, OneOf, Requires
from engine.errors import Fault
from engine.expressions.dynamic import Value
from engine.mediators import _script_python
from engine.mediators._inputs import Inputs, Target, keep
from engine.mediators._property_types import TypeName
from engine.mediators._script_host import Host, Read
from engine.mediators._script_run import Runs
from engine.message.context import MessageContext
from engine.message.convert import own_text
from engine.scripting import e4x
from engine.source import Element


@dataclasses.dataclass(frozen=True, slots=True)
class ScriptText:
    """The text between the tags, and the line of the file where it begins."""

    text: str = ""
    line: int = 0
    program: Any = None
    """A program of the sandbox, for inline JavaScript."""


JAVASCRIPT = frozenset({"js", "javascript", "nashornjs", "rhinojs", "graaljs", "ecmascript"})
PYTHON = frozenset({"py", "python", "jython"})

MAX_READS = 256
"""Reads that a mediator remembers for the next message."""
MAX_RUNS = 100
"""Runs for one message. Each that is repeated has learned what the script reads."""

_LITERAL_READ = re.compile(r"""\bmc\s*\.\s*getProperty\s*\(\s*(?:"([^"\\]*)"|'([^'\\]*)')\s*\)""")
_WHOLE_READS = {"getPayloadJSON": "json", "getPayloadXML": "xml", "getPayloadText": "text", "getEnvelope": "envelope"}


_NO_TEXT = ScriptText()


@element("include")
class Include(Node):
    """A script to run before, for the functions it has."""

    key: Value = attr("Local entry or registry resource with the script.", refers="local-entry")


@element(
    "script",
    kind="mediator",
    category="extension",
    rules=(OneOf(("key", "source"), optional=True), Requires("function", ("key",)), Requires("target", ("key",))),
)
class Script(Mediator):
    """Run JavaScript on the message, through the object ``mc``.

    ``mc`` has what Synapse's script mediator gives: ``getProperty``, ``setProperty`` (with a scope as third argument),
    ``removeProperty``, ``getPayloadJSON``, ``setPayloadJSON``, ``getPayloadXML``, ``setPayloadXML``, ``getVariable``,
    ``setVariable``, ``getConfiguration().getRegistry()``, ``addHeader``, ``setTo`` and so on. A property that is not
    set is null, and a script whose last value is ``false`` ends the flow. ``setPayloadJSON`` does not set
    ``messageType`` (Synapse trap 24). XML literals (E4X) work. Numbers that JavaScript would spoil keep their digits
    where the script only moves them.

    Scripts have no access to files, the network or Java, and are bounded by ``scripts.time``, ``scripts.memory`` and
    ``scripts.stack`` of the configuration; one that exceeds them is a fault. With ``key`` the script is a local entry
    or a registry resource, and its ``function`` is called with ``mc``; ``include`` gives further scripts. Then
    ``target`` may put the result into the body or a variable. Python (``language="py"``) is trusted code and runs only
    if ``scripts.python`` allows it.

    Example::

        <script language="js"><![CDATA[
          var order = mc.getPayloadJSON();
          order.total = order.price * order.quantity;
          mc.setPayloadJSON(order);
        ]]></script>
    """

    language: str = attr("js, javascript, nashornJs, rhinoJs or graalJs: all are the same here; or py.")
    key: Value | None = attr(
        "Local entry or registry resource with the script; `{expression}` chooses it.",
        default=None,
        refers="local-entry",
    )
    function: str = attr("Function to call.", default="mediate")
    target: Target | None = attr("Where the function's result goes.", default=None)
    target_variable: str | None = attr("Name of the variable.", name="target-variable", default=None)
    result_type: TypeName | None = attr("Type of the result, for editors.", name="result-type", default=None)
    includes: tuple[Include, ...] = children("Further scripts.", tag="include")
    inputs: Inputs | None = child("Arguments of the function.", tag="inputs")
    source: ScriptText = text("The script.", default=_NO_TEXT)
    _reads: set[Read] = dataclasses.field(init=False, default_factory=set)
    _latest: tuple[str, Any] | None = dataclasses.field(init=False, default=None)
    _runs: Runs = dataclasses.field(init=False, default_factory=Runs)

    def __post_init__(self) -> None:
        language = self.language.strip().lower()
        if language not in JAVASCRIPT | PYTHON:
            hint = "Write it in JavaScript (language='js'), or as a connector operation in Python."
            raise Unacceptable(f"scripts in '{self.language}' need a JVM.", code="unsupported", hint=hint)
        if self.target == "variable" and not self.target_variable:
            raise Unacceptable("target='variable' needs the attribute 'target-variable'.", code="missing-attribute")
        self._reads = _expected_reads(self.source.text)

    async def mediate(self, message: MessageContext) -> bool:
        if self.key is None and not self.source.text.strip():
            return True
        arguments = [each.evaluate(message) for each in self.inputs.arguments] if self.inputs is not None else []
        if self.language.strip().lower() in PYTHON:
            result = await self._run_python(message, arguments)
        else:
            result = await self._run_javascript(message, arguments)
        if self.target is None:
            return result is not False
        keep(message, self.target, self.target_variable, result)
        return True

    # ---------------------------------------------------------------- JavaScript

    async def _run_javascript(self, message: MessageContext, arguments: list[Any]) -> Any:
        program = self.source.program if self.key is None else self._stored(message)
        host, reads = Host(message), set(self._reads)
        for _ in range(MAX_RUNS):
            answer = await self._run(message, program, await host.given(reads, arguments, self.target is not None))
            needs = {tuple(each) for each in answer.get("needs", ())}
            if not needs:
                await host.apply(answer["effects"])
                return host.value(answer["value"])
            reads |= needs
            if len(self._reads) + len(needs) <= MAX_READS:
                self._reads |= needs
        raise Fault(f"{self.where} <script>: it reads more than {MAX_RUNS} things that it names anew each time")

    async def _run(self, message: MessageContext, program: Any, given: str) -> dict[str, Any]:
        from engine.scripting import sandbox

        try:
            return await self._runs.run(message, program, given)
        except sandbox.ScriptError as error:
            raise self._fault(error.message, error.line) from None

    def _fault(self, text: str, line: int) -> Fault:
        if not line:
            return Fault(f"the script failed: {text}")
        place = f"{self.where.file}:{self.source.line + line - 1}" if self.key is None else f"line {line} of the script"
        return Fault(f"the script failed at {place}: {text}")

    def _stored(self, message: MessageContext) -> Any:
        """The script under the key, with its includes before it; compiled again only when a text is another one."""
        source = self._stored_text(message)
        if self._latest is None or self._latest[0] != source:
            try:
                self._latest = (source, _compile(source, self.function))
            except Unacceptable as error:
                line = source.count("\n", 0, error.offset) + 1
                raise Fault(f"the script does not compile at line {line}: {error.message}") from None
            self._reads |= _expected_reads(source)
        return self._latest[1]

    def _stored_text(self, message: MessageContext) -> str:
        assert self.key is not None
        keys = [*(include.key for include in self.includes), self.key]
        return "\n".join(_entry_text(message, key) for key in keys)

    # ---------------------------------------------------------------- Python

    async def _run_python(self, message: MessageContext, arguments: list[Any]) -> Any:
        if not env_of(message).scripts.python:
            text = "scripts in Python are off: they are not confined. scripts.python in the configuration allows them"
            raise Fault(text)
        source = self.source.text if self.key is None else self._stored_text(message)
        function = None if self.key is None else self.function
        return await _script_python.run(source, function, message, arguments, str(self.where))


def _compile(source: str, function: str | None) -> Any:
    """A program of the sandbox. Raises Unacceptable at the first mistake."""
    from engine.scripting import sandbox

    try:
        translated = sandbox.prepared(e4x.translate(source))
    except e4x.E4xError as error:
        raise Unacceptable(f"{error.message}.", code="unsupported", offset=error.offset) from None
    except sandbox.ScriptError as error:
        offset = _offset_of_line(source, error.line)
        raise Unacceptable(f"{error.message}.", code="bad-script", offset=offset) from None
    return sandbox.Program(translated, function, e4x.uses_xml(source), sandbox.names_prototypes(source))


def _offset_of_line(source: str, line: int) -> int:
    starts = [0, *(match.end() for match in re.finditer("\n", source))]
    start = starts[min(max(line, 1), len(starts)) - 1]
    return start + len(source[start:]) - len(source[start:].lstrip(" \t"))


def _expected_reads(source: str) -> set[Read]:
    """What the script will read by the looks of it; a wrong guess costs time only."""
    reads: set[Read] = {("property", first or second) for first, second in _LITERAL_READ.findall(source)}
    reads |= {(kind,) for name, kind in _WHOLE_READS.items() if f"{name}(" in source}
    return reads if len(reads) <= MAX_READS else set()


def _entry_text(message: MessageContext, key: Value) -> str:
    name = key.text(message)
    entry = message.env.entry(name) if name else None
    if entry is None:
        raise Fault(f"there is no entry '{name or key.source}' with a script")
    return own_text(entry) if isinstance(entry, etree._Element) else str(entry)


def _script_text(text: str, element: Element) -> ScriptText:
    """The script between the tags, compiled here, where places in it are known. Raises Unacceptable."""
    text = element.text  # with the line breaks before it: they count
    line = element.where_text().line
    if element.attributes.get("language", "").strip().lower() not in JAVASCRIPT or "key" in element.attributes:
        return ScriptText(text, line)
    try:
        return ScriptText(text, line, _compile(text, None))
    except Unacceptable as error:
        error.offset = max(0, error.offset - (len(text) - len(text.lstrip())))  # the builder counts from there
        raise


CONVERTERS[ScriptText] = _script_text
TYPE_NAMES[ScriptText] = "script"
