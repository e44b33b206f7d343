from __future__ import annotations

import pytest

from engine.declare.convert import Unacceptable
from engine.declare.spec import SYNAPSE
from engine.mediators._evaluators import Condition, compile_test, url_of
from engine.source import Element, Source
from engine.testing.harness import Harness, StubExchange

URL = "http://me:pw@example.com:8280/a%20b/c?x=1&y=%C3%A9&z#top"


def _element(xml: str) -> Element:
    return Source("test.xml", f'<c xmlns="{SYNAPSE}" xmlns:m="urn:m">{xml}</c>'.encode()).parse().children[0]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ('<equal type="header" source="Foo" value="BAR"/>', True),  # letters of any case
        ('<equal source="foo" value="bar"/>', True),  # header is the default type
        ('<equal source="missing" value=""/>', False),
        ('<match source="foo" regex="ba"/>', False),  # the whole text
        ('<match source="foo" regex="ba."/>', True),
        ('<match type="url" regex="http.*top"/>', True),
        ('<equal type="url" source="protocol" value="http"/>', True),
        ('<equal type="url" source="user" value="me:pw"/>', True),
        ('<equal type="url" source="host" value="EXAMPLE.com"/>', True),
        ('<equal type="url" source="port" value="8280"/>', True),
        ('<equal type="url" source="path" value="/a b/c"/>', True),
        ('<equal type="url" source="query" value="x=1&amp;y=é&amp;z"/>', True),
        ('<equal type="url" source="ref" value="top"/>', True),
        ('<equal type="param" source="y" value="É"/>', True),
        ('<match type="param" source="z" regex=".*"/>', False),
        ('<equal type="property" source="count" value="42"/>', True),
        ('<equal type="property" source="missing" value=""/>', False),
        ('<equal type="soap" source="//m:id" value="7"/>', True),
        ('<match type="soap" source="//m:list" regex="(?s).*xmlns:m.*"/>', True),  # an element without text is its XML
        ('<not><equal source="foo" value="x"/></not>', True),
        ('<and><equal source="foo" value="bar"/><equal source="foo" value="x"/></and>', False),
        ('<or><equal source="foo" value="x"/><equal source="foo" value="bar"/></or>', True),
        ('<and xmlns=""><equal source="foo" value="bar"/><not><match source="foo" regex="b"/></not></and>', True),
    ],
)
def test_conditions(condition: str, holds: bool) -> None:
    body = b'<m:r xmlns:m="urn:m"><m:id>7</m:id><m:list><m:i/></m:list></m:r>'
    message = Harness().message(body, "application/xml", headers={"Foo": "bar"})
    message.properties["count"] = 42
    assert compile_test(_element(condition))(message, URL) is holds


def test_a_url_without_a_port_has_the_port_minus_one() -> None:
    test = compile_test(_element('<equal type="url" source="port" value="-1"/>'))
    assert test(Harness().message(), "http://example.com/")


def test_a_url_that_is_none_has_no_parts() -> None:
    test = compile_test(_element('<match type="url" source="host" regex=".*"/>'))
    assert not test(Harness().message(), "http://[::1/")


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("<exists/>", "<exists> at test.xml:1:60 is no condition."),
        ("<and><equal source='a' value='b'/></and>", "<and> at test.xml:1:60 takes two conditions or more."),
        ("<not/>", "<not> at test.xml:1:60 takes exactly one condition."),
        ("<equal source='a'/>", "<equal> at test.xml:1:60 needs the attribute 'value'."),
        ("<match source='a' regex='('/>", "'(' at test.xml:1:85 is not a regular expression"),
        ("<match type='heder' source='a' regex='.'/>", "'heder' at test.xml:1:73 is not one of header, param, url"),
        ("<match type='url' source='hots' regex='.'/>", "'hots' at test.xml:1:86 is not one of protocol"),
        ("<match type='param' regex='.'/>", "<match> at test.xml:1:60 needs the attribute 'source'."),
        ("<match type='soap' source='//q:x' regex='.'/>", "the namespace prefix 'q' is not declared at test.xml:1:89."),
    ],
)
def test_mistakes_name_their_place(condition: str, message: str) -> None:
    with pytest.raises(Unacceptable) as caught:
        compile_test(_element(condition))
    assert message in caught.value.message


def test_the_url_is_the_address_else_what_the_client_asked_for() -> None:
    message = Harness().message(exchange=StubExchange(path="/services/a", query="x=1"))
    assert url_of(message) == "/services/a?x=1"
    message.to = "http://example.com/"
    assert url_of(message) == "http://example.com/"


@pytest.mark.parametrize(("kind", "reads"), [("soap", True), ("header", False)])
def test_only_the_envelope_needs_the_body(kind: str, reads: bool) -> None:
    inside = (_element(f"<not><match type='{kind}' source='a' regex='.'/></not>"),)
    assert Condition.spec.construct(where=inside[0].where, content=inside).reads_body is reads


def test_a_condition_holds_one_element() -> None:
    with pytest.raises(Unacceptable, match="exactly one"):
        Condition.spec.construct(where=_element("<x/>").where, content=())
