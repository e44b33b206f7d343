from __future__ import annotations

from typing import Literal

from engine.declare.convert import Duration, ScopedText
from engine.declare.fields import attr, body, child, child_text, children, element, inline, slot, slots, text
from engine.declare.spec import REQUIRED, Node, OneOf, Requires
from engine.declare.write.markdown import HEAD, page, reference
from engine.expressions.base import Expression
from engine.source import Element


@element("pair")
class Pair(Node):
    """A pair."""

    name: str = attr("Its name.")


@element(
    "thing",
    kind="mediator",
    rules=(OneOf(("mode", "key")), OneOf(("on", "wait"), optional=True), Requires("key", ("on", "wait"))),
)
class Thing(Node):
    """Do a thing.

    It takes a while.

    Example::

        <thing mode="fast"/>
    """

    mode: Literal["", "fast", "slow"] = attr("How: a | b.", default="fast")
    key: str | None = attr("Which.", default=None, refers="sequence")
    on: bool = attr("A switch.", default=False)
    wait: Duration = attr("How long.", name="wait-for")
    expression: Expression | None = attr("What.", default=None)
    content: ScopedText = text("Own text.", default=ScopedText())
    pair: Pair = child("One.", tag="one", default=REQUIRED)
    pairs: tuple[Pair, ...] = children("Many.", tag="pair")
    note: int | None = child_text("A note.", tag="note")
    then: tuple[Node, ...] | None = body("Steps.", tag="then")
    steps: tuple[Node, ...] = body("Steps.")
    target: Node | None = slot("One.", of="endpoint")
    targets: tuple[Node, ...] = slots("Many.", of="endpoint")
    raw: tuple[Element, ...] = inline("XML.")
    format: tuple[Element, ...] = inline("XML.", tag="format")


PAGE = """\
### <thing>

Do a thing.

It takes a while.

| attribute or element | values | default | what it is |
|---|---|---|---|
| `mode` | `fast`, `slow` | fast | How: a \\| b. |
| `key` | name of a sequence |  | Which. |
| `on` | true / false | false | A switch. |
| `wait-for` | milliseconds | required | How long. |
| `expression` | expression |  | What. |
| text | text |  | Own text. |
| `<one>` | element | required | One. |
| one / `name` | text | required | Its name. |
| `<pair>` | elements |  | Many. |
| pair / `name` | text | required | Its name. |
| `<note>` | whole number |  | A note. |
| `<then>` | mediators |  | Steps. |
| mediators | mediators |  | Steps. |
| *endpoint* | element |  | One. |
| *endpoint* | elements |  | Many. |
| XML | XML |  | XML. |
| `<format>` | XML |  | XML. |

- Exactly one of the attribute 'mode', the attribute 'key'.
- At most one of the attribute 'on', the attribute 'wait-for'.
- With the attribute 'key', also the attribute 'on' or the attribute 'wait-for'.

```xml
<thing mode="fast"/>
```
"""


def test_a_page_tells_everything_declared() -> None:
    assert page(Thing.spec) == PAGE


def test_a_page_may_stand_lower() -> None:
    assert page(Pair.spec, level=1).startswith("# <pair>\n\nA pair.\n\n|")


def test_a_page_without_fields_is_short() -> None:
    @element("bare", kind="mediator")
    class Bare(Node):
        """Bare."""

    assert page(Bare.spec) == "### <bare>\n\nBare.\n"


def test_the_reference_groups_by_kind_and_sorts() -> None:
    @element("alpha", kind=("artifact", "mediator"))
    class Alpha(Node):
        """Alpha."""

    @element("beta", kind="mediator")
    class Beta(Node):
        """Beta."""

    text = reference([Thing.spec, Beta.spec, Alpha.spec])
    assert text.startswith(HEAD)
    headings = [line for line in text.splitlines() if line.startswith(("## ", "### "))]
    assert headings == ["## artifact", "### <alpha>", "## mediator", "### <beta>", "### <thing>"]
