"""Makes carbon applications for tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

SYNAPSE = 'xmlns="http://ws.apache.org/ns/synapse"'


def artifacts_xml(*names: str) -> str:
    inner = "".join(f'<dependency artifact="{name}" version="1.0.0" include="true"/>' for name in names)
    return f'<artifacts><artifact name="app" version="1.0.0" type="carbon/application">{inner}</artifact></artifacts>'


def artifact(name: str, type_: str, file: str, content: str | bytes) -> dict[str, str | bytes]:
    """The files of one artifact."""
    descriptor = f'<artifact name="{name}" version="1.0.0" type="{type_}"><file>{file}</file></artifact>'
    return {f"{name}_1.0.0/artifact.xml": descriptor, f"{name}_1.0.0/{file}": content}


def sequence(name: str, inside: str = "<log/>") -> dict[str, str | bytes]:
    return artifact(name, "synapse/sequence", f"{name}.xml", f'<sequence {SYNAPSE} name="{name}">{inside}</sequence>')


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return buffer.getvalue()


def write_car(path: Path, *artifacts: Mapping[str, str | bytes], more: Mapping[str, str | bytes] | None = None) -> Path:
    """A car of these artifacts, each given by its files."""
    names = [next(iter(each)).partition("_1.0.0/")[0] for each in artifacts]
    files: dict[str, str | bytes] = {"artifacts.xml": artifacts_xml(*names)}
    for each in artifacts:
        files |= each
    path.write_bytes(zipped(files | dict(more or {})))
    return path
