"""Files change while a client hammers: live within two seconds, no request lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'
LIVE_WITHIN = 2.0


def says(name: str, text: str) -> str:
    return (
        f'<proxy {NAMESPACE} name="{name}"><target><inSequence><payloadFactory media-type="json">'
        f'<format>{{"says": "{text}"}}</format><args/></payloadFactory><respond/></inSequence></target></proxy>'
    )


USER = f'<proxy {NAMESPACE} name="user"><target inSequence="used"/></proxy>'
USED = (
    f'<sequence {NAMESPACE} name="used"><payloadFactory media-type="json"><format>{{"says": "used"}}</format><args/>'
    "</payloadFactory><respond/></sequence>"
)
BROKEN = f'<proxy {NAMESPACE} name="changing">\n  <target><inSequence>\n    <lgo/>\n  </inSequence></target></proxy>'


class Hammer:
    """Calls a proxy again and again on a few kept connections; remembers everything that was not a 200."""

    def __init__(self, url: str, clients: int = 2) -> None:
        self.url = url
        self.failures: list[str] = []
        self.answers = 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        with requests.Session() as session:
            while not self._stop.is_set():
                try:
                    answer = session.post(self.url, json={"a": 1}, timeout=10)
                    if answer.status_code != 200 or "says" not in answer.json():
                        self.failures.append(f"{answer.status_code} {answer.text}")
                except requests.RequestException as error:
                    self.failures.append(repr(error))
                self.answers += 1

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture(scope="module")
def engine(start: Any) -> Any:
    flows = {"steady.xml": says("steady", "steady"), "changing.xml": says("changing", "one")}
    return start(flows | {"user.xml": USER, "used.xml": USED})


@pytest.fixture(autouse=True)
def hammer(engine: Any) -> Iterator[Hammer]:
    """Nothing that a test does may cost a request: neither of a proxy left alone nor of the one that changes."""
    hammers = [Hammer(f"{engine.url}/services/{name}", 1) for name in ("steady", "changing", "user")]
    yield hammers[0]
    for each in hammers:
        each.stop()
    assert [failure for each in hammers for failure in each.failures] == []
    assert all(each.answers > 10 for each in hammers)


def said(engine: Any, name: str) -> str:
    answer = engine.post(f"/services/{name}", {})
    return str(answer.json()["says"]) if answer.status_code == 200 else str(answer.status_code)


def test_changed_file_is_live(engine: Any, until: Any) -> None:
    for text in ("two", "three", "one"):
        engine.write("changing.xml", says("changing", text))
        until(lambda text=text: said(engine, "changing") == text, LIVE_WITHIN)
    assert engine.health().status_code == 200


def test_added_and_removed_file_is_live(engine: Any, until: Any) -> None:
    engine.write("added.xml", says("added", "here"))
    until(lambda: said(engine, "added") == "here", LIVE_WITHIN)
    (engine.folder / "flows" / "added.xml").unlink()
    until(lambda: said(engine, "added") == "404", LIVE_WITHIN)
    assert engine.health().status_code == 200


def test_broken_file_keeps_its_last_good_version_and_shows(engine: Any, until: Any) -> None:
    engine.write("changing.xml", BROKEN)
    until(lambda: engine.health().status_code == 503, LIVE_WITHIN)
    health = engine.health().json()
    assert health["status"] == "faulty"
    [problem] = health["problems"]
    assert problem == {
        "code": "unknown-mediator",
        "file": "flows/changing.xml",
        "line": 3,
        "column": 5,
        "message": "<lgo> is not a mediator. Did you mean 'log'?",
    }
    assert {each["name"] for each in health["running"]} == {"steady", "changing", "user", "used"}
    assert said(engine, "changing") == "one"

    engine.write("other.xml", says("other", "x"))  # another deployment, with the same broken file
    until(lambda: said(engine, "other") == "x", LIVE_WITHIN)
    assert engine.log().count("flows/changing.xml:3:5: error[unknown-mediator]") == 1
    (engine.folder / "flows" / "other.xml").unlink()

    engine.write("changing.xml", says("changing", "one"))
    until(lambda: engine.health().status_code == 200, LIVE_WITHIN)
    assert engine.health().json()["problems"] == []


def test_mistake_in_the_tag_keeps_the_last_good_version_too(engine: Any, until: Any) -> None:
    engine.write("changing.xml", says("changing", "one").replace("proxy", "porxy"))
    until(lambda: engine.health().status_code == 503, LIVE_WITHIN)
    assert said(engine, "changing") == "one"
    engine.write("changing.xml", says("changing", "one"))
    until(lambda: engine.health().status_code == 200, LIVE_WITHIN)


def test_removing_a_sequence_in_use_keeps_its_user_running_and_is_reported(engine: Any, until: Any) -> None:
    (engine.folder / "flows" / "used.xml").unlink()
    until(lambda: engine.health().status_code == 503, LIVE_WITHIN)
    [problem] = engine.health().json()["problems"]
    assert (problem["file"], problem["message"]) == (
        "flows/user.xml",
        "There is no sequence 'used'. Put <sequence name=\"used\"> into a file among the flows.",
    )
    assert said(engine, "user") == "used"
    engine.write("used.xml", USED)
    until(lambda: engine.health().status_code == 200, LIVE_WITHIN)


def test_request_in_flight_ends_with_the_flow_it_began_with(engine: Any, back_end: Any, until: Any) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def script(message: Any, connection: Any) -> None:
        arrived.set()
        assert go_on.wait(10)
        connection.answer(200, b"{}")

    back_end.on("/held", script)
    held = (
        f'<proxy {NAMESPACE} name="held"><target><inSequence><call><endpoint><address uri="{back_end.url}/held"/>'
        '</endpoint></call><payloadFactory media-type="json"><format>{"says": "old"}</format><args/></payloadFactory>'
        "<respond/></inSequence></target></proxy>"
    )
    engine.write("held.xml", held)
    until(lambda: any(each["name"] == "held" for each in engine.health().json()["running"]), LIVE_WITHIN)
    answers: list[str] = []
    caller = threading.Thread(target=lambda: answers.append(said(engine, "held")))
    caller.start()
    assert arrived.wait(10)
    engine.write("held.xml", says("held", "new"))
    engine.write("mark.xml", says("mark", "deployed together"))
    until(lambda: said(engine, "mark") == "deployed together", LIVE_WITHIN)
    assert said(engine, "held") == "new"
    go_on.set()
    caller.join()
    assert answers == ["old"]


def test_workers_log_a_broken_file_once(start: Any, until: Any) -> None:
    """Both read the same files. That both have is seen from the answers: each connection may go to either."""
    two = start({"broken.xml": BROKEN}, "connectors: {nobody: {}}", "--workers", "2")

    def is_live(name: str) -> bool:
        return all(said(two, name) == name for _ in range(30))

    two.write("late.xml", BROKEN.replace('"changing"', '"late"'))
    two.write("good.xml", says("good", "good"))
    until(lambda: is_live("good"))
    log = two.log()
    told = ("flows/broken.xml:3:5: error", "flows/late.xml:3:5: error", "added flows/good.xml", "connectors.nobody")
    assert [log.count(each) for each in told] == [1, 1, 1, 1]


def test_no_watch(start: Any, until: Any) -> None:
    """A twin that watches shows when a watcher would have looked."""
    engine = start({"a.xml": says("a", "one")}, "", "--no-watch")
    twin = start({"a.xml": says("a", "one")})
    for text in ("two", "three"):
        for each in (engine, twin):
            each.write("a.xml", says("a", text))
        until(lambda text=text: said(twin, "a") == text)
    assert said(engine, "a") == "one"
