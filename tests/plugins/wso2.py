"""A WSO2 connector made for tests."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from engine.declare.spec import SYNAPSE


def template(name: str, steps: str, parameters: str = "") -> str:
    return f'<template xmlns="{SYNAPSE}" name="{name}">{parameters}<sequence>{steps}</sequence></template>'


INIT = template(
    "init",
    '<property name="uri.var.url" expression="$func:url"/><property name="token" expression="$func:token"/>',
    '<parameter name="url" description="Where the API is."/><parameter name="token"/>',
)
GET = template(
    "getOrder",
    '<property name="uri.var.id" expression="$func:id"/>'
    '<header name="Authorization" scope="transport" expression="fn:concat(\'Bearer \', $ctx:token)"/>'
    '<call><endpoint><http method="get" uri-template="{+uri.var.url}/orders/{uri.var.id}"/></endpoint></call>',
    '<parameter name="id" isMandatory="true" description="The order."/>',
)
NESTED = template("getTwice", "<acme.getOrder><id>{$func:id}</id></acme.getOrder>", '<parameter name="id"/>')


def files(operations: Mapping[str, str], name: str = "acme", more: str = "") -> dict[str, str]:
    """The files of a connector with one component."""
    listed = "".join(f"<component name='{each}'><file>{each}.xml</file></component>" for each in operations)
    return {
        "connector.xml": f"<connector><component name='{name}' package='org.example'>"
        f"<dependency component='{name}-all'/>{more}<description>Orders.</description></component></connector>",
        f"{name}-all/component.xml": f"<component name='{name}-all' type='synapse/template'>"
        f"<subComponents>{listed}</subComponents></component>",
        **{f"{name}-all/{each}.xml": text for each, text in operations.items()},
    }


ACME = {"init": INIT, "getOrder": GET, "getTwice": NESTED}


def write_folder(folder: Path, content: Mapping[str, str]) -> Path:
    for name, text in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def write_zip(path: Path, content: Mapping[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in content.items():
            file.writestr(name, text)
    return path
