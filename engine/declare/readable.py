"""What expressions read, by the word it begins with: the one list that the reference is written from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Readable:
    """A word at the beginning of an expression. ``form`` shows how it goes on, ``example`` has the ``result`` on the
    message that MESSAGE tells of."""

    name: str
    form: str
    doc: str
    example: str
    result: str


MESSAGE = """\
`POST /orders?size=2` with the header `Accept: text/plain`, the body `{"item": {"id": 7}, "tags": ["a", "b"]}`, the
property `who` = `Ada`, the axis2 property `HTTP_SC` = `201`, the variable `total` = `12.5`, in a template with the
parameter `sku` = `A-1`.
"""
"""What the examples are evaluated on."""

XPATH: tuple[Readable, ...] = (
    Readable(
        "json-eval",
        "json-eval(JSONPATH)",
        "A part of the JSON body by JSONPath; an XML body is read as the JSON it would become. Of several results it "
        "is an array.",
        "json-eval($.item.id)",
        "7",
    ),
    Readable(
        "$body",
        "$body/…",
        "The SOAP body around the payload: `$body/*[1]` is the payload itself. JSON is read as the XML it would be.",
        "$body//id",
        "7",
    ),
    Readable(
        "$header", "$header/…", "The SOAP header; empty for a message that is no SOAP.", "boolean($header/*)", "false"
    ),
    Readable("$env", "$env/…", "The SOAP envelope.", "local-name($env)", "Envelope"),
    Readable(
        "$ctx",
        "$ctx:NAME",
        "A property of the default scope, as `<property name='NAME'>` sets it; null when there is none. Names may have "
        "dots: `$ctx:uri.var.id`.",
        "$ctx:who",
        "Ada",
    ),
    Readable("$axis2", "$axis2:NAME", "A property of the axis2 scope.", "$axis2:HTTP_SC", "201"),
    Readable("$trp", "$trp:NAME", "A header of the message, whatever its case.", "$trp:accept", "text/plain"),
    Readable(
        "$func",
        "$func:NAME",
        "A parameter of the template that runs; outside of one it is a fault.",
        "$func:sku",
        "A-1",
    ),
    Readable(
        "$url",
        "$url:NAME",
        "A parameter in the URL of the client's request; empty when it is missing.",
        "$url:size",
        "2",
    ),
    Readable("$operation", "$operation:NAME", "A property of the operation scope.", "string($operation:none)", ""),
    Readable("$var", "$var:NAME", "A variable, as `<variable name='NAME'>` sets it.", "$var:total", "12.5"),
    Readable(
        "$sys",
        "$sys:NAME",
        "A variable of the environment that the engine runs in; empty when it is not set.",
        "$sys:NOT_SET",
        "",
    ),
)

SYNAPSE: tuple[Readable, ...] = (
    Readable(
        "payload",
        "${payload.PATH}",
        "The body, or a part of it: JSONPath after the word. XML is read with `xpath()`.",
        "${payload.item.id}",
        "7",
    ),
    Readable(
        "vars", "${vars.NAME}", "A variable, or a part of one: JSONPath after the name.", "${vars.total + 1}", "13.5"
    ),
    Readable(
        "headers",
        '${headers.NAME} or ${headers["NAME"]}',
        "A header of the message, whatever its case.",
        "${headers.Accept}",
        "text/plain",
    ),
    Readable(
        "properties",
        "${properties.synapse.NAME}, ${properties.axis2.NAME}; also props",
        "A property of the default or of the axis2 scope.",
        "${properties.synapse.who}",
        "Ada",
    ),
    Readable(
        "params",
        "${params.queryParams.NAME}, ${params.pathParams.NAME}, ${params.functionParams.NAME}",
        "A parameter in the URL, in the path of an API's resource, or of the template that runs.",
        "${params.queryParams.size}",
        "2",
    ),
    Readable(
        "configs",
        "${configs.NAME}",
        "A variable of the environment; else a line `NAME=value` of the file that the setting `properties_file` names.",
        '${exists(configs.NOT_THERE) ? "there" : "missing"}',
        "missing",
    ),
)
