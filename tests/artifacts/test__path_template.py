"""The reference's URI templates of resources, by the results of its own parser."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.artifacts._path_template import PathTemplate, UrlMapping
from engine.declare.convert import Unacceptable


@pytest.mark.parametrize(
    ("template", "path", "variables"),
    [
        ("/", "/", {}),
        ("/", "/x", None),
        ("/", "/?a=1", {}),
        ("/~{user}", "/~foo", {"user": "foo"}),
        ("/~{user}", "/foo", None),
        ("/~{user}", "/~foo/bar", None),
        ("/d/{char}/{word}", "/d/c/cat", {"char": "c", "word": "cat"}),
        ("/d/{char}/{word}", "/d/d/dog/", {"char": "d", "word": "dog"}),
        ("/d/{char}/{word}", "/d/c", None),
        ("/d/{char}/{word}", "/d/c/cat?a=5", {"char": "c", "word": "cat"}),
        ("/d/{char}/{word}", "/d/c/cat/test", None),
        ("/d/{char}{#ref}", "/d/e#test", {"char": "e", "ref": "test"}),
        ("/test/", "/test", {}),
        ("/test", "/test/", {}),
        ("/test", "/testing", None),
        ("/view/*", "/view/a/b?c=d", {}),
        ("/view/*", "/view/", {}),
        ("/view/*", "/view", None),
        ("/person*", "/person", {}),
        ("/person*", "/personal/1", {}),
        ("/person*", "/perso", None),
        ("/{id}/item/{n}*", "/7/item/8", {"id": "7", "n": "8"}),
        ("/{id}/item/{n}*", "/7/item/8/9", {"id": "7", "n": "8"}),
        ("/view?Name={symbol}", "/view?Name=IBM", {"symbol": "IBM"}),
        ("/view?Name={symbol}", "/view", None),
        ("/edit?a={a}&b={b}", "/edit?a=1&b=2", {"a": "1", "b": "2"}),
        ("/edit?a={a}&b={b}", "/edit?b=2&a=1", None),
        ("/edit?a={a}&b={b}", "/edit?a=1&b=", {"a": "1"}),
        ("/q?p={+value}", "/q?p=http://a/b?c", {"value": "http://a/b?c"}),
        ("/q/{+value}", "/q/a/b%20c?d=e", {"value": "a/b c?d=e"}),
        ("/q/{value}", "/q/a%2Fb%20%C3%A9+c", None),
        ("/q/{value}", "/q/a%2Fb%20%C3%A9", {"value": "a/b é"}),
        ("/{a}/{a}", "/1/1", {"a": "1"}),
        ("/{a}/{a}", "/1/2", None),
        ("/{a,b}", "/1,2", {"a": "1", "b": "2"}),
        ("/{a,b}", "/1", {"a": "1", "b": ""}),
        ("/{a,b}", "/1,2,3", None),
        ("/{a:3}", "/abc", {"a": "abc"}),
        ("/{a:3}", "/abcd", None),
        ("/x{.ext}", "/x.json", {"ext": "json"}),
        ("/x{/a,b}", "/x/1/2", {"a": "1", "b": "2"}),
        ("/view/{symbol}", "/view/", None),
        ("/view/{symbol}", "/view/?a=1", {"symbol": ""}),
    ],
)
def test_templates(template: str, path: str, variables: dict[str, str] | None) -> None:
    assert PathTemplate(template).match(path) == variables


@pytest.mark.parametrize("template", ["{id}", "/{", "/a}", "/{}", "/{a b}", "/{a:0}", "/{?q}", "", "/{a{b}}"])
def test_templates_that_are_none(template: str) -> None:
    with pytest.raises(Unacceptable):
        PathTemplate(template)


@given(
    st.from_regex(r"/[a-z{}+#./*?=:,-]{0,12}", fullmatch=True),
    st.from_regex(r"/[a-z/?=&#,.%0-9]{0,12}", fullmatch=True),
)
def test_no_path_makes_a_template_fail(template: str, path: str) -> None:
    try:
        compiled = PathTemplate(template)
    except Unacceptable:
        return
    variables = compiled.match(path)
    assert variables is None or set(variables) <= set(compiled.names)


PLAIN = st.from_regex(r"(/[a-z]{0,2}(\{[ab]\})?[=a-z]{0,2}){1,3}(\*|/\*)?", fullmatch=True)
NEAR = st.from_regex(r"(/[ab=]{0,2}(%20)?[a-z]{0,2}){0,4}[/?]?(a=1)?/?", fullmatch=True)


@given(PLAIN, NEAR)
@example("//{a}/*", "//a?")
@settings(max_examples=500)
def test_the_fast_way_and_the_walk_agree(template: str, path: str) -> None:
    try:
        compiled = PathTemplate(template)
    except Unacceptable:
        return
    assert compiled.match(path) == compiled._match_slowly(path)


@pytest.mark.parametrize(
    ("mapping", "path", "exact", "prefix", "extension"),
    [
        ("/a/b", "/a/b", True, 0, False),
        ("/a/b", "/a/b/", True, 0, False),
        ("/a/b/", "/a/b", True, 0, False),
        ("/a/b", "/a/bc", False, 0, False),
        ("/", "/", True, 0, False),
        ("/*", "/", False, 1, False),
        ("/*", "/x/y", False, 1, False),
        ("/a/*", "/a", False, 1, False),
        ("/a/*", "/a/b", False, 1, False),
        ("/a/*", "/ab", False, 0, False),
        ("/a/b/*", "/a/b/c", False, 2, False),
        ("*.jsp", "/a/b.jsp", False, 0, True),
        ("*.jsp", "/a/b.jspx", False, 0, False),
    ],
)
def test_mappings(mapping: str, path: str, exact: bool, prefix: int, extension: bool) -> None:
    compiled = UrlMapping(mapping)
    assert (compiled.is_exactly(path), compiled.prefix_length(path), compiled.has_extension(path)) == (
        exact,
        prefix,
        extension,
    )


@pytest.mark.parametrize("template", ["/{a}{b}{c}{d}/x", "/{a}-{b}-{c}-{d}x", "/{a}{b}*"])
@pytest.mark.parametrize("unit", ["a", "a-", "-", "a/"])
def test_no_path_takes_more_than_linear_time(template: str, unit: str) -> None:
    path = "/" + unit * 20_000
    compiled = PathTemplate(template)
    assert compiled.match(path) == compiled._match_slowly(path)
