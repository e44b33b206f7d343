from __future__ import annotations

import pytest

from engine.declare.write.prose import anchors, with_index, with_tags_as_code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("### <filter>", "### `<filter>`"),
        ('by <sequence key="…"/> and </a>.', 'by `<sequence key="…"/>` and `</a>`.'),
        ("`<a>` and ``<b>`` stay", "`<a>` and ``<b>`` stay"),
        ("```xml\n<a>\n</a>\n```\n<b>", "```xml\n<a>\n</a>\n```\n`<b>`"),
        ("1 < 2 and 3 > 2, <- and ->", "1 < 2 and 3 > 2, <- and ->"),
    ],
)
def test_tags_become_code(text: str, expected: str) -> None:
    assert with_tags_as_code(text) == expected


def test_anchors_are_those_of_github() -> None:
    page = "# A title, with `<tag>`\n```sh\n# a comment\n```\n## same\n## same\n## $ctx\n## call-template"
    assert anchors(page) == ["a-title-with-tag", "same", "same-1", "ctx", "call-template"]


def test_index_by_groups() -> None:
    page = "# Title\n\nText.\n\n## one\n\n### `<a>`\n\n```sh\n### no\n```\n\n### b\n\n## two\n\n### `<a>`\n"
    index = "**one**: [a](#a), [b](#b)\n\n**two**: [a](#a-1)\n\n"
    assert with_index(page) == page.replace("## one", f"{index}## one", 1)


def test_index_without_groups() -> None:
    assert with_index("# Title\n\n## a\n\n## b\n") == "# Title\n\n[a](#a), [b](#b)\n\n## a\n\n## b\n"
