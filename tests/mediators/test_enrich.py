from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from engine.errors import Fault
from engine.message.context import MessageContext
from engine.testing.harness import Harness

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XML, JSON = "application/xml", "application/json"


async def enriched(
    source: str, target: str, body: str, content_type: str = XML, *, artifacts: str = "", **properties: Any
) -> MessageContext:
    harness = Harness(artifacts)
    message = harness.message(body.encode(), content_type)
    message.properties.update(properties)
    xml = f'<enrich xmlns:s="{SOAP}">{source}{target}</enrich>'
    assert await harness.run(xml, message) is True
    return message


def body_of(message: MessageContext) -> str:
    return message.payload.render(message.payload.kind).decode()


def printed(value: Any) -> Any:
    if isinstance(value, list):
        return [printed(each) for each in value]
    return etree.tostring(value, encoding="unicode") if isinstance(value, etree._Element) else value


# ---------------------------------------------------------------- XML


@pytest.mark.parametrize(
    ("source", "target", "result"),
    [
        ('xpath="//b"', 'xpath="//c"', "<a><b>1</b><b>1</b>tail<d k='v'>t</d></a>"),
        ('xpath="//b"', 'xpath="//c" action="child"', "<a><b>1</b><c><e/><b>1</b></c>tail<d k='v'>t</d></a>"),
        ('xpath="//b"', 'xpath="//c" action="sibling"', "<a><b>1</b><c><e/></c><b>1</b>tail<d k='v'>t</d></a>"),
        (
            'xpath="//*[self::b or self::d]"',
            'xpath="//c" action="sibling"',
            "<a><b>1</b><c><e/></c><d k='v'>t</d><b>1</b>tail<d k='v'>t</d></a>",
        ),
        ('xpath="//b/text()"', 'xpath="//d"', "<a><b>1</b><c><e/></c>tail<d k='v'>1</d></a>"),
        ('xpath="//b/text()"', 'xpath="//d/text()"', "<a><b>1</b><c><e/></c>tail<d k='v'>1</d></a>"),
        ('xpath="//b"', 'xpath="//d/text()"', "<a><b>1</b><c><e/></c>tail<d k='v'><b>1</b></d></a>"),
        ('xpath="//b/text()"', 'xpath="//d/@k"', "<a><b>1</b><c><e/></c>tail<d k='1'>t</d></a>"),
        ('xpath="//d/@k"', 'xpath="//b"', "<a><b>v</b><c><e/></c>tail<d k='v'>t</d></a>"),
        ('xpath="//c" clone="false"', 'xpath="//b" action="child"', "<a><b>1<c><e/></c></b>tail<d k='v'>t</d></a>"),
        ('xpath="//none"', 'xpath="//b"', "<a><b>1</b><c><e/></c>tail<d k='v'>t</d></a>"),
        ('xpath="//c"', 'type="body"', "<c><e/></c>"),
        ('xpath="//e"', 'type="body" action="child"', "<a><b>1</b><c><e/></c>tail<d k='v'>t</d><e/></a>"),
        ('xpath="$ctx:id"', 'xpath="//b"', "<a><b>7</b><c><e/></c>tail<d k='v'>t</d></a>"),
    ],
)
async def test_trap_25_xml_to_xml(source: str, target: str, result: str) -> None:
    body = '<a><b>1</b><c><e/></c>tail<d k="v">t</d></a>'
    message = await enriched(f"<source {source}/>", f"<target {target}/>", body, id="7")
    assert body_of(message) == result.replace("'", '"')


async def test_inline_xml_in_place_of_an_element() -> None:
    message = await enriched(
        '<source type="inline"><n xmlns=""/></source>', '<target xpath="//b"/>', "<a><b>1</b>tail</a>"
    )
    assert body_of(message) == "<a><n/>tail</a>"


async def test_trap_25_a_property_holds_a_list_of_nodes() -> None:
    message = await enriched('<source xpath="//b"/>', '<target type="property" property="p"/>', "<a><b>1</b><b/></a>")
    assert printed(message.properties["p"]) == ["<b>1</b>", "<b/>"]
    assert message.payload.untouched


@pytest.mark.parametrize("action", ["replace", "child", "sibling"])
async def test_a_property_with_xml_takes_children_only(action: str) -> None:
    for held in ("<p/>", etree.fromstring("<p/>"), [etree.fromstring("<p/>")]):
        target = f'<target type="property" property="p" action="{action}"/>'
        message = await enriched('<source xpath="//b"/>', target, "<a><b/></a>", p=held)
        expected: Any = "<p><b/></p>" if action == "child" else ["<b/>"]
        assert printed(message.properties["p"]) == expected


@pytest.mark.parametrize(
    ("value", "result"),
    [
        (etree.fromstring("<n>x</n>"), "<n>x</n>"),
        ([etree.fromstring("<n/>")], "<n/>"),
        ("plain", "<a>plain</a>"),
        ('{"x":[1]}', '{"x":[1]}'),
        (12, "<a>12</a>"),
    ],
)
async def test_the_body_from_a_property(value: Any, result: str) -> None:
    message = await enriched('<source type="property" property="p"/>', '<target type="body"/>', "<a><b/></a>", p=value)
    assert body_of(message) == result


async def test_body_to_property_and_back() -> None:
    harness = Harness()
    message = harness.message(b"<a>\xc3\xa9<![CDATA[<]]></a>", XML)
    await harness.run(
        """<enrich><source type="body"/><target type="property" property="p"/></enrich>
           <enrich><source type="inline"><other xmlns=""/></source><target type="body"/></enrich>
           <enrich><source type="property" property="p"/><target type="body"/></enrich>""",
        message,
    )
    assert body_of(message) == "<a>é<![CDATA[<]]></a>"


async def test_a_property_is_a_copy() -> None:
    message = await enriched('<source type="body"/>', '<target type="property" property="p"/>', "<a><b/></a>")
    message.payload.editable_envelope().findall(".//b")[0].text = "changed"
    assert printed(message.properties["p"]) == ["<a><b/></a>"]


async def test_the_envelope_from_a_property_and_into_one() -> None:
    envelope = f'<s:Envelope xmlns:s="{SOAP}"><s:Header><h/></s:Header><s:Body><a/></s:Body></s:Envelope>'
    message = await enriched(
        '<source type="envelope"/>', '<target type="property" property="p"/>', envelope, "text/xml"
    )
    held = message.properties["p"]
    message = await enriched('<source type="property" property="p"/>', '<target type="envelope"/>', "<x/>", p=held)
    assert body_of(message) == envelope
    assert message.payload.kind == "soap11"
    with pytest.raises(Fault, match="a SOAP envelope is needed"):
        await enriched('<source type="property" property="p"/>', '<target type="envelope"/>', "<x/>", p="text")


async def test_a_soap_header_takes_blocks() -> None:
    envelope = f'<s:Envelope xmlns:s="{SOAP}"><s:Header/><s:Body><a/></s:Body></s:Envelope>'
    source = '<source type="inline"><h xmlns="urn:h">1</h></source>'
    message = await enriched(source, '<target xpath="//s:Header" action="child"/>', envelope, "text/xml")
    assert '<s:Header><h xmlns="urn:h">1</h></s:Header>' in body_of(message)


async def test_an_empty_body_takes_elements() -> None:
    message = await enriched('<source type="inline"><n xmlns=""/></source>', '<target type="body"/>', "")
    assert body_of(message) == "<n/>"


async def test_target_get_property_is_the_property() -> None:
    target = "<target xpath=\"get-property('axis2', 'p')\"/>"
    message = await enriched('<source xpath="//b/text()"/>', target, "<a><b>1</b></a>")
    assert message.axis2["p"] == "1"
    message = await enriched('<source xpath="//b"/>', "<target xpath=\"get-property('p')\"/>", "<a><b>1</b></a>")
    assert printed(message.properties["p"]) == ["<b>1</b>"]


async def test_a_place_that_is_not_there_is_a_fault() -> None:
    with pytest.raises(Fault, match="//none finds no place"):
        await enriched('<source xpath="//b"/>', '<target xpath="//none"/>', "<a><b/></a>")
    with pytest.raises(Fault, match="cannot be the value of the attribute 'k'"):
        await enriched('<source xpath="//b"/>', '<target xpath="//@k"/>', '<a k="1"><b/></a>')


async def test_an_entry_is_inline_content() -> None:
    artifacts = '<localEntry key="e"><n xmlns="">x</n></localEntry>'
    source = '<source type="inline" key="e"/>'
    for _ in range(2):
        message = await enriched(source, '<target xpath="//b" action="child"/>', "<a><b/></a>", artifacts=artifacts)
        assert body_of(message) == "<a><b><n>x</n></b></a>"


@pytest.mark.parametrize("before", ["", '<?xml version="1.0" encoding="UTF-8"?>\n<!-- c -->\n'])
async def test_a_registry_resource_with_xml_is_xml(before: str) -> None:
    harness = Harness()
    harness.services.registry.put("conf:/n.xml", f"{before}<n>é</n>".encode())
    message = harness.message(b"<a><b/></a>", "application/xml")
    source = '<source type="inline" key="conf:/n.xml"/>'
    await harness.run(f'<enrich>{source}<target xpath="//b"/></enrich>', message)
    assert body_of(message) == "<a><n>é</n></a>"


async def test_inline_xml_with_expressions() -> None:
    source = '<source type="inline"><n xmlns="" k="{$ctx:id}"><v>{//b/text()}</v></n></source>'
    message = await enriched(source, '<target type="body"/>', "<a><b>1</b></a>", id="7")
    assert body_of(message) == '<n k="7"><v>1</v></n>'


# ---------------------------------------------------------------- JSON

DOCUMENT = '{"a":{"b":1,"n":null},"l":[1,{"x":2}],"big":9007199254740993,"s":"é"}'


@pytest.mark.parametrize(
    ("source", "target", "result"),
    [
        ("$.a", "$.l[0]", '{"a":{"b":1,"n":null},"l":[{"b":1,"n":null},{"x":2}],"big":9007199254740993,"s":"é"}'),
        ("$.big", "$.a.b", '{"a":{"b":9007199254740993,"n":null},"l":[1,{"x":2}],"big":9007199254740993,"s":"é"}'),
        ("$.a.n", "$.s", '{"a":{"b":1,"n":null},"l":[1,{"x":2}],"big":9007199254740993,"s":null}'),
        ("$.l[*].x", "$.a.b", '{"a":{"b":[2],"n":null},"l":[1,{"x":2}],"big":9007199254740993,"s":"é"}'),
        ("$.s", "$.l[*]", '{"a":{"b":1,"n":null},"l":["é","é"],"big":9007199254740993,"s":"é"}'),
    ],
)  # fmt: skip
async def test_json_replaces_json(source: str, target: str, result: str) -> None:
    message = await enriched(
        f'<source xpath="json-eval({source})"/>', f'<target xpath="json-eval({target})"/>', DOCUMENT, JSON
    )
    assert body_of(message) == result


@pytest.mark.parametrize(
    ("source", "target", "document", "result"),
    [
        ("$.v", "$.t", '{"v":1,"t":[0]}', '{"v":1,"t":[0,1]}'),
        ("$.v", "$.t", '{"v":{"x":1,"y":2},"t":{"x":0}}', '{"v":{"x":1,"y":2},"t":{"x":1,"y":2}}'),
        ("$.v", "$.t", '{"v":1,"t":{"x":0}}', '{"v":1,"t":{"x":0}}'),
        ("$.v", "$", '{"v":{"w":1}}', '{"v":{"w":1},"w":1}'),
        ("$.v", "$.t", '{"v":null,"t":[[]]}', '{"v":null,"t":[[],null]}'),
    ],
)
async def test_json_adds_to_json(source: str, target: str, document: str, result: str) -> None:
    target = f'<target xpath="json-eval({target})" action="child"/>'
    message = await enriched(f'<source xpath="json-eval({source})"/>', target, document, JSON)
    assert body_of(message) == result


async def test_json_that_is_moved() -> None:
    source = '<source xpath="json-eval($.a)" clone="false"/>'
    message = await enriched(source, '<target xpath="json-eval($.b)"/>', '{"a":[1],"b":0}', JSON)
    assert body_of(message) == '{"b":[1]}'


@pytest.mark.parametrize(
    ("path", "result"),
    [("$.s", '"x"'), ("$.n", "null"), ("$.o", '{"i":[1]}'), ("$.big", "12345678901234567890123"), ("$.e", "[]")],
)
async def test_json_in_a_property_is_its_text(path: str, result: str) -> None:
    document = '{"s":"x","n":null,"o":{"i":[1]},"big":12345678901234567890123,"e":[]}'
    target = '<target type="property" property="p"/>'
    message = await enriched(f'<source xpath="json-eval({path})"/>', target, document, JSON)
    assert message.properties["p"] == result


async def test_a_json_array_in_a_property_takes_items() -> None:
    target = '<target type="property" property="p" action="child"/>'
    message = await enriched('<source xpath="json-eval($.a)"/>', target, '{"a":{"x":1}}', JSON, p="[0]")
    assert message.properties["p"] == '[0,{"x":1}]'
    message = await enriched('<source xpath="json-eval($.a)"/>', target, '{"a":1}', JSON, p="{}")
    assert message.properties["p"] == "{}"


@pytest.mark.parametrize(
    ("value", "result"),
    [('{"x": 1}', '{"x":1}'), ("[1]", "[1]"), ("text", '{"a":1}'), ("5", '{"a":1}'), ({"y": [2]}, '{"y":[2]}')],
)
async def test_trap_25_the_body_takes_objects_and_arrays_only(value: Any, result: str) -> None:
    message = await enriched(
        '<source type="property" property="p"/>', '<target type="body"/>', '{"a":1}', JSON, p=value
    )
    assert body_of(message) == result


async def test_trap_25_a_key_gets_another_name() -> None:
    document = '{"user":{"name":1,"age":2}}'
    target = '<target type="key" xpath="json-eval($.user.name)"/>'
    for written in ('"title"', "title"):
        message = await enriched(f'<source type="inline">{written}</source>', target, document, JSON)
        assert body_of(message) == '{"user":{"age":2,"title":1}}'
    message = await enriched('<source type="property" property="p"/>', target, document, JSON, p="full name")
    assert body_of(message) == '{"user":{"age":2,"full name":1}}'
    target = '<target type="key" xpath="json-eval($.users[*].name)"/>'
    message = await enriched('<source type="inline">"t"</source>', target, '{"users":[{"name":1},{"name":2}]}', JSON)
    assert body_of(message) == '{"users":[{"t":1},{"t":2}]}'
    with pytest.raises(Fault, match="must be a text"):
        await enriched('<source type="inline">{}</source>', target, '{"users":[]}', JSON)


@pytest.mark.parametrize(
    ("paths", "result"),
    [
        ("$.a", '{"b":[1,2,3],"c":[{"x":1},{"x":2}]}'),
        ("$.b[0],$.b[1]", '{"a":null,"b":[2],"c":[{"x":1},{"x":2}]}'),
        ("$.b[0,1]", '{"a":null,"b":[3],"c":[{"x":1},{"x":2}]}'),
        ("$.b[*]", '{"a":null,"b":[],"c":[{"x":1},{"x":2}]}'),
        ("$.b[1:]", '{"a":null,"b":[1],"c":[{"x":1},{"x":2}]}'),
        ("$.c[?(@.x > 1)]", '{"a":null,"b":[1,2,3],"c":[{"x":1}]}'),
        ("$.c[?(@.x > 9)]", '{"a":null,"b":[1,2,3],"c":[{"x":1},{"x":2}]}'),
        ("$..x", '{"a":null,"b":[1,2,3],"c":[{},{}]}'),
        ("$.c[0]['x'], $.a", '{"b":[1,2,3],"c":[{},{"x":2}]}'),
    ],
)
async def test_what_is_removed(paths: str, result: str) -> None:
    document = '{"a":null,"b":[1,2,3],"c":[{"x":1},{"x":2}]}'
    source = f'<source xpath="json-eval({paths.replace("> ", "&gt; ")})"/>'
    message = await enriched(source, '<target type="body" action="remove"/>', document, JSON)
    assert body_of(message) == result
    target = '<target type="property" property="p" action="remove"/>'
    message = await enriched(source, target, "{}", JSON, p=document)
    assert message.properties["p"] == result


async def test_all_of_it_is_removed() -> None:
    source = '<source xpath="json-eval($)"/>'
    message = await enriched(source, '<target type="body" action="remove"/>', '{"a":1}', JSON)
    assert message.payload.kind == "empty"
    target = '<target type="property" property="p" action="remove"/>'
    assert (await enriched(source, target, "{}", JSON, p="[1]")).properties["p"] == ""


async def test_inline_json_with_expressions() -> None:
    source = (
        '<source type="inline">{"n": {json-eval($.name)}, "i": {json-eval($.id)}, "o": {json-eval($.o)}, '
        '"q": "{$ctx:q}", "none": {$ctx:none}}</source>'
    )
    document = '{"name":"A \\"b\\"","id":5,"o":{"k":[1]}}'
    message = await enriched(source, '<target type="body"/>', document, JSON, q="word")
    assert body_of(message) == '{"n":"A \\"b\\"","i":5,"o":{"k":[1]},"q":"word","none":""}'


async def test_a_path_with_a_property_inside() -> None:
    source = '<source xpath="json-eval($.list[{$ctx:i}])"/>'
    message = await enriched(source, '<target type="property" property="p"/>', '{"list":[1,2]}', JSON, i="1")
    assert message.properties["p"] == "2"


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ('<source xpath="json-eval($.none)"/>', '<target type="property" property="p"/>'),
        ('<source xpath="json-eval($.a)"/>', '<target xpath="json-eval($.none.x)"/>'),
        ('<source xpath="json-eval($.none)"/>', '<target type="body" action="remove"/>'),
        ('<source type="inline">"x"</source>', '<target type="key" xpath="json-eval($.none)"/>'),
        ('<source type="property" property="none"/>', '<target type="body"/>'),
        ('<source type="inline" key="none"/>', '<target type="body"/>'),
    ],
)
async def test_what_is_not_there_is_a_fault(source: str, target: str) -> None:
    with pytest.raises(Fault, match=r"there is (no|nothing)"):
        await enriched(source, target, '{"a":1}', JSON)


async def test_xml_into_a_json_payload_works_on_its_xml() -> None:
    source = '<source type="inline"><b xmlns="">2</b></source>'
    message = await enriched(source, '<target xpath="//a"/>', '{"a":1}', JSON)
    assert message.payload.render("json") == b'{"b":2}'


async def test_a_json_payload_from_xml_in_a_property() -> None:
    held = etree.fromstring("<jsonObject><b>2</b></jsonObject>")
    message = await enriched('<source type="property" property="p"/>', '<target type="body"/>', '{"a":1}', JSON, p=held)
    assert message.payload.render("json") == b'{"b":2}'


async def test_a_new_body_has_an_entity_again() -> None:
    harness = Harness()
    message = harness.message(b'{"a":1}')
    message.axis2["NO_ENTITY_BODY"] = True
    await harness.run('<enrich><source type="inline">{"b":2}</source><target type="body"/></enrich>', message)
    assert "NO_ENTITY_BODY" not in message.axis2


@pytest.mark.parametrize(
    ("inside", "problem"),
    [
        ('<source type="body"/><target type="body"/>', "a source 'body' cannot go to a target 'body'"),
        ('<source type="envelope"/><target type="body"/>', "a source 'envelope' cannot go to a target 'body'"),
        ('<source xpath="//a"/><target type="envelope"/>', "a source 'custom' cannot go to a target 'envelope'"),
        ('<source type="body"/><target type="key" xpath="json-eval($.a)"/>', "cannot be the name of a key"),
        ('<source/><target type="body"/>', "type 'custom' needs the attribute 'xpath'"),
        ('<source type="property"/><target type="body"/>', "needs the attribute 'property'"),
        ('<source type="inline"/><target type="body"/>', "there is no content"),
        ('<source type="body"/><target/>', "type 'custom' needs the attribute 'xpath'"),
        ('<source type="body"/><target xpath="json-eval($)"/>', "cannot be replaced by its path"),
        ('<source type="inline">x</source><target type="key" xpath="//a"/>', "needs a json-eval() path"),
        ('<source xpath="//a"/><target type="body" action="remove"/>', "'remove' needs a source with json-eval()"),
        ('<source xpath="json-eval($.a)"/><target xpath="json-eval($.b)" action="remove"/>', "'remove' needs a target"),
        ('<source xpath="json-eval($.a, $.b)"/><target type="property" property="p"/>', "several paths go with"),
        ('<source type="inline">{"a": {$}}</source><target type="body"/>', "{$}: "),
        ('<source type="bdoy"/><target type="body"/>', "Did you mean 'body'?"),
    ],
)
def test_mistakes_at_load(inside: str, problem: str) -> None:
    found = Harness().problems(f"<enrich>{inside}</enrich>")
    assert problem in "\n".join(found)
