from __future__ import annotations

from engine.testing.harness import Harness

SHEET = """
<localEntry key="s"><xsl:stylesheet xmlns="" version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><r><xsl:value-of select="a/b"/></r></xsl:template>
</xsl:stylesheet></localEntry>"""


async def test_the_first_element_of_the_body_is_transformed() -> None:
    harness = Harness(SHEET)
    message = harness.message(b"<a><b>1</b></a>", "application/xml")
    message.properties["which"] = "s"
    assert await harness.run('<fastXSLT key="{$ctx:which}"/>', message) is True
    assert message.payload.body() == b"<r>1</r>"
