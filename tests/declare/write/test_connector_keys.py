from __future__ import annotations

from engine.declare.connector_keys import Section
from engine.declare.write.connector_keys import reference


def test_reference() -> None:
    text = reference([Section("A part", "About it.", (("key", "What it is."),), "key: 1\n"), Section("B", "", ())])
    assert text.endswith(
        "\n## A part\n\nAbout it.\n\n| | |\n|---|---|\n| `key` | What it is. |\n\n```yaml\nkey: 1\n```\n"
        "\n## B\n\n| | |\n|---|---|\n"
    )
