"""Where the reference surprises: 44 behaviours that old flows depend on, and that Myelin has too.

Where Myelin differs on purpose, ``engine/README.md`` says so. Comments and pages name a trap by its number, and a test
called ``test_trap_NN_…`` holds each.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trap:
    """``title`` in a few words, ``doc`` in sentences."""

    number: int
    title: str
    doc: str


_TRAPS = (
    (
        "json-eval of a missing path is empty, of null is 'null'",
        "`json-eval()` gives an empty text for a path that is not there, and the text `null` for a JSON null. "
        "Objects and arrays become compact JSON, `json-eval($)` the whole body as it came. An XML body is read as "
        "JSON first.",
    ),
    (
        "an element without text of its own stringifies as its XML",
        "An XPath that finds one element gives the text directly inside of it, trimmed. When there is none, as in "
        "`<a/>` or `<a><b>c</b></a>`, it gives the element as XML. Several elements are put together.",
    ),
    (
        "XPath numbers are doubles",
        "`count(//x)` as the value of a property is `3.0`. Inside of `concat()` it is `3`.",
    ),
    (
        "comparisons with null are false",
        "For a property that is not there both `$ctx:x = ''` and `$ctx:x != ''` are false, and so `not($ctx:x = "
        "'')` is true. `string($ctx:x)` is empty, `boolean($ctx:x)` false.",
    ),
    (
        "setting a property to null leaves it",
        "`<property name='a' expression='$ctx:none'/>` keeps the value that `a` had; `action='remove'` takes it "
        "away. An XPath that finds no node gives an empty text, which does set it. With a number as the type, "
        "null is a fault.",
    ),
    (
        "a missing template parameter is null",
        "`$func:x` is null when the caller did not give `x` and it has no default, and a fault outside of any "
        "template. A mandatory parameter that is missing is a fault with the code 500101.",
    ),
    (
        "{expr} is evaluated at entry, {{expr}} at each use",
        "A parameter in single braces has its value when the template begins. In double braces it stays an "
        "expression and is evaluated at each `$func:` against the body of that moment; it sees no properties. An "
        "expression that finds an element hands over the element.",
    ),
    (
        "a value is dynamic by its first and last character",
        "`{$ctx:x}` is an expression; with a space or a line break before the brace it is a text.",
    ),
    (
        "typed properties keep their type",
        "`type='INTEGER'` makes a number, which functions of texts read as text. `5.0` as INTEGER is 5.",
    ),
    (
        "the prefix fn",
        "Functions with the prefix `fn:` work in XPath 1.0 whether a namespace is bound to it or not.",
    ),
    (
        "XPath knows no default namespace",
        "A name without a prefix has no namespace, whatever `xmlns` says. Prefixes are those in scope where the "
        "expression stands.",
    ),
    (
        "get-property falls back to local entries",
        "`get-property('x')` is the property, else the local entry or the registry resource of that name. `To`, "
        "`From`, `Action`, `MessageID` and the like are headers of the message, `SYSTEM_TIME` is the clock.",
    ),
    (
        "$trp and $url compare without case",
        "So do all headers. `$trp:none` is null, `$url:none` is an empty text.",
    ),
    (
        "precedence and lexing of ${…}",
        "`and` and `or` bind tighter than comparisons, `==` compares texts, `5-3` is no subtraction (write `5 - "
        "3`), and `a-b` is one name. An error in an expression gives an empty text. 4 / 2 is 2, 5 / 2 is 2.5.",
    ),
    (
        "filter and switch match the whole text",
        "`regex` must match all of the text, not a part: write `.*error.*`.",
    ),
    (
        "what is true to a filter; only one case of a switch runs",
        "A text from XPath is true unless it is empty, also `false`; from `json-eval()` and `${…}` only `true` "
        "is. A switch runs the first case that matches, and goes on after it also when none does.",
    ),
    (
        "property: pattern, group, messageType",
        "`pattern` must match as a whole, else the value is empty; so it is for a group that is not there. The "
        "axis2 property `messageType` changes the Content-Type too.",
    ),
    (
        "header To; removal of HTTP headers",
        "`<header name='To'/>` sets the address. With `scope='transport'` and `action='remove'` exactly one HTTP "
        "header goes; after a call these are the headers of the back end's answer.",
    ),
    (
        "payloadFactory escapes JSON arguments and does not quote them",
        "The author writes the quotes around `$1`. A value that begins with a brace or a bracket goes in as JSON, "
        "one that is XML is made JSON first; `literal='true'` ends all that.",
    ),
    (
        "payloadFactory XML: JSON values become elements",
        "What a JSON path finds goes in as elements, a text is escaped.",
    ),
    (
        "payloadFactory: a missing argument ends the filling",
        "With one `<arg>`, `$2` and all that follow stay as they are, and the log says so. A null argument is empty.",
    ),
    (
        "payloadFactory: inline XML inherits the Synapse namespace",
        'Without `xmlns=""` the elements of a `<format>` are in the namespace of the flow, and the client sees it.',
    ),
    (
        "payloadFactory sets messageType",
        "JSON is application/json, text is text/plain; XML is application/xml unless the message is XML or SOAP "
        "already.",
    ),
    (
        "script: what mc does",
        "`mc.getProperty()` of what is not there is null, `mc.setPayloadJSON()` takes a text, an object or an "
        "array and does not change the type of the message, and a script that returns false ends the flow.",
    ),
    (
        "enrich: clone, node lists, JSON",
        "The source is copied and the target replaced by default. A property holds the list of the nodes found. "
        "JSON paths work where the body is JSON.",
    ),
    (
        "iterate and clone: continueParent, detached parts",
        "The message itself ends there unless `continueParent` is true. Parts run at the same time unless "
        "`sequential` is true. Without `preservePayload` a part is the body. Parts with a `<call>` in their "
        "target go on after the `<iterate>`.",
    ),
    (
        "aggregate: when it completes, and what a group is",
        "It is complete when all parts are there, or `min`, or `max` of them, or the time is over. `correlateOn` "
        "names a group by its text: different values are in one group. A single JSON result is an object and no "
        "array.",
    ),
    (
        "aggregate: who goes on",
        "A message that does not complete its group ends there. After `onComplete` the last one goes on after the "
        "`<aggregate>`, with the joined body.",
    ),
    (
        "foreach of both versions",
        "With `expression` it works on the elements in place, one after the other. With `collection` it runs them "
        "at the same time and puts the results back, or into a variable.",
    ),
    (
        "nothing runs after send",
        "`send`, `respond`, `drop` and `loopback` end the list of mediators that they stand in.",
    ),
    (
        "template frames survive a call",
        "`$func:` reads the parameters of the template also after a `<call>` in it.",
    ),
    (
        "configKey runs init before the parameters",
        "The connection's `init` runs first, and what it sets are properties that later operations of the flow "
        "see too.",
    ),
    (
        "uri-template: which variables, and when it stays as it is",
        "Variables are the properties `uri.var.*` and `query.param.*` alone. Without any of them the template is "
        "used as it is written; a variable that is not there vanishes.",
    ),
    (
        "uri-template: what is encoded",
        "`{uri.var.x}` encodes all but letters, digits and `-._~`. `{+uri.var.x}` keeps what a URL may have, but "
        "encodes brackets.",
    ),
    (
        "REST_URL_POSTFIX",
        "Address and default endpoints append it, which is the rest of an API's path with the query. An http "
        "endpoint that names a method does not.",
    ),
    (
        "4xx and 5xx are answers; suspension",
        "They run no fault sequence: HTTP_SC has the status. What cannot be reached or is late is a fault, and "
        "after it the endpoint rests: the next message fails at once, with the code 303001.",
    ),
    (
        "what a message keeps after a call",
        "Properties and variables stay. The headers are those of the answer, and axis2 properties set before are gone.",
    ),
    (
        "headers that are forwarded",
        "A client's headers go to the back end, and the back end's to the client, but those of the connection, "
        "Host, Date, Server and User-Agent. Authorization goes too, unless the flow removes it.",
    ),
    (
        "methods and bodies; POST_TO_URI",
        "A GET or DELETE without a body sends none. POST_TO_URI puts the whole URL into the request line.",
    ),
    (
        "blocking calls",
        "Their errors set BLOCKING_SENDER_ERROR and have the codes 401001 and 401002; HTTP_SC is a text.",
    ),
    (
        "no answer is 202",
        "A flow that ends without an answer gives an empty 202. FORCE_SC_ACCEPTED gives it at once. A second "
        "answer is left out, and the log says so.",
    ),
    (
        "fault handlers never resume",
        "The fault sequence ends the flow. A fault in it goes to the next handler outside. ERROR_CODE keeps what "
        "the flow has set.",
    ),
    (
        "API dispatch, 404 and 405",
        "Resources are chosen by their method first. If any is left, a path that none of them has is 404, also "
        "when another method has it; 405 is for no resource with the method at all. APIs with a version are asked "
        "first.",
    ),
    (
        "the course of a proxy's conversation",
        "When the in sequence comes to its end, or there is none, the target endpoint is called. Without an out "
        "sequence its answer goes straight to the client; in it `send` and `respond` both answer.",
    ),
)

TRAPS = tuple(Trap(number, title, doc) for number, (title, doc) in enumerate(_TRAPS, 1))
