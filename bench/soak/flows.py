"""The flows of the soak: each answers with its name and its version, so that an answer tells whose it is.

Every version is a file of its own content, replaced as careful tools do it: written beside, then renamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_NEVER_RESTS = (
    "<suspendOnFailure><errorCodes>-1</errorCodes></suspendOnFailure>"
    "<markForSuspension><errorCodes>-1</errorCodes></markForSuspension>"
)
_RESTS_BRIEFLY = "<suspendOnFailure><initialDuration>100</initialDuration></suspendOnFailure>"
RESTS = 0.1
"""Seconds that the children of the failover endpoint rest."""


@dataclass(frozen=True, slots=True)
class Flow:
    """``inside`` stands between the request and the answer; ``back_ends`` are those it needs, any of which will do."""

    name: str
    inside: str
    back_ends: tuple[str, ...]
    kind: str = "proxy"
    makes: bool = False
    """Whether it answers with a message of its own; the others give back what came."""
    fleeting: bool = False
    """Whether it is removed now and then."""

    @property
    def path(self) -> str:
        return f"/{self.name}/orders" if self.kind == "api" else f"/services/{self.name}"

    def xml(self, version: int, urls: Mapping[str, str]) -> str:
        steps = (
            self.inside.format(**urls)
            + f'<property name="x-flow" scope="transport" value="{self.name}"/>'
            + f'<property name="x-version" scope="transport" value="{version}"/><respond/>'
        )
        sequence = f"<inSequence>{steps}</inSequence>"
        if self.kind == "api":
            return (
                f'<api xmlns="http://ws.apache.org/ns/synapse" name="{self.name}" context="/{self.name}">'
                f'<resource methods="POST" uri-template="/orders">{sequence}</resource></api>'
            )
        target = f"<target>{sequence}</target>"
        return f'<proxy xmlns="http://ws.apache.org/ns/synapse" name="{self.name}">{target}</proxy>'


def _call(back_end: str, rests: str = _NEVER_RESTS, name: str = "") -> str:
    named = f' name="{name}"' if name else ""
    return f'<endpoint{named}><address uri="{{{back_end}}}">{rests}</address></endpoint>'


_MADE = (
    '<property name="id" expression="json-eval($.id)"/>'
    '<payloadFactory media-type="json"><format>{{"id": "$1", "made": "yes"}}</format>'
    '<args><arg evaluator="xml" expression="$ctx:id"/></args></payloadFactory>'
)

FLOWS = (
    Flow("passes", f"<call>{_call('one')}</call>", ("one",)),
    Flow("looks", f'<property name="id" expression="json-eval($.id)"/><call>{_call("two")}</call>', ("two",)),
    Flow("makes", f"<call>{_call('two')}</call>{_MADE}", ("two",), makes=True),
    Flow("alone", _MADE, (), makes=True),
    Flow("resource", f"<call>{_call('one')}</call>", ("one",), kind="api"),
    Flow("shares", '<sequence key="shared"/>', ("one",)),
    Flow(
        "fails-over",
        f"<call><endpoint><failover>{_call('one', _RESTS_BRIEFLY, 'first')}{_call('two', _RESTS_BRIEFLY, 'second')}"
        "</failover></endpoint></call>",
        ("one", "two"),
    ),
    Flow("comes-and-goes", f"<call>{_call('two')}</call>", ("two",), fleeting=True),
)


def write(folder: Path, version: int, urls: Mapping[str, str], *, without_fleeting: bool) -> None:
    """Deploy a version of every flow, and of the sequence and the endpoint that ``shares`` uses."""
    for flow in FLOWS:
        if flow.fleeting and without_fleeting:
            (folder / f"{flow.name}.xml").unlink(missing_ok=True)
        else:
            _replace(folder / f"{flow.name}.xml", flow.xml(version, urls))
    _replace(
        folder / "shared.xml",
        '<sequence xmlns="http://ws.apache.org/ns/synapse" name="shared"><call><endpoint key="keyed"/></call>'
        f'<property name="x-sequence" scope="transport" value="{version}"/></sequence>',
    )
    _replace(
        folder / "keyed.xml",
        f'<endpoint xmlns="http://ws.apache.org/ns/synapse" name="keyed"><address uri="{urls["one"]}">{_NEVER_RESTS}'
        f"</address><!-- {version} --></endpoint>",
    )


def _replace(file: Path, xml: str) -> None:
    part = file.with_suffix(".part")
    part.write_text(xml)
    part.replace(file)
