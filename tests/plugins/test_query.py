from __future__ import annotations

from typing import Any

import pytest

from engine.plugins.query import compile_query, is_styled

VALUES = {
    "a": "x",
    "n": 5,
    "yes": True,
    "list": ["p q", "r,s"],
    "none": [],
    "object": {"k": "v w", "n": 1},
    "deep": {"a": {"b": "c"}, "l": ["1", "2"]},
}


@pytest.mark.parametrize(
    ("query", "expanded"),
    [
        ({}, ""),
        ({"q": "{missing}"}, ""),
        ({"q": "{a}", "flag": "{yes}", "none": "{missing}"}, "?q=x&flag=true"),
        ({"fixed": "a b", "q": "{n}"}, "?fixed=a%20b&q=5"),
        ({"id": "{list}"}, "?id=p%20q&id=r%2Cs"),
        ({"a&b": "{a}"}, "?a%26b=x"),
        ({"q": "{object}"}, "?q=%7B%22k%22%3A%22v%20w%22%2C%22n%22%3A1%7D"),
    ],
)
def test_query(query: dict[str, Any], expanded: str) -> None:
    assert compile_query(query)(VALUES) == expanded


@pytest.mark.parametrize(
    ("styled", "expanded"),
    [
        ({"value": "{list}"}, "?q=p%20q&q=r%2Cs"),
        ({"value": "{list}", "explode": False}, "?q=p%20q,r%2Cs"),
        ({"value": "{list}", "style": "spaceDelimited"}, "?q=p%20q%20r%2Cs"),
        ({"value": "{list}", "style": "pipeDelimited"}, "?q=p%20q%7Cr%2Cs"),
        ({"value": "{list}", "style": "pipeDelimited", "explode": True}, "?q=p%20q&q=r%2Cs"),
        ({"value": "{list}", "style": "tabDelimited"}, "?q=p%20q%09r%2Cs"),
        ({"value": "{none}", "explode": False}, ""),
        ({"value": "{missing}", "style": "deepObject"}, ""),
        ({"value": "{a}", "explode": False}, "?q=x"),
        ({"value": "{object}"}, "?k=v%20w&n=1"),
        ({"value": "{object}", "explode": False}, "?q=k,v%20w,n,1"),
        ({"value": "{object}", "style": "deepObject"}, "?q%5Bk%5D=v%20w&q%5Bn%5D=1"),
        ({"value": "{deep}", "style": "deepObject"}, "?q%5Ba%5D%5Bb%5D=c&q%5Bl%5D=1&q%5Bl%5D=2"),
    ],
)
def test_styles(styled: dict[str, Any], expanded: str) -> None:
    assert is_styled(styled)
    assert compile_query({"q": styled})(VALUES) == expanded


def test_what_has_no_style() -> None:
    assert not is_styled("{a}")
    assert not is_styled({"style": "form"})
    assert not is_styled({"value": "{a}", "other": 1})
