"""A compiled FreeMarker template, and the model it sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any

from engine.errors import Fault
from engine.expressions.base import ExpressionError
from engine.expressions.freemarker.builtins import apply
from engine.expressions.freemarker.parser import parse
from engine.expressions.freemarker.tree import Statement
from engine.expressions.freemarker.values import MAX_TEXT, Document, Run, TemplateError
from engine.expressions.synapse_values import text_of
from engine.message.codecs.text import TEXT
from engine.message.context import MessageContext

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import ImmutableSandboxedEnvironment

_XML_KINDS = frozenset({"xml", "soap11", "soap12", "form"})

Arguments = Sequence[Callable[[MessageContext], str]]
"""How each ``args.argN`` is made."""


class FreemarkerTemplate:
    """Compiled once at load. Raises ExpressionError with the offset in ``text``.

    The template sees ``payload`` (JSON, XML or text), ``args.arg1`` …, ``ctx``, ``axis2``, ``trp`` and ``vars``; the
    values of the last four are text, but for variables that are JSON.
    """

    __slots__ = ("_arguments", "_template", "reads_body", "text")

    def __init__(self, text: str, arguments: Arguments = (), *, arguments_read_body: bool = False) -> None:
        self.text = text
        statements = parse(text)
        self.reads_body = arguments_read_body or "payload" in text
        self._arguments = tuple(arguments)
        self._template = _compiled(statements)

    def render(self, message: MessageContext) -> str:
        """The text for a message.

        Raises Fault, with the line in the template, for a value that is missing or of the wrong kind, for too many
        loops and too much text, and when the payload cannot be read.
        """
        run = _Operations(_model(message, self._arguments, self.text))
        pieces: list[str] = []
        size = 0
        context = self._template.new_context({"run": run})
        try:
            for piece in self._template.root_render_func(context):
                pieces.append(piece)
                size += len(piece)
                if size > MAX_TEXT:
                    raise TemplateError(f"the template writes more than {MAX_TEXT:,} characters")
        except TemplateError as error:
            line = _line(self._template, error.__traceback__)
            raise Fault(f"the FreeMarker template fails at line {line}: {error}") from None
        return "".join(pieces)


class _Operations(Run):
    """The operations with the built-ins, which themselves need the operations' values."""

    def built_in(self, name: str, value: Any, *arguments: Any) -> Any:
        return apply(name, value, *arguments)


def _model(message: MessageContext, arguments: Arguments, source: str) -> dict[str, Any]:
    """Only what the template's text names is made."""
    makers: Mapping[str, Callable[[], Any]] = {
        "payload": lambda: _payload(message),
        "args": lambda: {f"arg{index}": make(message) for index, make in enumerate(arguments, start=1)},
        "ctx": lambda: _texts(message.properties),
        "axis2": lambda: _texts(message.axis2),
        "trp": lambda: dict(reversed(list(message.headers))) | _as_sent(message),
        "vars": lambda: {
            name: value if isinstance(value, (dict, list)) else text_of(value)
            for name, value in message.variables.items()
            if value is not None
        },
    }
    return {name: make() for name, make in makers.items() if name in source}


def _payload(message: MessageContext) -> Any:
    payload = message.payload
    if payload.kind in _XML_KINDS:
        content = payload.content()
        if content is None:
            return ""
        return content.text or "" if content.tag == TEXT else Document([content])
    if payload.kind == "json":
        value = payload.json()
        return "null" if value is None else value
    return payload.text() if payload.kind == "text" else ""


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: text_of(value) for name, value in values.items() if value is not None}


def _as_sent(message: MessageContext) -> dict[str, str]:
    """Headers by the usual spelling of their names too: names are lower case inside."""
    spelled = {"-".join(part.capitalize() for part in name.split("-")): value for name, value in message.headers}
    return {name: str(value) for name, value in spelled.items()}


def _compiled(statements: Sequence[Statement]) -> Template:
    from jinja2 import Template

    from engine.expressions.freemarker.translate import translate

    environment = _environment()
    tree = translate(statements)
    tree.set_environment(environment)
    try:
        code = environment.compile(tree)
    except (SyntaxError, RecursionError) as error:  # Python bounds the nesting of blocks
        raise ExpressionError(f"the template is nested too deeply: {error}") from None
    return Template.from_code(environment, code, {})


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(autoescape=False, cache_size=0)


def _line(template: Template, traceback: TracebackType | None) -> int:
    line = 1
    while traceback is not None:
        if "__jinja_template__" in traceback.tb_frame.f_globals or traceback.tb_frame.f_code.co_name == "root":
            line = template.get_corresponding_lineno(traceback.tb_lineno)
        traceback = traceback.tb_next
    return line
