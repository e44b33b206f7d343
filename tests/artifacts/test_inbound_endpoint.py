from __future__ import annotations

import pytest

from engine.artifacts.inbound_endpoint import InboundEndpoint
from engine.errors import Fault
from engine.testing.harness import Harness, LoadError

SEQUENCE = '<sequence name="s"><respond/></sequence>'


def inbound(attributes: str = 'protocol="http" sequence="s"', port: str = "8390") -> str:
    parameter = f'<parameters><parameter name="inbound.http.port">{port}</parameter></parameters>'
    return f'<inboundEndpoint name="i" {attributes}>{parameter}</inboundEndpoint>'


def loaded(harness: Harness) -> InboundEndpoint:
    [found] = [each for each in harness.snapshot.artifacts() if isinstance(each, InboundEndpoint)]
    return found


@pytest.mark.parametrize(
    ("attributes", "port", "code", "hint"),
    [
        ('protocol="jms" sequence="s"', "1", "unsupported", "Let a bridge of the broker"),
        ('protocol="../x" sequence="s"', "1", "unsupported", "Let a bridge of the broker"),
        ('protocol="kafka" sequence="s"', "1", "unsupported", "an HTTP sink of Kafka Connect"),
        ('protocol="https" sequence="s"', "0", "bad-value", ""),
        ('class="com.example.Poller" sequence="s"', "1", "unsupported", "name its folder in the setting 'classes'"),
        ('sequence="s"', "1", "missing-attribute", "The protocols are file, http, https, mqtt, rabbitmq."),
        ('protocol="file" sequence="s"', "1", "missing-element", "file:///srv/inbox"),
        ('protocol="http"', "1", "missing-attribute", 'Add sequence="…".'),
        ('protocol="http" sequence="s"', "", "bad-value", ""),
        ('protocol="http" sequence="s"', "65536", "bad-value", ""),
        ('protocol="http" sequence="none"', "1", "unknown-sequence", ""),
    ],
)
def test_mistakes(attributes: str, port: str, code: str, hint: str) -> None:
    with pytest.raises(LoadError) as raised:
        Harness(SEQUENCE + inbound(attributes, port))
    [problem] = raised.value.problems
    assert problem.code == code
    assert hint in problem.hint


async def test_without_a_server_there_is_no_port() -> None:
    harness = Harness(SEQUENCE + inbound())
    with pytest.raises(Fault, match="port 8390 cannot be served"):
        await loaded(harness).run(lambda: harness.snapshot)


async def test_a_suspended_one_does_nothing() -> None:
    harness = Harness(SEQUENCE + inbound('protocol="HTTP" sequence="s" suspend="true"'))
    await loaded(harness).run(lambda: harness.snapshot)
