from __future__ import annotations

from pathlib import Path

import pytest

from engine.core.http import HttpRequest
from engine.testing.connectors import ConnectorHarness, Recorder, Recording, Replies
from engine.testing.harness import LoadError, StubClient, response

YAML = """\
connector: acme
summary: A.
base_url: http://api
auth: {type: api-key, in: query, name: key}
python: [operations]
operations:
  list: {summary: List., method: GET, path: /orders, query: {q: "{q}"}, parameters: {q: {doc: Q.}}}
"""

PYTHON = '''
from engine.api import Call, operation

@operation("acme.count")
def count(call: Call, kind: str) -> dict[str, int]:
    """Count.

    Args:
        kind: Of what.
    """
    return {"count": len(call.session.get("/orders", params={"q": kind}).json())}
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "connector.yaml").write_text(YAML)
    (tmp_path / "acme" / "operations.py").write_text(PYTHON)
    return tmp_path


async def test_yaml_and_python_against_the_same_replies(folder: Path) -> None:
    acme = ConnectorHarness(folder, Replies({"GET /orders": [response(200, b"[1]"), response(200, b"[1,2]")]}))
    listed = await acme.call("acme.list", init={"apiKey": "k"}, q="x")
    counted = await acme.call("acme.count", init={"apiKey": "k"}, kind="x")
    assert (listed.status, listed.json(), listed.text()) == (200, [1], "[1]")
    assert counted.json() == {"count": 2}
    assert [request.url for request in acme.requests] == ["http://api/orders?q=x&key=k"] * 2


async def test_mistakes_of_a_test_are_told(folder: Path) -> None:
    acme = ConnectorHarness(folder, Replies({}))
    with pytest.raises(TypeError, match="has no parameter qq"):
        await acme.call("acme.list", init={"apiKey": "k"}, qq="x")
    with pytest.raises(AssertionError, match="nothing answers GET /orders; there is nothing"):
        await acme.call("acme.list", init={"apiKey": "k"})
    (folder / "acme" / "connector.yaml").write_text("connector: acme")
    with pytest.raises(LoadError, match="'summary' is missing"):
        ConnectorHarness(folder)


async def test_a_recording_plays_what_was_recorded_without_secrets(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "recording.json"
    answers = {"GET /orders": response(200, b'["k9"]', headers=[(b"set-cookie", b"s")])}
    recorder = Recorder(StubClient(Replies(answers)), file, secrets=("k9",))
    request = HttpRequest("GET", "http://api/orders?q=x&key=k9", [(b"authorization", b"Bearer k9")])
    await recorder.send(request)
    text = file.read_text()
    assert "k9" not in text
    assert "cookie" not in text
    acme = ConnectorHarness(folder, Recording(file))
    result = await acme.call("acme.list", init={"apiKey": "other"}, q="x")
    assert result.json() == ["***"]
    with pytest.raises(AssertionError, match="after the end of the recording"):
        await acme.call("acme.list", init={"apiKey": "other"}, q="x")


async def test_another_request_than_the_recorded_one_fails(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "recording.json"
    recorder = Recorder(StubClient(lambda request: response(200, b"\xff\xfe", "application/octet-stream")), file)
    answer = await recorder.send(HttpRequest("GET", "http://api/orders?q=x&key=k"))
    assert Recording(file)(HttpRequest("GET", "http://api/orders?q=x&key=k")).body == answer.body == b"\xff\xfe"
    acme = ConnectorHarness(folder, Recording(file))
    with pytest.raises(AssertionError, match="came where GET http://api/orders"):
        await acme.call("acme.list", init={"apiKey": "k"}, q="y")
