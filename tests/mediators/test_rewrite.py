from __future__ import annotations

import pytest

from engine.errors import Fault
from engine.testing.harness import Harness, StubExchange

URL = "http://me@example.com:8280/services/a%2Fb?x=1&y=a%26b#top"


async def _rewritten(inside: str, url: str = URL, **properties: str) -> str | None:
    message = Harness().message(headers={"foo": "bar"})
    message.to = url
    message.properties.update(properties)
    assert await Harness().run(f"<rewrite>{inside}</rewrite>", message) is True
    return message.to


@pytest.mark.parametrize(
    ("action", "result"),
    [
        ('value="https" fragment="protocol"', "https://me@example.com:8280/services/a%2Fb?x=1&y=a%26b#top"),
        ('value="é b" fragment="user"', "http://%C3%A9%20b@example.com:8280/services/a%2Fb?x=1&y=a%26b#top"),
        ('type="remove" fragment="user"', "http://example.com:8280/services/a%2Fb?x=1&y=a%26b#top"),
        ('value="b.org" fragment="host"', "http://me@b.org:8280/services/a%2Fb?x=1&y=a%26b#top"),
        ('value="9000" fragment="port"', "http://me@example.com:9000/services/a%2Fb?x=1&y=a%26b#top"),
        ('value="-1" fragment="port"', "http://me@example.com/services/a%2Fb?x=1&y=a%26b#top"),
        ('type="remove" fragment="port"', "http://me@example.com/services/a%2Fb?x=1&y=a%26b#top"),
        ('value="/x y" fragment="path"', "http://me@example.com:8280/x%20y?x=1&y=a%26b#top"),
        ('type="append" value="/c" fragment="path"', "http://me@example.com:8280/services/a/b/c?x=1&y=a%26b#top"),
        ('type="prepend" value="/v1" fragment="path"', "http://me@example.com:8280/v1/services/a/b?x=1&y=a%26b#top"),
        (
            'type="replace" regex="/(ser)vices" value="/$1-\\$" fragment="path"',
            "http://me@example.com:8280/ser-$/a/b?x=1&y=a%26b#top",
        ),
        ('type="append" value="z=2" fragment="query"', "http://me@example.com:8280/services/a%2Fb?x=1&y=a&b&z=2#top"),
        ('type="prepend" value="z=2" fragment="query"', "http://me@example.com:8280/services/a%2Fb?z=2&x=1&y=a&b#top"),
        ('type="remove-query-param" value="x" fragment="query"', "http://me@example.com:8280/services/a%2Fb?y=a&b#top"),
        ('type="remove" fragment="query"', "http://me@example.com:8280/services/a%2Fb#top"),
        ('type="remove" fragment="ref"', "http://me@example.com:8280/services/a%2Fb?x=1&y=a%26b"),
        ('value="urn:x"', "urn:x"),
        ('type="remove"', ""),
        ('xpath="$ctx:missing" fragment="ref"', "http://me@example.com:8280/services/a%2Fb?x=1&y=a%26b"),
        ('xpath="$ctx:where" fragment="host"', "http://me@c.org:8280/services/a%2Fb?x=1&y=a%26b#top"),
        ('value="/o/{id}" resolve="true" fragment="path"', "http://me@example.com:8280/o/7?x=1&y=a%26b#top"),
        ('value="/o/{none}" resolve="true" fragment="path"', "http://me@example.com:8280?x=1&y=a%26b#top"),
    ],
)
async def test_actions(action: str, result: str) -> None:
    inside = f"<rewriterule><action {action}/></rewriterule>"
    assert await _rewritten(inside, where="c.org", id="7") == result


async def test_rules_build_on_one_another_and_only_where_their_condition_holds() -> None:
    inside = """
      <rewriterule>
        <condition><equal source="foo" value="bar"/></condition><action value="a.org" fragment="host"/>
      </rewriterule>
      <rewriterule>
        <condition><equal type="url" source="host" value="a.org"/></condition>
        <action value="/first" fragment="path"/>
      </rewriterule>
      <rewriterule>
        <condition><equal type="url" source="host" value="example.com"/></condition>
        <action value="/second" fragment="path"/>
      </rewriterule>"""
    assert await _rewritten(inside, "http://example.com/x") == "http://a.org/first"


async def test_without_an_address_it_is_what_the_client_asked_for() -> None:
    message = Harness().message(exchange=StubExchange(path="/services/p", query="x=1"))
    await Harness().run(
        '<rewrite><rewriterule><action value="b.org" fragment="host"/></rewriterule></rewrite>', message
    )
    assert message.to == "//b.org/services/p?x=1"


async def test_the_url_may_come_from_a_property_and_go_to_one() -> None:
    message = Harness().message()
    message.properties["in"] = "http://a.org/x"
    inside = '<rewriterule><action value="https" fragment="protocol"/></rewriterule>'
    await Harness().run(f'<rewrite inProperty="in" outProperty="out">{inside}</rewrite>', message)
    assert message.properties["out"] == "https://a.org/x"
    assert message.to is None


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ('value="70000" fragment="port"', "'70000' is not a port"),
        ('value="eighty" fragment="port"', "'eighty' is not a port"),
        ('value="http://[::1/"', "is not a URI"),
        ('value="x" fragment="path"', "no slash at its begin"),
        ('type="replace" regex="x" value="$2" fragment="query"', "no group 2"),
    ],
)
async def test_values_that_do_not_fit_are_faults(action: str, message: str) -> None:
    with pytest.raises(Fault, match=message.replace("[", r"\[")):
        await _rewritten(f"<rewriterule><action {action}/></rewriterule>")


async def test_a_colon_without_a_port_is_no_port() -> None:
    rule = '<rewriterule><action value="81" fragment="port"/></rewriterule>'
    assert await _rewritten(rule, "http://example.com:/x") == "http://example.com:81/x"
    assert await _rewritten(rule, "http://[::1]/x") == "http://[::1]:81/x"


async def test_an_address_that_is_no_uri_is_a_fault() -> None:
    with pytest.raises(Fault, match="is not a URI"):
        await _rewritten("", "http://example.com:port/")


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ('fragment="host"', "1:92: error[missing-attribute]: <action>: there is no value. Add value= or xpath=."),
        ('type="replace" value="x"', "needs the attribute 'regex'"),
        ('type="remove-query-param" value="x"', "works on the fragment 'query' only"),
        ('type="sett" value="x"', "Did you mean 'set'?"),
        ('fragment="hst" value="x"', "Did you mean 'host'?"),
    ],
)
def test_mistakes_at_load(action: str, problem: str) -> None:
    [found] = Harness().problems(f"<rewrite><rewriterule><action {action}/></rewriterule></rewrite>")
    assert problem.partition("error")[2] in found
