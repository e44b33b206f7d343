"""The structure of a WSO2 connector: what ``connector.xml`` and the ``component.xml`` files say.

    connector.xml                <connector><component name="acme"><dependency component="acme-orders"/></component>
    acme-orders/component.xml    <component name="acme-orders"><subComponents><component name="getOrder"><file>…
    acme-orders/getOrder.xml     <template name="getOrder"><parameter name="id"/><sequence>…
    local-entries/               local entries that the templates use

Only names and parameters are read here; a template is compiled when a flow uses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.declare.spec import SYNAPSE
from engine.errors import Problems, Where
from engine.message.codecs import xml
from engine.message.codecs.errors import DecodeError
from engine.plugins.wso2_archive import Archive, BadArchive, open_archive

CONNECTOR_FILE = "connector.xml"
COMPONENT_FILE = "component.xml"
LOCAL_ENTRIES = ("local-entries/", "local_entries/")

_NAME = re.compile(r"[A-Za-z_][\w-]*")


@dataclass(frozen=True, slots=True)
class Operation:
    """One template. ``parameters`` are names and descriptions; None when the file cannot be read."""

    name: str
    file: str
    description: str
    parameters: tuple[tuple[str, str], ...] | None
    is_endpoint: bool = False
    """Whether the template is one of an endpoint, to be named by ``<endpoint template="PACKAGE.CONNECTOR.NAME">``."""


@dataclass(slots=True)
class Connector:
    """One connector, read but not compiled."""

    path: Path
    archive: Archive
    name: str
    package: str = ""
    description: str = ""
    operations: dict[str, Operation] = field(default_factory=dict)
    jars: tuple[str, ...] = ()

    def local_entries(self) -> Iterator[tuple[str, bytes]]:
        """The label and content of each file with local entries. Raises BadArchive."""
        for name in sorted(self.archive.names):
            if name.startswith(LOCAL_ENTRIES) and name.endswith(".xml"):
                yield self.archive.label(name), self.archive.read(name)


def is_connector(path: Path) -> bool:
    """Whether a zip or folder looks like a connector: it has a ``connector.xml`` at its top, whose root says so."""
    try:
        if path.is_dir():
            return (path / CONNECTOR_FILE).is_file() and b"<connector" in (path / CONNECTOR_FILE).read_bytes()[:8192]
        return path.suffix == ".zip" and path.is_file()
    except OSError:
        return False


def read_connector(path: Path, problems: Problems, content: bytes | None = None) -> Connector | None:
    """The connector at ``path``, or in the zip ``content`` of that name; None when it cannot be used at all.

    What is wrong becomes a Problem.
    """
    where = Where(str(path))
    try:
        archive = open_archive(path, content)
        if CONNECTOR_FILE not in archive.names:
            raise BadArchive(f"There is no {CONNECTOR_FILE} at its top.")
        return _read(path, archive, problems)
    except BadArchive as error:
        problems.error(error.code, where, f"The connector cannot be read. {error.message}")
    except OSError as error:
        problems.error("bad-connector", where, f"The connector cannot be read: {error.strerror}.")
    return None


def _read(path: Path, archive: Archive, problems: Problems) -> Connector:
    root = _parse(archive, CONNECTOR_FILE)
    head = root.find("{*}component")
    if xml_name(root) != "connector" or head is None:
        raise BadArchive(f"{CONNECTOR_FILE} must be <connector> with a <component>.")
    name = head.get("name") or ""
    if not _NAME.fullmatch(name):
        raise BadArchive(f"'{name}' cannot be the name of a connector.", "bad-name")
    connector = Connector(path, archive, name, head.get("package") or "", _text(head, "description"))
    connector.jars = tuple(sorted(each for each in archive.names if each.endswith(".jar")))
    for dependency in head.iterfind("{*}dependency"):
        _read_component(connector, dependency.get("component") or "", problems)
    if connector.jars:
        _report_jars(connector, problems)
    return connector


def _read_component(connector: Connector, folder: str, problems: Problems) -> None:
    archive = connector.archive
    file = f"{folder}/{COMPONENT_FILE}"
    where = Where(archive.label(CONNECTOR_FILE))
    if file not in archive.names:
        problems.warning(
            "incomplete-connector", where, f"There is no component '{folder}'; its operations are missing."
        )
        return
    try:
        root = _parse(archive, file)
    except BadArchive as error:
        problems.error(error.code, Where(archive.label(file)), error.message)
        return
    for each in root.iterfind("{*}subComponents/{*}component"):
        name, template = (each.get("name") or "").strip(), f"{folder}/{_text(each, 'file')}"
        place = Where(archive.label(file), _line(each))
        tag = f"{connector.name}.{name}"
        if not name:
            problems.warning("incomplete-connector", place, "An operation without a name is left out.")
        elif not _NAME.fullmatch(name):
            problems.error("bad-name", place, f"'{name}' cannot be the name of an operation.")
        elif name in connector.operations:
            if connector.operations[name].file == template:
                continue
            problems.warning("repeated-operation", place, f"<{tag}> is declared twice; the first one runs.")
        elif template not in archive.names:
            problems.warning("incomplete-connector", place, f"<{tag}> has no file '{template}'; it is left out.")
        else:
            root_of_template = _quick_look(archive, template, problems)
            description = _text(each, "description")
            connector.operations[name] = _operation(name, template, description, root_of_template)


def _operation(name: str, file: str, description: str, template: xml.Element | None) -> Operation:
    if template is None:
        return Operation(name, file, description, None)
    parameters = template.iterfind(f"{{{SYNAPSE}}}parameter")
    named = tuple((each.get("name") or "", each.get("description") or "") for each in parameters)
    return Operation(name, file, description, named, template.find(f"{{{SYNAPSE}}}endpoint") is not None)


def _quick_look(archive: Archive, file: str, problems: Problems) -> xml.Element | None:
    """A quick look; the whole template is read when a flow uses it, and mistakes are told then."""
    try:
        return xml.decode(archive.read(file))
    except BadArchive as error:
        problems.warning("incomplete-connector", Where(archive.label(file)), error.message)
    except DecodeError as error:
        message = f"It is {error}. Flows that use the operation do not load."
        problems.warning("incomplete-connector", Where(archive.label(file)), message)
    return None


def _report_jars(connector: Connector, problems: Problems) -> None:
    shown = ", ".join(connector.jars[:3]) + (" …" if len(connector.jars) > 3 else "")
    message = f"The connector '{connector.name}' brings Java ({shown}), which does not run here."
    hint = "Operations that use classes without a Python port do not load; the others run."
    problems.warning("java-in-connector", Where(str(connector.path)), message, hint)


def xml_name(element: xml.Element) -> str:
    """The local name of an element."""
    return str(element.tag).rpartition("}")[2]


def _parse(archive: Archive, file: str) -> xml.Element:
    try:
        return xml.decode(archive.read(file))
    except DecodeError as error:
        raise BadArchive(f"{file} is {error}.") from None


def _line(element: xml.Element) -> int:
    line: Any = element.sourceline  # the stubs of lxml do not know its type
    return int(line or 1)


def _text(element: xml.Element, tag: str) -> str:
    return (element.findtext(f"{{*}}{tag}") or "").strip()
