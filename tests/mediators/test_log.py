from __future__ import annotations

import logging

import pytest

from engine.message.context import MessageContext
from engine.testing.harness import Harness

ID = "id-1"


async def _logged(caplog: pytest.LogCaptureFixture, xml: str, message: MessageContext) -> list[tuple[str, str]]:
    caplog.clear()
    with caplog.at_level(1, "myelin.log"):
        assert await Harness().run(xml, message) is True
    return [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "myelin.log"]


def _message(body: bytes = b"", content_type: str = "application/json", **headers: str) -> MessageContext:
    message = Harness().message(body, content_type, headers={"activityid": ID, **headers})
    message.to = "/services/test"
    return message


@pytest.mark.parametrize(
    ("category", "level"),
    [("", 20), ("INFO", 20), ("DEBUG", 10), ("TRACE", 5), ("WARN", 30), ("ERROR", 40), ("FATAL", 50), ("warn", 30)],
)
async def test_the_category_is_the_level(caplog: pytest.LogCaptureFixture, category: str, level: int) -> None:
    attribute = f'category="{category}"' if category else ""
    await _logged(caplog, f"<log {attribute}/>", _message())
    assert [record.levelno for record in caplog.records] == [level]


@pytest.mark.parametrize(
    ("xml", "line"),
    [
        ("<log/>", "To: /services/test, MessageID: id-1, Direction: request"),
        ('<log level="simple"/>', "To: /services/test, MessageID: id-1, Direction: request"),
        ('<log level="custom"/>', ""),
        ('<log level="custom" logMessageID="true"/>', "MessageID: id-1"),
        (
            '<log level="custom"><property name="a" value="1"/><property name="b" expression="$ctx:b"/></log>',
            "a = 1, b = 2",
        ),
        ('<log level="custom"><property name="a" expression="$ctx:missing"/></log>', "a = null"),
        ('<log level="custom"><property name="a" expression="json-eval($.missing)"/></log>', "a = "),
        (
            '<log level="custom" separator=" | "><property name="a" value="1"/><property name="b" value="2"/></log>',
            "a = 1 | b = 2",
        ),
        (
            r'<log level="custom" separator="\n\t"><property name="a" value="1"/><property name="b" value="2"/></log>',
            "a = 1\n\tb = 2",
        ),
        ("<log><message>Hello</message></log>", "Hello"),
        ('<log><message>Hello</message><property name="a" value="1"/></log>', "Hello, a = 1"),
        (
            '<log level="simple"><message>Hello</message></log>',
            "Hello, To: /services/test, MessageID: id-1, Direction: request",
        ),
        ('<log level="headers"/>', "activityid : id-1, accept : */*"),
        ('<log level="full"/>', "To: /services/test, MessageID: id-1, Direction: request"),
    ],
)
async def test_the_line(caplog: pytest.LogCaptureFixture, xml: str, line: str) -> None:
    message = _message(Accept="*/*")
    message.properties["b"] = 2
    assert await _logged(caplog, xml, message) == [("INFO", f"{ID}: {line}")]


async def test_only_the_author_breaks_lines(caplog: pytest.LogCaptureFixture) -> None:
    message = _message(b'{"a": "x\\r\\ny"}')
    message.properties["b"] = "1\n2"
    text = r"<message>said\n${payload.a}</message>"
    xml = f'<log level="full" separator="\\n">{text}<property name="b" expression="$ctx:b"/></log>'
    [(_, line)] = await _logged(caplog, xml, message)
    first, *others = line.split("\n")
    assert (first, others[0], others[-2:]) == (
        f"{ID}: said",
        r"x\r\ny",
        [r"b = 1\n2", r'Payload: {"a": "x\r\ny"}'],
    )


async def test_simple_tells_direction_and_action(caplog: pytest.LogCaptureFixture) -> None:
    message = _message(SOAPAction='"urn:buy"')
    message.to, message.is_response = None, True
    [(_, line)] = await _logged(caplog, "<log/>", message)
    assert line == f'{ID}: To: , SOAPAction: "urn:buy", MessageID: {ID}, Direction: response'


@pytest.mark.parametrize(
    ("body", "content_type", "shown"),
    [
        (b'{"a" : 400000000000000001}', "application/json", 'Payload: {"a" : 400000000000000001}'),
        (b"{broken", "application/json", "Payload: {broken"),
        (b"<broken", "text/xml", "Payload: <broken"),
        (b"\xff", "text/plain", "Payload: \ufffd"),
        (b"plain", "text/plain", "Payload: plain"),
        (b"a=1&b=2", "application/x-www-form-urlencoded", "Payload: a=1&b=2"),
        (b"\x00\x01\x02", "application/octet-stream", "Payload: 3 bytes"),
        (
            b"<a>1</a>",
            "application/xml",
            'Envelope: <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
            "<soapenv:Body><a>1</a></soapenv:Body></soapenv:Envelope>",
        ),
    ],
)
@pytest.mark.parametrize("attribute", ['level="full"', 'logFullPayload="true"'])
async def test_full_shows_the_payload(
    caplog: pytest.LogCaptureFixture, attribute: str, body: bytes, content_type: str, shown: str
) -> None:
    xml = f'<log {attribute}><property name="p" value="v"/></log>'
    [(_, line)] = await _logged(caplog, xml, _message(body, content_type))
    assert line == f"{ID}: To: /services/test, MessageID: {ID}, Direction: request, p = v, {shown}"


async def test_headers_shows_soap_header_blocks(caplog: pytest.LogCaptureFixture) -> None:
    body = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><w:a xmlns:w="urn:w">1</w:a><b/>'
        b"</s:Header><s:Body/></s:Envelope>"
    )
    [(_, line)] = await _logged(caplog, '<log level="headers"/>', _message(body, "text/xml"))
    assert line == f"{ID}: content-type : text/xml, activityid : {ID}, a : 1, b : "


@pytest.mark.parametrize(
    ("xml", "line"),
    [
        ('<log level="custom"><property name="Authorization" expression="$trp:A"/></log>', "Authorization = ***"),
        ('<log level="custom"><property name="h" expression="$trp:Authorization"/></log>', "h = ***"),
        ('<log level="custom"><property name="t" expression="$ctx:accessToken"/></log>', "t = ***"),
        ('<log level="custom"><property name="b" expression="json-eval($)"/></log>', 'b = {"refresh_token": "***"}'),
    ],
)
async def test_secrets_are_masked(caplog: pytest.LogCaptureFixture, xml: str, line: str) -> None:
    message = _message(b'{"refresh_token": "s3cret"}', Authorization="Bearer s3cret", A="s3cret")
    message.properties["accessToken"] = "s3cret"
    assert await _logged(caplog, xml, message) == [("INFO", f"{ID}: {line}")]


@pytest.mark.parametrize("level", ["headers", "full"])
async def test_secrets_of_the_message_are_masked(caplog: pytest.LogCaptureFixture, level: str) -> None:
    message = _message(b'{"refresh_token": "s3cret"}', Authorization="Bearer s3cret", Cookie="s3cret")
    [(_, line)] = await _logged(caplog, f'<log level="{level}"/>', message)
    assert "s3cret" not in line
    assert "***" in line


async def test_a_level_that_is_off_evaluates_nothing() -> None:
    harness = Harness()
    steps = harness.steps('<log level="custom" category="DEBUG"><property name="a" expression="$func:x"/></log>')
    logger = logging.getLogger("myelin.log")
    before = logger.level
    try:
        logger.setLevel(logging.INFO)
        assert await steps[0].mediate(harness.message()) is True  # $func: outside a template would be a fault
    finally:
        logger.setLevel(before)


@pytest.mark.parametrize(
    ("xml", "reads"),
    [
        ("<log/>", False),
        ('<log level="headers"/>', True),
        ('<log level="full"/>', True),
        ('<log logFullPayload="true"/>', True),
        ('<log level="custom"><property name="a" value="1"/></log>', False),
        ('<log level="custom"><property name="a" expression="json-eval($.a)"/></log>', True),
    ],
)
def test_only_what_looks_into_the_body_reads_it(xml: str, reads: bool) -> None:
    assert Harness().steps(xml)[0].reads_body is reads


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        (
            '<log level="ful"/>',
            "2:13: error[bad-choice]: 'ful' is not one of simple, headers, full, custom. Did you mean 'full'?",
        ),
        (
            '<log category="NOTE"/>',
            "2:16: error[bad-choice]: 'NOTE' is not one of INFO, DEBUG, TRACE, WARN, ERROR, FATAL.",
        ),
        (
            "<log><message>Hello ${payload.}</message></log>",
            "2:31: error[bad-expression]: '}' stands where a name must follow. "
            "Write ['a name'] for a name with other characters.",
        ),
        (
            "<log><propery/></log>",
            "2:6: warning[unknown-element]: <propery> is not known inside <log>; it is ignored. "
            "Did you mean 'property'?",
        ),
    ],
)
def test_mistakes_are_problems_at_load(xml: str, problem: str) -> None:
    assert Harness().problems(f"\n{xml}") == [problem]


@pytest.mark.parametrize("attributes", ["", 'value="1" expression="2"'])
def test_a_pair_has_one_value(attributes: str) -> None:
    [problem] = Harness().problems(f'\n<log><property name="a" {attributes}/></log>')
    assert problem.startswith("2:6: error[one-of]: <property> needs exactly one of ")


async def test_the_message_has_expressions_inside(caplog: pytest.LogCaptureFixture) -> None:
    harness = Harness()
    message = harness.message(b'{"data":{"a":1}}', "application/json")
    message.variables.update(endpoint="http://localhost", apiToken="s3cret")
    text = "Got ${payload.data}\\nby ${vars.endpoint} with ${vars.apiToken}, ${vars.undefined}."
    with caplog.at_level(logging.INFO, "myelin.log"):
        await harness.run(f'<log><message>{text}</message><property name="n" expression="${{1 + 1}}"/></log>', message)
    assert "${vars.undefined} has no value" in caplog.messages[0]
    assert caplog.messages[1:] == [
        f'{message.correlation_id}: Got {{"a":1}}\nby http://localhost with ***, ., n = 2',
    ]


def test_only_an_expression_on_the_payload_reads_the_body() -> None:
    def reads(text: str) -> bool:
        [step] = Harness().steps(f"<log><message>{text}</message></log>")
        return step.reads_body

    assert reads("${payload.a}") is True
    assert reads("${vars.a}") is False
