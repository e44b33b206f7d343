"""Connectors of nobody, in the shape of WSO2's public ones.

The collection has 172 connectors with 21 templates each; a template reads what it is given into properties, writes a
payload or a query, calls, and half of them have less than 2.4 kB.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from bench import payloads

OPERATIONS = 21
"""Of each made-up connector, with its init."""

_XMLNS = 'xmlns="http://ws.apache.org/ns/synapse"'
_FIELDS = ("reference", "customer", "currency", "amount", "status", "note")

_INIT = f"""\
<template {_XMLNS} name="init">
  <parameter name="apiUrl" description="Where the API is."/>
  <parameter name="accessToken" description="The token."/>
  <parameter name="organizerKey" description="The organizer."/>
  <sequence>
    <property name="uri.var.apiUrl" expression="$func:apiUrl"/>
    <property name="uri.var.organizerKey" expression="$func:organizerKey"/>
    <property name="accessToken" expression="$func:accessToken"/>
  </sequence>
</template>
"""
_GET = f"""\
<template {_XMLNS} name="%s">
  <parameter name="webinarKey" description="What to read."/>
  <sequence>
    <property name="uri.var.webinarKey" expression="$func:webinarKey"/>
    <header name="Authorization" scope="transport" expression="fn:concat('OAuth oauth_token=', $ctx:accessToken)"/>
    <header name="Accept" scope="transport" value="application/json"/>
    <call>
      <endpoint>
        <http method="get" uri-template="{{+uri.var.apiUrl}}{payloads.WEBINAR_TEMPLATE}"/>
      </endpoint>
    </call>
  </sequence>
</template>
"""


def connector(name: str, operations: int = OPERATIONS) -> dict[str, str]:
    """The files of a WSO2 connector by their names in the zip: ``init``, ``read``, and others that write."""
    templates = {"init": _INIT, "read": _GET % "read"}
    for number in range(operations - len(templates)):
        templates[f"write{number}"] = _writing(f"write{number}")
    listed = "".join(f'<component name="{each}"><file>{each}.xml</file></component>' for each in templates)
    return {
        "connector.xml": f'<connector><component name="{name}" package="org.example">'
        f'<dependency component="{name}-all"/><description>Made up.</description></component></connector>',
        f"{name}-all/component.xml": f'<component name="{name}-all" type="synapse/template">'
        f"<subComponents>{listed}</subComponents></component>",
        **{f"{name}-all/{each}.xml": text for each, text in templates.items()},
    }


def write_zip(folder: Path, name: str, files: Mapping[str, str]) -> None:
    with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for path, text in files.items():
            file.writestr(path, text)


def _writing(name: str) -> str:
    """A template that posts what it is given, with optional parts."""
    parameters = "".join(f'<parameter name="{field}" description="The {field} of it."/>' for field in _FIELDS)
    properties = "".join(f'<property name="uri.var.{field}" expression="$func:{field}"/>' for field in _FIELDS)
    optional = "".join(
        f"<filter xpath=\"boolean($ctx:uri.var.{field}) and not($ctx:uri.var.{field} = '')\"><then>"
        f'<property name="given" expression="fn:concat($ctx:given, \'{field} \')"/></then></filter>'
        for field in _FIELDS
    )
    members = ",".join(f'"{field}": "${number}"' for number, field in enumerate(_FIELDS, 1))
    arguments = "".join(f'<arg expression="$ctx:uri.var.{field}"/>' for field in _FIELDS)
    return (
        f'<template {_XMLNS} name="{name}">{parameters}<sequence>{properties}{optional}'
        f'<payloadFactory media-type="json"><format>{{{members}}}</format><args>{arguments}</args></payloadFactory>'
        f'<call><endpoint><http method="post" uri-template="{{+uri.var.apiUrl}}/{name}"/></endpoint></call>'
        "</sequence></template>\n"
    )
