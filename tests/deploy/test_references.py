from __future__ import annotations

from pathlib import Path

import pytest

from engine.artifacts.local_entry import LocalEntry
from engine.core.redaction import SECRETS
from engine.deploy import loader
from engine.deploy.loader import LoadedFile
from engine.deploy.references import References
from engine.errors import Fault
from engine.runtime.catalog import language

STORE = {"db.password": "correct horse", "a": "1<2&3"}


@pytest.fixture
def references(monkeypatch: pytest.MonkeyPatch) -> References:
    monkeypatch.setenv("SHOP_HOST", "shop.example.com")
    monkeypatch.setenv("SHOP_TOKEN", "tok-en-12345")
    monkeypatch.delenv("NOWHERE", raising=False)
    return References(STORE.get, {"shop.port": "8080", "plain": "p"})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${env:SHOP_HOST}", "shop.example.com"),
        ("http://${env:SHOP_HOST}:${file:shop.port}/x", "http://shop.example.com:8080/x"),
        ("$secret{db.password}", "correct horse"),
        ("Basic $secret{a}!", "Basic 1<2&3!"),
        ("$SYSTEM:SHOP_HOST", "shop.example.com"),
        ("$SYSTEM:SHOP_HOST/path", "shop.example.com/path"),
        ("$FILE:plain", "p"),
        # The old form begins a value, as in the reference; elsewhere it is text.
        ("x $SYSTEM:SHOP_HOST", "x $SYSTEM:SHOP_HOST"),
        ("${payload.env}", "${payload.env}"),
        ("${env:}", "${env:}"),
        ("$1 $ctx:x $secret", "$1 $ctx:x $secret"),
        ("${env:NOWHERE}", "${env:NOWHERE}"),
    ],
)
def test_texts(references: References, text: str, value: str) -> None:
    assert references.text(text) == value


def _load(tmp_path: Path, xml: str, references: References) -> LoadedFile:
    path = tmp_path / "flow.xml"
    path.write_text(xml.replace(">", ' xmlns="http://ws.apache.org/ns/synapse">', 1))
    return loader.load(path, loader.find(path)[path], language(), "flow.xml", references=references)


def test_attributes_and_texts_of_a_file(tmp_path: Path, references: References) -> None:
    loaded = _load(tmp_path, '<localEntry key="${env:SHOP_HOST}">\n$secret{db.password}\n</localEntry>', references)
    [entry] = [each.artifact for each in loaded.artifacts]
    assert isinstance(entry, LocalEntry)
    assert (entry.name, entry.value) == ("shop.example.com", "correct horse")
    assert not list(loaded.problems)


def test_elements_that_are_read_as_xml(tmp_path: Path, references: References) -> None:
    xml = '<localEntry key="k"><a xmlns="" b="$secret{a}">${env:SHOP_HOST}<c/>-${file:plain}</a></localEntry>'
    [entry] = [each.artifact for each in _load(tmp_path, xml, references).artifacts]
    assert isinstance(entry, LocalEntry)
    root = entry.value
    assert (root.get("b"), root.text, root[0].tail) == ("1<2&3", "shop.example.com", "-p")


def test_what_is_missing_is_a_problem_at_its_place(tmp_path: Path, references: References) -> None:
    xml = '<localEntry key="x${env:NOWHERE}">\n  a $secret{none}\n  ${file:nothing}</localEntry>'
    loaded = _load(tmp_path, xml, references)
    assert [(each.code, each.where.line, each.where.column) for each in loaded.problems] == [
        ("unknown-variable", 1, 19),
        ("unknown-secret", 2, 5),
        ("unknown-variable", 3, 3),
    ]
    assert "myelin secret set none" in str(list(loaded.problems)[1])


def test_a_store_that_cannot_be_opened_is_a_problem(tmp_path: Path) -> None:
    def closed(alias: str) -> str | None:
        raise Fault("there is no key")

    loaded = _load(tmp_path, '<localEntry key="k">$secret{x}</localEntry>', References(closed, {}))
    assert [str(each) for each in loaded.problems] == [
        "flow.xml:1:61: error[unknown-secret]: The secret 'x' cannot be read: there is no key."
    ]


def test_a_missing_value_keeps_its_artifact_from_running(tmp_path: Path, references: References) -> None:
    loaded = _load(tmp_path, '<sequence name="s"><log category="${env:NOWHERE}"/></sequence>', references)
    assert loaded.problems.has_errors


def test_problems_do_not_show_secrets(tmp_path: Path, references: References) -> None:
    SECRETS.add("correct horse")
    xml = '<sequence name="s"><log category="$secret{db.password}"/><log category="${env:SHOP_TOKEN}"/></sequence>'
    texts = [str(each) for each in _load(tmp_path, xml, references).problems]
    assert len(texts) == 2
    for text in texts:
        assert "'***' is not one of" in text


def test_without_references_texts_stay(tmp_path: Path) -> None:
    path = tmp_path / "flow.xml"
    path.write_text('<localEntry xmlns="http://ws.apache.org/ns/synapse" key="k">${env:HOME}</localEntry>')
    [loaded] = loader.load(path, loader.find(path)[path], language()).artifacts
    assert isinstance(loaded.artifact, LocalEntry)
    assert loaded.artifact.value == "${env:HOME}"
