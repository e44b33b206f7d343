"""Files of folders through a running engine: two workers, a proxy with the transport vfs, and deployment."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

DEFINITIONS = '<definitions xmlns="http://ws.apache.org/ns/synapse">'
INBOUND = """<inboundEndpoint name="i" protocol="file" sequence="take"><parameters>
  <parameter name="interval">5</parameter>
  <parameter name="transport.vfs.FileURI">file://{home}/in</parameter>
  <parameter name="transport.vfs.FileNamePattern">.*\\.json</parameter>
  <parameter name="transport.vfs.ActionAfterProcess">MOVE</parameter>
  <parameter name="transport.vfs.MoveAfterProcess">file://{home}/done</parameter>
  <parameter name="transport.vfs.ActionAfterFailure">MOVE</parameter>
  <parameter name="transport.vfs.MoveAfterFailure">file://{home}/failed</parameter>
  </parameters></inboundEndpoint>"""
TAKE = """<sequence name="take">
  <call><endpoint><http method="post" uri-template="{url}/take"/></endpoint></call></sequence>"""
PROXY = """<proxy xmlns="http://ws.apache.org/ns/synapse" name="files" transports="vfs">
  <target><inSequence>
    <payloadFactory media-type="xml"><format><seen xmlns="">$1</seen></format>
      <args><arg evaluator="xml" expression="//name"/></args></payloadFactory>
    <header name="transport.vfs.ReplyFileName" scope="transport" value="answer.xml"/>
    <respond/></inSequence></target>
  <parameter name="transport.PollInterval">5ms</parameter>
  <parameter name="transport.vfs.FileURI">file://{home}/in</parameter>
  <parameter name="transport.vfs.ContentType">application/xml</parameter>
  <parameter name="transport.vfs.ReplyFileURI">file://{home}/replies/</parameter>
</proxy>"""
KEEP = """<proxy xmlns="http://ws.apache.org/ns/synapse" name="keep"><target><inSequence>
  <header name="transport.vfs.ReplyFileName" scope="transport" value="kept.json"/>
  <send><endpoint><address uri="vfs:file://{home}/kept/"/></endpoint></send></inSequence>
  <outSequence><log><property name="never" value="here"/></log></outSequence></target></proxy>"""
OPEN = """<proxy xmlns="http://ws.apache.org/ns/synapse" name="open"><target><inSequence>
  <property name="uri.var.base" expression="get-property('transport', 'base')"/>
  <call><endpoint><http method="post" uri-template="{uri.var.base}/x"/></endpoint></call>
  <respond/></inSequence></target></proxy>"""
OPEN_ADDRESS = """<proxy xmlns="http://ws.apache.org/ns/synapse" name="address"><target><inSequence>
  <property name="base" expression="get-property('transport', 'base')"/>
  <call><endpoint><address uri="${base}/x"/></endpoint></call>
  <respond/></inSequence></target></proxy>"""


def put(folder: Path, name: str, text: str) -> None:
    """A file that is complete at once."""
    folder.mkdir(exist_ok=True)
    part = folder / f".{name}"
    part.write_text(text)
    part.replace(folder / name)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []


def test_two_workers_take_each_file_once(start: Callable[..., Any], back_end: Any, until: Any, tmp_path: Path) -> None:
    flows = DEFINITIONS + TAKE.format(url=back_end.url) + INBOUND.format(home=tmp_path) + "</definitions>"
    wanted = [f"{number}.json" for number in range(40)]
    for number, name in enumerate(wanted):
        put(tmp_path / "in", name, f'{{"number": {number}}}')
    put(tmp_path / "in", "other.txt", "left alone")
    start({"i.xml": flows}, "", "--workers", "2")
    until(lambda: names(tmp_path / "done") == sorted(wanted))
    bodies = sorted(each.body for each in back_end.requests if each.target == "/take")
    assert bodies == sorted(f'{{"number": {number}}}'.encode() for number in range(40))
    assert names(tmp_path / "in") == ["other.txt"]
    assert names(tmp_path / "failed") == []


def test_a_flow_that_fails_and_one_that_is_taken_out(start: Callable[..., Any], until: Any, tmp_path: Path) -> None:
    flows = DEFINITIONS + TAKE.format(url="http://127.0.0.1:1") + INBOUND.format(home=tmp_path) + "</definitions>"
    put(tmp_path / "in", "a.json", "{}")
    engine = start({"i.xml": flows})
    until(lambda: names(tmp_path / "failed") == ["a.json"])
    engine.write(
        "i.xml",
        flows.replace("</definitions>", '<sequence name="marker"/></definitions>').replace(
            INBOUND.format(home=tmp_path), KEEP.format(home=tmp_path)
        ),
    )
    until(lambda: engine.post("/services/keep", {"b": 2}).status_code == 202)
    put(tmp_path / "in", "later.json", "{}")
    for _ in range(20):  # longer than several looks
        engine.post("/services/keep", {"b": 2})
    assert names(tmp_path / "kept") == ["kept.json"]
    assert (tmp_path / "kept" / "kept.json").read_text() == '{"b": 2}'
    assert "never = here" not in engine.log()
    assert names(tmp_path / "in") == ["later.json"]


def test_a_proxy_takes_files_and_answers_with_files(start: Callable[..., Any], until: Any, tmp_path: Path) -> None:
    put(tmp_path / "in", "a.xml", "<order><name>Ada</name></order>")
    engine = start({"p.xml": PROXY.format(home=tmp_path)})
    until(lambda: names(tmp_path / "replies") == ["answer.xml"] and names(tmp_path / "in") == [])
    assert (tmp_path / "replies" / "answer.xml").read_text() == "<seen>Ada</seen>"
    assert engine.call("GET", "/services/files").status_code == 404


def test_what_a_client_asks_for_names_no_file(start: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    engine = start({"k.xml": KEEP.format(home=tmp_path)})
    answer = requests.post(f"{engine.url}/services/keep/other?x=y", json={}, timeout=10)
    assert answer.status_code == 202
    assert names(tmp_path / "kept") == ["kept.json"]


def test_what_a_client_says_is_no_address_of_a_file(start: Callable[..., Any], back_end: Any, tmp_path: Path) -> None:
    engine = start({"o.xml": OPEN, "p.xml": OPEN_ADDRESS})
    for path in ("open", "address"):
        for base, status in ((back_end.url, 200), (f"vfs:file://{tmp_path}", 502)):
            answer = engine.call("POST", f"/services/{path}", json={}, headers={"base": base})
            assert (path, base, answer.status_code) == (path, base, status)
    assert names(tmp_path) == []


def holder(lock: Path) -> int | None:
    """The process that has a lock, from the kernel's list of locks."""
    inode = lock.stat().st_ino if lock.exists() else None
    for line in Path("/proc/locks").read_text().splitlines():
        if f":{inode} " in line and "->" not in line:
            return int(line.split()[4])
    return None


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="needs the list of locks of Linux's kernel")
def test_when_the_worker_that_takes_files_dies_another_does(
    start: Callable[..., Any], back_end: Any, until: Any, tmp_path: Path
) -> None:
    flows = DEFINITIONS + TAKE.format(url=back_end.url) + INBOUND.format(home=tmp_path) + "</definitions>"
    (tmp_path / "in").mkdir()
    engine = start({"i.xml": flows}, "", "--workers", "2")
    lock = engine.folder / "registry" / "config" / "workers" / "inbound%20endpoint%20%27i%27.lock"
    first = until(lambda: holder(lock))
    os.kill(first, signal.SIGKILL)
    put(tmp_path / "in", "a.json", "{}")
    until(lambda: names(tmp_path / "done") == ["a.json"])
    assert holder(lock) not in (None, first)
