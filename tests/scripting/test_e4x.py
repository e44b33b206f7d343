from __future__ import annotations

import pytest

from engine.core.env import ScriptLimits
from engine.scripting import sandbox
from engine.scripting.e4x import E4xError, translate, uses_xml
from engine.scripting.sandbox import Program


def value_of(source: str) -> object:
    """The text of the value that the body of a function returns."""
    text = sandbox.prepared(f"String((function () {{ {translate(source)} }})())")
    call = '{"given": {}, "args": [], "keep": true}'
    return sandbox.run(Program(text, None, True), call, ScriptLimits(), 5.0)["value"]


@pytest.mark.parametrize(
    ("source", "translated"),
    [
        ("a < b && c > d", "a < b && c > d"),
        ("x = a / 2 / 3; y = /<b>/.test(z)", "x = a / 2 / 3; y = /<b>/.test(z)"),
        ("s = '<a>' + \"..x\" // <b>", "s = '<a>' + \"..x\" // <b>"),
        ("p..*::last.toString()", 'XML.descendants(p, "{*}last").toString()'),
        ("f(g(x)..y)", 'f(XML.descendants(g(x), "y"))'),
        ("errors.error[i].@field", 'errors.error[i]["@field"]'),
        ("objects.values.*", 'objects.values["*"]'),
        ("p.ns::item", 'p["" + XML.qualified(ns, "item")]'),
        ("for each (var x in p.item) f(x)", "for (var x of XML.each(p.item)) f(x)"),
        ("p.a += <b/>;", 'p.a = XML.add(p.a,  XML.literal("<b/>"));'),
        ("n += 1; <a/>", 'n += 1; XML.literal("<a/>")'),
        ("x = <></>", 'x = XML.list("")'),
        (
            "x = <a b={c} d='{e}'>t{f}</a>",
            'x = XML.literal("<a b="+XML.attribute(c)+" d=\'{e}\'>t"+XML.content(f)+"</a>")',
        ),
        (
            "x = <g:{n}>{<i/>}</g:{n}>",
            'x = XML.literal("<g:"+(n)+">"+XML.content(XML.literal("<i/>"))+"</g:"+(n)+">")',
        ),
    ],
)
def test_translations(source: str, translated: str) -> None:
    assert translate(source) == translated


def test_lines_keep_their_numbers() -> None:
    source = "var a =\n <x>\n  {b}\n </x>;\nfor each\n (var i\n in a..y) {}\nc"
    assert translate(source).count("\n") == source.count("\n")
    assert translate(source).splitlines()[-1] == "c"


@pytest.mark.parametrize(
    ("source", "offset", "message"),
    [
        ("x = 1;\ny = <a><b></a>", 11, "not closed"),
        ("y = <a", 4, "not closed"),
        ("y = <a>{b</a>", 13, "missing"),
        ("default xml namespace = 'urn:a'", 0, "default xml namespace"),
        ("p.item.(@id == 3); p..x", 6, "filter"),
    ],
)
def test_what_is_not_translated_names_its_place(source: str, offset: int, message: str) -> None:
    with pytest.raises(E4xError, match=message) as caught:
        translate(source)
    assert caught.value.offset == offset


def test_scripts_without_xml_stay_as_they_are() -> None:
    assert not uses_xml("var a = b.c; if (a < 3) { d(); }")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("var s = 'I & <B>'; return <a x={s}><b>{s}</b></a>;", '<a x="I &amp; &lt;B&gt;"><b>I &amp; &lt;B&gt;</b></a>'),
        ("var x = <a><b>1</b><b>2</b></a>; return x.b[1] + ',' + x.b.length();", "2,2"),
        ("var x = <a xmlns='urn:a'><b>1</b></a>; return x.b.length() + ',' + x.*::b + ',' + x..*::b;", "0,1,1"),
        ("var x = <a/>; x.b = 'text'; x.@id = 7; return x;", '<a id="7"><b>text</b></a>'),
        ("var x = <a><b>old</b></a>; x.b = 'new'; return x;", "<a><b>new</b></a>"),
        ("var x = <a><b/><b/></a>; x.b = <c/>; return x;", "<a><c/></a>"),
        ("var x = <a xmlns='urn:a'/>; x.c += <b xmlns='urn:a'>1</b>; return x;", '<a xmlns="urn:a"><b>1</b></a>'),
        ("var x = <a><i>1</i></a>; x.i += <i>2</i>; x.i += <i>3</i>; return x;", "<a><i>1</i><i>2</i><i>3</i></a>"),
        ("var x = <a/>; x.l.i += <i>1</i>; return x;", "<a><l><i>1</i></l></a>"),
        ("var x = <a xmlns='urn:a'/>; x.b = 1; return x;", '<a xmlns="urn:a"><b xmlns="">1</b></a>'),
        ("var s = 0; for each (var i in <a><b>1</b><b>2</b></a>.b) s += Number(i); return s;", "3"),
        ("var s = ''; for each (var v in {a: 1, b: 2}) s += v; return s;", "12"),
        ("var s = ''; var l = <a><b>x</b><b>y</b></a>.b; for (var i in l) s += i + l[i]; return s;", "0x1y"),
        ("var x = <a><b/><c/></a>; delete x.b; return x;", "<a><c/></a>"),
        ("var x = new XML('<a> <b>t</b> </a>'); return x.b.text() + x.name() + x.children().length();", "ta1"),
        ("return new XML('<v><a>1</a><b/></v>').* + '!';", "<a>1</a><b/>!"),
        ("var x = <a><b/></a>; x.appendChild(<c/>); x.prependChild(<d/>); return x;", "<a><d/><b/><c/></a>"),
        ("var l = <><a/><b/></>; return l.length();", "2"),
        ("var x = <a><length>5</length></a>; return x.length + ',' + x.length();", "5,1"),
        ("return (<a/>.b == '') + ',' + (<a/>.b != null);", "true,true"),
        ("return <a>&lt;<![CDATA[<&]]>&#233;</a>;", "<<&é"),
        ("return <a><!-- c --><?pi?><b>1</b></a>.b;", "1"),
        ("return <a p:x='1' xmlns:p='urn:p'/>.@*.length() + ',' + <a y='2'/>.@y;", "1,2"),
        ("return JSON.stringify({x: <a>1</a>});", '{"x":"1"}'),
        ("var x = <a><b>1</b></a>; var y = x.copy(); y.b = 2; return x.b + y.b;", "12"),
        ("return <a><b/></a>.b.parent().localName();", "a"),
    ],
)
def test_values(source: str, text: str) -> None:
    assert value_of(source) == text


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("return new XML('<a>');", "<a> is not closed"),
        ("return new XML('<a/><b/>');", "one root"),
        ("return <p:a/>;", "prefix 'p'"),
        ("return new XML('<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>');", "not XML"),
        ("return <a>&e;</a>;", "unknown entity"),
        ("return <a/>.nothing();", "no method 'nothing'"),
    ],
)
def test_mistakes_are_errors_of_the_script(source: str, message: str) -> None:
    with pytest.raises(sandbox.ScriptError, match=message):
        value_of(source)
