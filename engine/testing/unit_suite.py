"""Unit tests of flows as WSO2's tools write them: what is tested, with which messages, against which answers.

A project keeps them in files with ``<unit-test>``, where artifacts and mock services are paths from the project's
folder. What the tools send to a server is ``<synapse-unit-test>``, with all of it in place. Each place may have either.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from engine.deploy.bundle import key_below
from engine.deploy.loader import UNIT_TESTS
from engine.errors import Problem, Where
from engine.source import Element, Source, SourceError

_LONGEST_PATH = 1_000


@dataclass(frozen=True, slots=True)
class Property:
    """A property of the message that a case sends; of the scope default, axis2 or transport."""

    name: str
    scope: str
    value: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """``actual`` is as ``$body``, ``$statusCode``, ``${…}``. Without ``expected`` it must be there at all."""

    where: Where
    actual: str
    expected: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Case:
    """One message, and what is to become of it."""

    where: Where
    name: str
    path: str
    method: str
    payload: str | None
    properties: tuple[Property, ...]
    assertions: tuple[Assertion, ...]


@dataclass(frozen=True, slots=True)
class Mock:
    """One answer of a mock service, to requests for ``path`` (with the query) that are as it says."""

    port: str
    path: str
    method: str
    headers: tuple[tuple[str, str], ...]
    payload: str | None
    status: int
    answer_headers: tuple[tuple[str, str], ...]
    answer: str


@dataclass(slots=True)
class Suite:
    """The tests of one artifact, the first of ``artifacts``.

    ``resources`` are by their key in the registry, ``connectors`` are zips by the names of their files.
    """

    file: str
    artifacts: list[Element]
    resources: dict[str, bytes] = field(default_factory=dict)
    connectors: dict[str, bytes] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    mocks: list[Mock] = field(default_factory=list)


def find(paths: Iterable[Path]) -> list[Path]:
    """The files named, and those with unit tests beneath the folders. Raises FileNotFoundError."""
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"there is no folder or file '{path}'")
        found.update(dict.fromkeys(_beneath(path) if path.is_dir() else [path]))
    return list(found)


def _beneath(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith(".") and each != "target")
        for file in (Path(where, name) for name in sorted(names) if name.endswith(".xml")):
            if b"unit-test>" in file.read_bytes():
                yield file


def read(path: Path) -> Suite:
    """Read a file and those that it names. Raises SourceError."""
    root = _parsed(path)
    if root.tag not in UNIT_TESTS:
        raise _wrong(root.where, f"<{root.tag}> is no unit test.", "It begins with <unit-test>.")
    artifacts = _child(root, "artifacts")
    tested = _child(_child(artifacts, "test-artifact"), "artifact")
    suite = Suite(str(path), [_artifact(tested, path)])
    suite.artifacts += [_artifact(each, path) for each in _children(artifacts, "supportive-artifacts")]
    for each in _children(artifacts, "registry-resources"):
        key = key_below(_text(each, "registry-path"), _text(each, "file-name"))
        suite.resources[key] = _content(_child(each, "artifact"), path)
    suite.connectors = dict(_connector(each, path) for each in _children(artifacts, "connector-resources"))
    suite.cases = [_case(each, number) for number, each in enumerate(_children(root, "test-cases"), 1)]
    for each in _children(root, "mock-services"):
        suite.mocks += _mocks(each, path)
    return suite


# ---------------------------------------------------------------- parts


def _case(element: Element, number: int) -> Case:
    given = element.find("input")
    payload = given.find("payload") if given is not None else None
    return Case(
        element.where,
        element.attributes.get("name") or f"case {number}",
        _text(given, "request-path"),
        (_text(given, "request-method") or "GET").upper(),
        _written(payload) if payload is not None else None,
        tuple(_property(each) for each in _children(given, "properties")),
        tuple(_assertion(each) for each in _children(element, "assertions")),
    )


def _property(element: Element) -> Property:
    name, value = element.attributes.get("name", ""), element.attributes.get("value", "")
    return Property(name, element.attributes.get("scope") or "default", value)


def _assertion(element: Element) -> Assertion:
    if element.tag not in ("assertEquals", "assertNotNull"):
        raise _wrong(element.where, f"<{element.tag}> is no assertion.", "There is <assertEquals> and <assertNotNull>.")
    expected = _written(_child(element, "expected")) if element.tag == "assertEquals" else None
    return Assertion(element.where, _child(element, "actual").text.strip(), expected, _text(element, "message"))


def _mocks(element: Element, test: Path) -> Iterator[Mock]:
    """Those of a service written in place, or in the file that the element names."""
    service = element if element.children else _parsed(_located(element, test))
    context = _text(service, "context").rstrip("/")
    for resource in _children(service, "resources"):
        request, response = resource.find("request"), _child(resource, "response")
        payload, answer = request.find("payload") if request is not None else None, response.find("payload")
        yield Mock(
            _text(service, "port"),
            context + _text(resource, "sub-context"),
            (_text(resource, "method") or "GET").upper(),
            _headers(request),
            _written(payload) if payload is not None else None,
            _status(response),
            _headers(response),
            _written(answer) if answer is not None else "",
        )


def _status(response: Element) -> int:
    text = _text(response, "status-code") or "200"
    if not text.isdecimal() or not 200 <= int(text) <= 599:
        raise _wrong(response.where, f"'{text}' is no status of an answer.", "Write one from 200 to 599.")
    return int(text)


def _headers(element: Element | None) -> tuple[tuple[str, str], ...]:
    found = (each.attributes for each in _children(element, "headers"))
    return tuple((each.get("name", ""), each.get("value", "")) for each in found)


def _artifact(element: Element, test: Path) -> Element:
    """The artifact inside, or in the file that the element names."""
    return element.children[0] if element.children else _parsed(_located(element, test))


def _content(element: Element, test: Path) -> bytes:
    """Of a resource: the file that is named, where there is one, else what is written."""
    text = element.text.strip()
    if not element.children and "\n" not in text and (file := _file(text, test)) is not None:
        return file.read_bytes()
    return _written(element).encode()


def _connector(element: Element, test: Path) -> tuple[str, bytes]:
    """A zip: a file of the project, or its bytes in base64."""
    text = element.text.strip()
    file = _file(text, test) if len(text) < _LONGEST_PATH else None
    if file is not None:
        return file.name, file.read_bytes()
    try:
        return f"connector-at-line-{element.where.line}.zip", base64.b64decode(text, validate=True)
    except binascii.Error:
        message = "There is no such file, and it is no base64."
        raise _wrong(element.where, message, "Name the zip of the connector.") from None


# ---------------------------------------------------------------- elements and files


def _child(element: Element, tag: str) -> Element:
    found = element.find(tag)
    if found is None:
        raise _wrong(element.where, f"<{element.tag}> needs <{tag}>.")
    return found


def _children(element: Element | None, tag: str) -> list[Element]:
    found = element.find(tag) if element is not None else None
    return found.children if found is not None else []


def _text(element: Element | None, tag: str) -> str:
    found = element.find(tag) if element is not None else None
    return found.text.strip() if found is not None else ""


def _written(element: Element) -> str:
    """A text, in CDATA or not, or the XML that is there in place of it."""
    return (
        etree.tostring(element.children[0].to_lxml(), encoding="unicode") if element.children else element.text.strip()
    )


def _located(element: Element, test: Path) -> Path:
    name = element.text.strip()
    file = _file(name, test)
    if file is None:
        message = f"There is no file '{name}', neither beside the test nor in a folder above it."
        raise _wrong(element.where, message, "Paths begin at the project's folder.")
    return file


def _file(name: str, test: Path) -> Path | None:
    """The file of a path from the folder of the project, which is one of those that the test lies in."""
    relative = name.lstrip("/")
    candidates = (folder / relative for folder in test.absolute().parents) if relative else ()
    return next((_short(file) for file in candidates if file.is_file()), None)


def _short(file: Path) -> Path:
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file


def _parsed(path: Path) -> Element:
    try:
        return Source(str(path), path.read_bytes()).parse()
    except OSError as error:
        raise _wrong(Where(str(path)), f"The file cannot be read: {error.strerror}.") from None


def _wrong(where: Where, message: str, hint: str = "") -> SourceError:
    return SourceError(Problem("bad-unit-test", where, message, hint))
