"""Small declarations, one for each thing that an element may take, and what the builder makes of text."""

from __future__ import annotations

from typing import Any, Literal

from engine.declare.build import Builder
from engine.declare.catalog import Catalog
from engine.declare.convert import Duration, Unacceptable
from engine.declare.fields import (
    attr,
    body,
    child,
    child_text,
    children,
    element,
    inline,
    slot,
    slots,
    text,
)
from engine.declare.spec import REQUIRED, Node, OneOf, Requires, Spec
from engine.expressions.base import Expression
from engine.expressions.dynamic import Value
from engine.source import Element, Source


@element("step", kind="mediator")
class Step(Node):
    """A mediator."""

    name: str = attr("Its name.", default="")

    async def mediate(self, message: object) -> bool:
        return True


@element("demo.create", kind="mediator")
class Operation(Node):
    """A connector operation."""


@element("http", kind="place")
class Http(Node):
    """A place."""

    uri: str = attr("Where.")


@element("ftp", kind="place")
class Ftp(Node):
    """Another place."""


@element("pair")
class Pair(Node):
    """A part."""

    name: str = attr("Its name.")
    expression: Expression | None = attr("Its value.", default=None)


@element("attributes")
class Attributes(Node):
    """Attributes of every type."""

    word: str = attr("Text.")
    mode: Literal["fast", "Slow"] = attr("A choice.", default="fast")
    count: int = attr("A number.", default=1)
    on: bool = attr("A switch.", default=False)
    wait: Duration | None = attr("A time.", default=None)
    expression: Expression | None = attr("An expression.", default=None)
    value: Value | None = attr("A value.", default=None)
    key: Value | None = attr("Another artifact.", default=None, refers="sequence")
    plain_key: str | None = attr("Another artifact.", name="plainKey", default=None, refers="endpoint")


@element("texts")
class Texts(Node):
    """Texts."""

    content: str = text("Own text.")
    note: str | None = child_text("A note.", tag="note")
    number: int | None = child_text("A number.", tag="number")


@element("optional")
class OptionalText(Node):
    """Optional text."""

    condition: Expression | None = text("Own text.", default=None)


@element("parts")
class Parts(Node):
    """Parts."""

    first: Pair | None = child("One.", tag="first")
    pairs: tuple[Pair, ...] = children("Many.", tag="pair")
    needed: Pair = child("Needed.", tag="needed", default=REQUIRED)


@element("branches")
class Branches(Node):
    """Mediators in two ways."""

    then: tuple[Node, ...] | None = body("Steps.", tag="then")
    steps: tuple[Node, ...] = body("Direct steps.")


@element("places")
class Places(Node):
    """A slot."""

    place: Node = slot("Where.", of="place", default=REQUIRED)


@element("many")
class Many(Node):
    """Slots."""

    places: tuple[Node, ...] = slots("Where.", of="place")


@element("author")
class Author(Node):
    """The author's own XML."""

    all: tuple[Element, ...] = inline("All of it.")


@element("format")
class Format(Node):
    """The author's own XML in an element."""

    raw: tuple[Element, ...] = inline("Some of it.", tag="raw")


@element("open", open_content=True)
class Open(Node):
    """Anything inside."""


@element("ruled", rules=(OneOf(("source", "place", "content")), Requires("source", ("regex", "note"))))
class Ruled(Node):
    """Rules between fields."""

    source: str | None = attr("A source.", default=None)
    regex: str | None = attr("A pattern.", default=None)
    note: str | None = child_text("A note.", tag="note")
    place: Node | None = slot("A place.", of="place")
    content: str = text("Text.", default="")


@element("choosy", rules=(OneOf(("a", "steps"), optional=True),))
class Choosy(Node):
    """At most one."""

    a: str | None = attr("A.", default=None)
    steps: tuple[Node, ...] = body("Steps.")


@element("picky")
class Picky(Node):
    """Checks more than the declaration can say."""

    name: str = attr("A name.")

    def __post_init__(self) -> None:
        if "/" in self.name:
            raise Unacceptable("a name has no slash.", code="bad-name", hint="Use '-'.")


CATALOG = Catalog(declared.spec for declared in (Step, Operation, Http, Ftp))


def built(declared: type[Node] | Spec, xml: str, catalog: Catalog = CATALOG) -> tuple[Any, list[str], Builder]:
    """The object, the problems as ``line:column: …``, and the builder. Places are those of the text itself."""
    spec = declared if isinstance(declared, Spec) else declared.spec
    root = Source("f", f"{xml}<!-- -->".encode()).parse()
    builder = Builder(catalog)
    return builder.node(spec, root), [str(problem).removeprefix("f:") for problem in builder.problems], builder


def make(declared: type[Node], xml: str) -> Any:
    node, problems, _ = built(declared, xml)
    assert problems == []
    return node
