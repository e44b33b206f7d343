"""Stylesheets, schemas and queries: entries by key, what they include, and what was compiled from them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from lxml import etree

from engine.declare.fields import attr, element
from engine.declare.spec import Node
from engine.errors import Fault
from engine.expressions.dynamic import Value
from engine.message.codecs import xml
from engine.message.context import MessageContext

T = TypeVar("T")

_COMPILED = 64
"""Things kept compiled for one mediator: as many as a dynamic key may name in turn."""


@element("resource")
class Resource(Node):
    """A document that others name in an include or import."""

    location: Value = attr("The name as the documents write it; `{expression}` computes it.")
    key: Value = attr("Local entry or registry resource with the content.", refers="local-entry")


def entry_of(message: MessageContext, key: Value) -> Any:
    """The entry that a key names: text or an XML element. Raises Fault when there is none."""
    name = key.text(message)
    entry = message.env.entry(name) if name else None
    if entry is None:
        raise Fault(f"there is no entry '{name or key.source}'")
    return entry


def as_bytes(entry: Any) -> bytes:
    """An entry as the bytes of a document."""
    return xml.encode(entry) if isinstance(entry, etree._Element) else str(entry).encode("utf-8", "replace")


def resources_of(message: MessageContext, resources: Iterable[Resource]) -> dict[str, Any]:
    """Location -> entry. Raises Fault for an entry that does not exist."""
    return {each.location.text(message) or "": entry_of(message, each.key) for each in resources}


class Resolver(etree.Resolver):
    """Gives libxml2 the resources of the mediator and nothing else: no file, no network."""

    def __init__(self, resources: dict[str, Any]) -> None:
        self._resources = resources

    def resolve(self, system_url: str, public_id: str, *context: Any) -> Any:
        entry = self._resources.get(system_url)
        if entry is None:
            entry = self._relative(system_url)
        if entry is None:
            raise UnknownResource(system_url)
        resolve_string: Any = self.resolve_string  # its stub lacks that the base is optional
        return resolve_string(as_bytes(entry), *context)

    def _relative(self, url: str) -> Any:
        # libxml2 puts a relative location behind the folder of the document that names it; Synapse does not.
        named = (entry for location, entry in self._resources.items() if url.endswith(f"/{location}"))
        return next(named, None)


class UnknownResource(Exception):
    """A document names a location that no ``<resource>`` has."""

    def __init__(self, location: str) -> None:
        super().__init__(f'there is no <resource location="{location}">')


def parser(resources: dict[str, Any]) -> etree.XMLParser:
    """A parser for stylesheets and schemas, whose includes are the resources."""
    made = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    made.resolvers.add(Resolver(resources))
    return made


class Compiled(Generic[T]):
    """What a mediator compiled from entries, made again when an entry is another one or has changed.

    ``compile_`` gets the entries in the order of the keys, and the resources by location.
    """

    def __init__(self, compile_: Callable[[list[Any], dict[str, Any]], T]) -> None:
        self._compile = compile_
        self._made: OrderedDict[tuple[str, ...], tuple[list[Any], dict[str, Any], T]] = OrderedDict()

    def get(
        self, message: MessageContext, keys: Sequence[Value], resources: Sequence[Resource] = (), *, keep: bool = True
    ) -> T:
        """Raises Fault for entries that do not exist, and what ``compile_`` raises."""
        names = tuple(key.text(message) or "" for key in keys)
        entries = [entry_of(message, key) for key in keys]
        included = resources_of(message, resources)
        known = self._made.get(names)
        if keep and known is not None and (known[0], known[1]) == (entries, included):  # elements: the very same ones
            self._made.move_to_end(names)
            return known[2]
        made = self._compile(entries, included)
        self._made[names] = entries, included, made
        if len(self._made) > _COMPILED:
            self._made.popitem(last=False)
        return made
