"""The test proxies and request files that come with public connectors, and which of them drive which operation.

Next to ``src/main/resources`` lies ``src/test``: proxies that call the operations, usually chosen by the header
``Action``, request bodies with placeholders ``%s(key)``, and Java tests that say which body goes with which action.
Parameters that a proxy reads from the query get made-up values, and so does the address of the API where a proxy reads
it from the body and the request file has none: their authors had it in a file of properties.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from lxml import etree

from engine.message.codecs import json, xml
from engine.message.codecs.errors import DecodeError

BACK_END = "http://api.example.com"

_PLACEHOLDER = re.compile(r"(?:(?P<name>\w+)\"?\s*[:>]\s*\"?)?%[sd](?:\((?P<key>[^)]*)\))?")
"""A place that a test fills, by its key, else by the name of the member or element that it is the value of."""
_ACTION = re.compile(r"""put\(\s*"Action"\s*,\s*"([^"]*)"\s*\)""")
_FILE = re.compile(r'"([\w./-]+\.(?:json|xml|txt))"')
_JSON_NAME = re.compile(r"json-eval\(\$\.([\w.]+)\)")
_QUERY_NAME = re.compile(r"\$url:(\w+)|get-property\('query\.param\.(\w+)'\)")
_ELEMENT_NAME = re.compile(r"//(?:(\w+):)?(\w+)")
_PROPERTY = re.compile(r"get-property\(\s*'([^']*)'\s*\)|\$ctx:([\w.]+)")
_ADDRESS = re.compile("url|uri|host|server|endpoint|instance|domain|^base$", re.IGNORECASE)
_MAX_REQUESTS = 4


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent to a test proxy."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    content_type: str
    query: str = ""


@dataclass(frozen=True, slots=True)
class Drive:
    """One proxy that calls an operation, and the requests to make it do so."""

    key: Path | str
    source: bytes
    proxy: str
    requests: tuple[Request, ...]


def made_up() -> Request:
    """A request for a proxy that reads nothing of it."""
    return Request((), b"{}", "application/json")


def drives_of(folder: Path, connector: str) -> dict[str, list[Drive]]:
    """By operation. ``folder`` holds the connector.xml."""
    root = _test_folder(folder)
    drives: dict[str, list[Drive]] = defaultdict(list)
    if root is None:
        return drives
    bodies = _bodies(root)
    pairs = _java_pairs(root)
    for file, content in _proxies(root, connector):
        for call in _calls(content, connector):
            requests = tuple(_requests(call, bodies, pairs))
            drives[call.operation].append(Drive(file, content, call.proxy.get("name") or "", requests))
    return drives


def openers_of(folder: Path, connector: str) -> list[str]:
    """The operations with which most of the test proxies begin, such as one that gets a token and ``init``.

    Empty when there are fewer than two proxies, or most of them have no beginning in common.
    """
    root = _test_folder(folder)
    beginnings = [tuple(_openers(content, connector)) for _, content in _proxies(root, connector)] if root else []
    [(names, count)] = Counter(beginnings).most_common(1) or [((), 0)]
    return list(names) if count > max(1, len(beginnings) / 2) else []


# -------------------------------------------------------------------- proxies


def _test_folder(folder: Path) -> Path | None:
    return next((each / "src/test" for each in folder.parents if (each / "src/test").is_dir()), None)


def _proxies(root: Path, connector: str) -> Iterator[tuple[Path, bytes]]:
    """The files with proxies that call the connector."""
    for file in filter(Path.is_file, sorted(root.rglob("*.xml"))):
        content = file.read_bytes()
        if b"<proxy" in content[:4096] and f"<{connector}.".encode() in content:
            yield file, content


def _openers(content: bytes, connector: str) -> list[str]:
    """The operations that a proxy calls in any case, but for the last one, which it is there for."""
    try:
        root = xml.decode(content)
    except DecodeError:
        return []
    sequence = root.find(".//{*}inSequence")
    tags = [etree.QName(each).localname for each in sequence.iterchildren("*")] if sequence is not None else []
    names = [tag.partition(".")[2] for tag in tags if tag.startswith(f"{connector}.")]
    return names if "switch" in tags else names[:-1]


@dataclass(frozen=True, slots=True)
class _Call:
    """An operation that a proxy calls, and what leads there: a value, and the property that must have it."""

    operation: str
    proxy: etree._Element
    action: str
    chosen_by: str


def _calls(content: bytes, connector: str) -> Iterator[_Call]:
    try:
        root = xml.decode(content)
    except DecodeError:
        return
    for element in root.iter("{*}*"):
        name = etree.QName(element).localname
        if name.startswith(f"{connector}."):
            yield _Call(name.partition(".")[2], root, *_action_of(element))


def _action_of(element: etree._Element) -> tuple[str, str]:
    """The value for which the flow comes to this element, and the property; '' when none must have it."""
    for parent in element.iterancestors():
        tag = etree.QName(parent).localname
        if tag == "case":
            switch = parent.getparent()
            source = "" if switch is None else switch.get("source") or ""
            match = _PROPERTY.search(source)
            return parent.get("regex") or "", (match[1] or match[2]) if match else ""
        if tag == "filter":
            match = re.search(r"'(urn:[^']*)'", parent.get("xpath") or "")
            if match or parent.get("regex"):
                return match[1] if match else parent.get("regex") or "", ""
    return "", ""


# -------------------------------------------------------------------- requests


def _bodies(root: Path) -> dict[str, Path]:
    """The request files by name."""
    found = (path for kind in ("json", "xml", "txt") for path in sorted(root.rglob(f"*.{kind}")))
    return {path.name: path for path in found if "equest" in str(path.parent) and path.is_file()}


def _java_pairs(root: Path) -> dict[str, list[str]]:
    """Action -> request files, in the order in which the Java tests use them."""
    pairs: dict[str, list[str]] = defaultdict(list)
    for file in sorted(root.rglob("*.java")):
        action = ""
        for match in re.finditer(f"{_ACTION.pattern}|{_FILE.pattern}", file.read_text("utf-8", "replace")):
            if match[1]:
                action = match[1]
            elif action:
                pairs[action].append(match[2])
    return pairs


def _requests(call: _Call, bodies: dict[str, Path], pairs: dict[str, list[str]]) -> Iterator[Request]:
    names = [Path(name).name for name in pairs.get(call.action, [])] if call.action else []
    key = call.operation.lower()
    names += [name for name in bodies if f"_{key}_" in name.lower() or name.lower().partition(".")[0].endswith(key)]
    # The files api_… are for the vendor's API itself; what the tests expect to be refused comes last.
    ours = (name for name in names if name in bodies and not name.startswith("api"))
    query = _query(call.proxy)
    for name in sorted(dict.fromkeys(ours), key=_is_negative)[:_MAX_REQUESTS]:
        request = _request(bodies[name].read_text("utf-8", "replace"), call.action, name, query)
        yield request
        if (completed := _with_addresses(request, call)) is not None:
            yield completed
    yield _synthetic(call, query)


def _is_negative(name: str) -> bool:
    return "neg" in name.lower() or "invalid" in name.lower()


def _query(proxy: etree._Element) -> str:
    """Everything that the proxy reads from the query."""
    text = etree.tostring(proxy, encoding="unicode")
    names = dict.fromkeys(match[1] or match[2] for match in _QUERY_NAME.finditer(text))
    return urlencode({name: filled(name) for name in names})


def _request(text: str, action: str, name: str, query: str) -> Request:
    body = _PLACEHOLDER.sub(_fill, text).strip()
    if name.endswith(".json") or body.startswith(("{", "[")):
        return Request(_headers(action), _valid_json(body), "application/json", query)
    content_type = "text/xml" if body.startswith("<") else "application/json"
    return Request(_headers(action), body.encode(), content_type, query)


def _fill(match: re.Match[str]) -> str:
    before = match[0].partition("%")[0]
    return before + filled(match["key"] or match["name"] or "value")


def _with_addresses(request: Request, call: _Call) -> Request | None:
    """The request with the addresses that the proxy reads from its body and it has not; None when it has all."""
    if request.content_type != "application/json":
        return None
    try:
        body = json.decode(request.body)
    except DecodeError:
        return None
    members, elements = _read(call)
    names = [*members, *(name for _, name in elements)]
    missing = {name: filled(name) for name in names if "." not in name and _ADDRESS.search(name)}
    if not isinstance(body, dict) or missing.keys() <= body.keys():
        return None
    return Request(request.headers, json.encode(missing | body), request.content_type, request.query)


def filled(key: str) -> str:
    """A made-up value: a URL where the name sounds like one, else digits, which fit numbers and texts."""
    return BACK_END if _ADDRESS.search(key) else "12345"


def _valid_json(body: str) -> bytes:
    """As it is, or with bare words quoted: the placeholders of some files stand without quotes."""
    try:
        json.decode(body.encode())
        return body.encode()
    except DecodeError:
        return re.sub(r":\s*(http[^\s,}\"]*)", r': "\1"', body).encode()


def _synthetic(call: _Call, query: str) -> Request:
    """A body with everything that the proxy reads from it."""
    members, elements = _read(call)
    if members or not elements:
        # XPath finds the members of JSON too.
        members = {name: value for (_, name), value in elements.items()} | members
        return Request(_headers(call.action), json.encode(_nested(members)), "application/json", query)
    inside = "".join(f'<{name} xmlns="{uri}">{escape(value)}</{name}>' for (uri, name), value in elements.items())
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    text = f'<e:Envelope xmlns:e="{soap}"><e:Body><request>{inside}</request></e:Body></e:Envelope>'
    return Request(_headers(call.action), text.encode(), "text/xml", query)


def _read(call: _Call) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """What the proxy reads from the body into properties: members by their path, elements by namespace and name."""
    members: dict[str, str] = {}
    elements: dict[tuple[str, str], str] = {}
    for each in call.proxy.iter("{*}property"):
        expression = each.get("expression") or ""
        value = call.action if call.chosen_by and each.get("name") == call.chosen_by else ""
        if match := _JSON_NAME.search(expression):
            members[match[1]] = value or filled(match[1])
        elif match := _ELEMENT_NAME.search(expression):
            elements[each.nsmap.get(match[1] or None, "") if match[1] else "", match[2]] = value or filled(match[2])
    return members, elements


def _nested(members: dict[str, str]) -> dict[str, object]:
    """``a.b`` is a member of ``a``."""
    root: dict[str, object] = {}
    for name, value in members.items():
        *path, last = name.split(".")
        holder = root
        for part in path:
            inner = holder.get(part)
            if not isinstance(inner, dict):
                inner = holder[part] = {}
            holder = inner
        holder[last] = value
    return root


def _headers(action: str) -> tuple[tuple[str, str], ...]:
    return (("Action", action), ("SOAPAction", f'"{action}"')) if action else ()
