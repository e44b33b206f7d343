from __future__ import annotations

import importlib.util
import json
import signal
import subprocess
import sys
from typing import Any

import pytest

from engine.mediators import _saxon_process

pytestmark = pytest.mark.skipif(importlib.util.find_spec("saxonche") is None, reason="the extra saxon")

NOTHING: dict[str, Any] = {"arguments": {}, "seconds": 30}


def answers(*requests: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """What a process answers to requests, and how it ends."""
    lines = "".join(json.dumps(each) + "\n" for each in requests)
    ended = subprocess.run(
        [sys.executable, "-P", _saxon_process.__file__], input=lines, capture_output=True, text=True, timeout=50, env={}
    )
    return [json.loads(line) for line in ended.stdout.splitlines()], ended.returncode


def test_requests_in_turn() -> None:
    sheet = (
        '<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:output method="text"/>'
        '<xsl:param name="p"/><xsl:template match="/"><xsl:message>m</xsl:message><xsl:value-of select="*, $p"/>'
        "</xsl:template></xsl:stylesheet>"
    )
    transform = {"stylesheet": sheet, "document": "<a>é</a>", "parameters": {"p": "1"}, "seconds": 30}
    assert answers(transform, NOTHING | {"query": "1 + 1"}, transform) == (
        [{"result": "é 1", "said": "m"}, {"result": {"text": "2"}, "said": ""}, {"result": "é 1", "said": "m"}],
        0,
    )


@pytest.mark.parametrize(
    ("query", "arguments", "result"),
    [
        ("<a>é</a>", {}, {"node": "<a>é</a>"}),
        ("1.5e0", {}, {"double": 1.5}),
        ("()", {}, None),
        ("(1, 2)", {}, {"text": "1"}),
        ("declare variable $x external; $x + 1", {"x": ["INTEGER", 41]}, {"text": "42"}),
        ("declare variable $x external; $x/a/b", {"x": ["DOCUMENT", "<a><b/></a>"]}, {"node": "<b/>"}),
        ("declare variable $x external; not($x)", {"x": ["BOOLEAN", True]}, {"text": "false"}),
    ],
)
def test_queries(query: str, arguments: dict[str, Any], result: Any) -> None:
    [answer], code = answers({"query": query, "arguments": arguments, "seconds": 30})
    assert (answer, code) == ({"result": result, "said": ""}, 0)


def test_a_failure_is_no_end() -> None:
    [first, second], code = answers(NOTHING | {"query": "("}, NOTHING | {"query": "1"})
    assert first["error"].startswith("the query failed: ")
    assert (second["result"], code) == ({"text": "1"}, 0)


def test_the_time_is_over() -> None:
    query = {"query": "sum(for $i in 1 to 2000000000 return $i mod 7)"}
    assert answers(NOTHING | query | {"seconds": 0.5}) == ([], -signal.SIGALRM)


def test_what_is_printed_is_bounded() -> None:
    query = "(for $i in 1 to 100000 return trace($i), 'end')[last()]"
    [answer], code = answers(NOTHING | {"query": query})
    assert (answer["result"], code) == ({"text": "end"}, 0)
    assert 0 < len(answer["said"]) <= 2_000
