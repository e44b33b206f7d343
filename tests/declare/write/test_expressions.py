from __future__ import annotations

from engine.declare.readable import Readable
from engine.declare.write.expressions import page, reference

ONE = Readable("$ctx", "$ctx:NAME", "A property.", "$ctx:who", "Ada")
OTHER = Readable("vars", "${vars.NAME}", "A variable.", "${vars.none}", "")


def test_page() -> None:
    assert page(ONE) == (
        "### $ctx\n\n`$ctx:NAME`\n\nA property.\n\n| expression | result |\n|---|---|\n| `$ctx:who` | `Ada` |\n"
    )
    assert page(OTHER).endswith("| `${vars.none}` | empty |\n")


def test_reference_has_both_languages() -> None:
    headings = [line for line in reference([ONE], [OTHER]).splitlines() if line.startswith("#")]
    assert headings == ["# Reference of expressions", "# XPath and json-eval", "## $ctx", "# `${…}`", "## vars"]
