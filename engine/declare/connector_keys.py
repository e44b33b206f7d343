"""What the keys of a ``connector.yaml`` mean: the one list that the reference is written from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the file. ``rows`` are keys, or words that a key takes, each with what it means."""

    title: str
    doc: str
    rows: tuple[tuple[str, str], ...]
    example: str = ""


FILE = Section(
    "The file",
    "It lies in the folder `connectors/NAME`, beside the Python modules that it names; `--connectors connectors` finds "
    "it. Each operation is a tag, `<NAME.operation>`. Values in flows are `{parameter}`.",
    (
        ("connector", "The prefix of the tags: the name of the folder. Required."),
        ("summary", "What the connector is for. Required."),
        ("docs", "Where the API is documented."),
        ("base_url", "What operations' paths are appended to, unless a flow gives `<apiUrl>` to init."),
        ("auth", "How requests show who sends them; see below. A list lets flows choose with `<auth>`."),
        ("connection", "Names of values that init takes, for the paths of all operations."),
        ("timeout", "Seconds for each request; 10 by default, at most 600."),
        ("calls_per_second", "The most calls of one account, in each process; 0 is no limit."),
        ("hide_headers", "Headers of the API's answers that do not reach the client."),
        ("retry", "What is asked for again; see below."),
        (
            "errors",
            "Which answers are faults; see below. Without it the API's answer is the answer, whatever its status.",
        ),
        ("versions", "Names of the API's versions. An operation says below such a name where it differs."),
        ("python", "Modules of this folder with functions declared by `@operation`."),
        ("operations", "The operations by name; see below."),
    ),
    """\
connector: acme
summary: Orders at ACME.
base_url: https://api.acme.example/v1
auth: {type: bearer}
calls_per_second: 10
operations:
  listOrders:
    summary: List orders.
    method: GET
    path: /orders
    query: {since: "{since}"}
    paging: {style: page, position: page, size: size, largest: 200, items: data, pages: page.total}
    parameters:
      since: {type: time, doc: The oldest.}
  order:
    summary: Order something.
    method: POST
    path: /shops/{shop}/orders
    body: {item: "{sku}", amount: "{amount}", note: "For {customer}"}
    answers: 201, the order.
    parameters:
      shop: {type: key, required: true, doc: The shop.}
      sku: {required: true, pattern: "^[A-Z]", doc: What to order.}
      amount: {type: integer, minimum: 1, default: 1, doc: How many.}
      customer: {doc: Who gets it.}
""",
)

OPERATION = Section(
    "An operation",
    "In `path`, `query`, `headers` and `body`, `{parameter}` is the value that the flow gives. What has a parameter "
    "that was not given is left out. A text that is one `{parameter}` keeps the type of its value.",
    (
        ("summary", "What it does. Required."),
        ("doc", "More about it."),
        ("answers", "What the API answers, for the documentation."),
        ("parameters", "The parameters by name; see below."),
        ("method", "GET, POST, PUT, DELETE, PATCH, HEAD or OPTIONS. Required."),
        ("path", "The path after the base URL. Required; each value is encoded."),
        ("query", "The query's members; how lists and objects are written is told below."),
        ("headers", "Headers of the request."),
        ("accept", "The header Accept; application/json by default."),
        ("body", "The JSON to send; for other types see `body_type`."),
        (
            "body_type",
            "`json`, `form`, `text`, `bytes`, or `multipart`, whose files are `{content: …, filename: …, type: …}`.",
        ),
        ("content_type", "What the body is called in place of the usual."),
        ("body_from", "`module.function` of this folder that takes the values by name and gives the body."),
        ("auth", "`none` sends it without the connection's credentials."),
        ("required", "Parameters that this version cannot do without."),
        ("defaults", "Values for parameters that the flow leaves out; for times also `now`, `now-30d`, `now+12h`."),
        ("paging", "How the API splits the list; see below."),
        ("results", "By version: `module.function` that gives the answer the form it has in that version."),
    ),
)

PARAMETER = Section(
    "A parameter",
    "A value that breaks a rule is a 400 that names operation, parameter and rule, before anything is called.",
    (
        ("doc", "What it is. Required."),
        ("type", "See below; `text` by default."),
        ("required", "Whether flows must give it."),
        ("default", "Its value when the flow does not give it."),
        ("min_length", "The least number of characters."),
        ("max_length", "The largest number of characters."),
        ("minimum", "The least value, of a number."),
        ("maximum", "The largest value, of a number."),
        ("pattern", "A regular expression that is found in the value."),
        ("choices", "The values that it may have; of a list, those of each item."),
        ("needs", "Another parameter that must be given with it."),
        ("secret", "Whether its value must not appear in errors."),
        ("also", "Another name under which flows may give it."),
    ),
)

TYPES = Section(
    "Types of parameters",
    "",
    (
        ("text", "Any text."),
        ("key", "Up to 20 digits, which stay as they are."),
        ("integer", "A whole number."),
        ("number", "A number; it keeps its digits."),
        ("boolean", "`true` or `false`."),
        ("time", "ISO 8601 with a zone, as `2016-06-09T16:45:58Z`."),
        ("time-zone", "The ID of a time zone, as `Europe/Berlin`."),
        ("email", "An e-mail address."),
        ("url", "A URL of http or https without user, query and fragment."),
        ("list", "A JSON array of text, or text separated by commas."),
        ("json", "Any JSON."),
        ("base64", "Bytes in base64, as of a file."),
    ),
)

AUTH = Section(
    "auth",
    "`type` says which. Init takes what the type needs.",
    (
        ("none", "Nothing."),
        ("api-key", "`in` (`header`, `query` or `cookie`) and `name` say where `<apiKey>` goes."),
        ("basic", "`<username>` and `<password>`."),
        ("bearer", "`<accessToken>`; `scheme` is the word before it, Bearer by default."),
        (
            "oauth2",
            "`grant` is `client_credentials`, `password` or `refresh_token`, `token_url` where tokens are got, `scope` "
            "what for. `credentials` is `header` or `form`: where client and secret go. "
            "`rejected: {status: …, body: …}` says how the API tells that a token is no longer good.",
        ),
    ),
    "auth: {type: oauth2, grant: client_credentials, token_url: https://auth.acme.example/token, scope: orders.read}\n",
)

PAGING = Section(
    "paging",
    "Flows then have the parameters of a page, and `<all>true</all>`, which reads all pages into one array. Places in "
    "the answer are names with dots, or JSONPath.",
    (
        ("style", "`page` (its number), `offset` (items before it), `cursor` (from the answer), `link` (header Link)."),
        ("position", "The query parameter that says where a page begins."),
        ("size", "The query parameter for the number of its items."),
        ("largest", "The most items that the API gives at once; 100 by default."),
        ("first", "The number of the first page; 0 by default."),
        ("items", "Where the array is in the answer; the answer itself by default."),
        ("pages", "Where the number of pages is."),
        ("total", "Where the number of items is."),
        ("next", "Where the next cursor is."),
    ),
)

RETRY = Section(
    "retry",
    "Without it all methods but POST and PATCH are repeated after a 429 or a 503, at most twice. `Retry-After` counts.",
    (
        ("statuses", "The statuses after which a request is repeated."),
        ("times", "How often; at most 10."),
        ("methods", "The methods that are repeated."),
    ),
    "retry: {statuses: [429, 502, 503], times: 3, methods: [GET, PUT, DELETE, POST]}\n",
)

ERRORS = Section(
    "errors",
    "A list; the first that fits makes the answer a fault of the flow.",
    (
        ("status", "A status as 404, or all of a kind as 5xx. Required."),
        ("code", "The ERROR_CODE of the fault. Required."),
        ("message", "Where the ERROR_MESSAGE is in the answer."),
        ("body", "A text that the body must have in it."),
    ),
    """\
errors:
  - {status: 404, code: ACME_NOT_FOUND, message: error.text}
  - {status: 200, body: '"success":false', code: ACME_REFUSED, message: reason}
""",
)

QUERY = Section(
    "Lists and objects in a query",
    "A member may be `{value: …, style: …, explode: …}`; without it a list repeats its name, `id=1&id=2`.",
    (
        ("form", "`id=1&id=2`; with `explode: false` it is `id=1,2`."),
        ("spaceDelimited", "`id=1%202`."),
        ("pipeDelimited", "`id=1%7C2`."),
        ("tabDelimited", "`id=1%092`."),
        ("deepObject", "`filter[colour]=red&filter[size]=2`."),
    ),
    'query: {fields: {value: "{fields}", style: form, explode: false}}\n',
)

SECTIONS = (FILE, OPERATION, PARAMETER, TYPES, AUTH, PAGING, RETRY, ERRORS, QUERY)
