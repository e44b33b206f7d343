from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from engine.message.json_rules import JsonRules
from engine.runtime.config import BackEnds, Config, read, read_properties
from engine.transports.http_out_settings import HostTls


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "myelin.yaml"


def test_without_a_file_the_defaults(file: Path) -> None:
    assert read(None) == Config()


@pytest.mark.parametrize("content", ["", "server:\n", "{}", "# nothing\n"])
def test_empty(file: Path, content: str) -> None:
    file.write_text(content)
    assert read(file) == Config()


def test_settings(file: Path) -> None:
    file.write_text(
        "server: {port: 8080, drain: 5}\ncompatibility: {unhandled_fault_202: true}\nregistry: /var/lib/myelin\n"
        "connectors:\n  gotowebinar: {timeout: 20}\n"
    )
    config = read(file)
    assert (config.server.port, config.server.drain, config.server.host) == (8080, 5.0, "127.0.0.1")
    assert isinstance(config.server.drain, float)
    assert config.compatibility.unhandled_fault_202 is True
    assert config.registry == "/var/lib/myelin"
    assert config.connectors == {"gotowebinar": {"timeout": 20}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("sever: {}", "there is no setting 'sever'. Did you mean 'server'?"),
        ("server: {prot: 1}", "server: there is no setting 'prot'. Did you mean 'port'?"),
        ("server: {port: '1'}", "server: port: expected a whole number, found '1'"),
        ("server: {port: true}", "server: port: expected a whole number, found True"),
        ("server: {port: 1.5}", "server: port: expected a whole number, found 1.5"),
        ("server: {port: -1}", "server: port: cannot be negative, found -1"),
        ("server: {log_format: jsno}", "server: log_format: expected text or json, found 'jsno'. Did you mean 'json'?"),
        ("server: {drain: soon}", "server: drain: expected a number, found 'soon'"),
        ("server: 5", "server: expected names and values, found 5"),
        ("compatibility: {unhandled_fault_202: 1}", "unhandled_fault_202: expected true or false, found 1"),
        ("registry: 1", "registry: expected text, found 1"),
        ("connectors: {gotowebinar: 1}", "connectors: expected names, each with its settings"),
        ("back_ends: {hosts: {a: {verfy: false}}}", "back_ends: hosts: a: there is no setting 'verfy'. Did you mean"),
        ("back_ends: {hosts: {a: {verify: 0}}}", "hosts: a: verify: expected true or false, found 0"),
        ("back_ends: {no_proxy: a}", "back_ends: no_proxy: expected a list of texts, found 'a'"),
        ("- a", "expected names and values, found ['a']"),
        ("payload: {synapse.commons.json.output.autoPrimitiv: true}", "payload: there is no payload setting"),
        ("payload: [1]", "payload: expected names and values"),
        ("a: [", "not YAML"),
        ("a: \x00", "not YAML"),
    ],
)
def test_mistake(file: Path, content: str, message: str) -> None:
    file.write_text(content)
    with pytest.raises(ConfigurationError) as error:
        read(file)
    assert str(error.value).startswith(f"{file}: ")
    assert message in str(error.value)


def test_not_utf_8(file: Path) -> None:
    file.write_bytes(b"registry: \xff")
    with pytest.raises(ConfigurationError, match="not YAML"):
        read(file)


def test_file_that_is_not_there(file: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file or directory"):
        read(file)


def test_no_code_is_run(file: Path) -> None:
    file.write_text("registry: !!python/object/apply:os.getcwd []")
    with pytest.raises(ConfigurationError, match="not YAML"):
        read(file)


def test_properties_file(file: Path) -> None:
    file.write_text("# a comment\n! another\ndb.host = localhost\nuser:ada\nempty=\nalone\n  path=a=b \n\n", "utf-8")
    assert read_properties(file) == {
        "db.host": "localhost",
        "user": "ada",
        "empty": "",
        "alone": "",
        "path": "a=b",
    }
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_properties(file.parent / "none")


def test_payload_settings_have_the_names_of_the_reference(file: Path) -> None:
    file.write_text("payload:\n  synapse.commons.json.output.autoPrimitive: false\n")
    assert read(file).payload == JsonRules(primitives=False)


def test_back_ends_as_the_client_takes_them(file: Path) -> None:
    file.write_text(
        "back_ends: {timeout: 7, idle_timeout: 8, total_timeout: 90, keep_alive: 9, client_certificate: c.pem,"
        " hosts: {old.test: {verify: false}}}"
    )
    settings = read(file).back_ends.http_out({"https_proxy": "http://p:1", "no_proxy": "a"})
    assert (settings.response_timeout, settings.idle_timeout, settings.keep_alive) == (7.0, 8.0, 9.0)
    assert settings.total_timeout == 90.0
    assert (settings.client_certificate, settings.client_key) == ("c.pem", None)
    assert settings.hosts == {"old.test": HostTls(verify=False)}
    assert (settings.proxy, settings.https_proxy, settings.no_proxy[0]) == (None, "http://p:1", "a")


@pytest.mark.parametrize(("proxy", "used"), [("none", None), ("http://mine:2", "http://mine:2")])
def test_a_proxy_in_the_settings_beats_the_environment(proxy: str, used: str | None) -> None:
    back_ends = BackEnds(proxy=proxy, no_proxy=["b"])
    settings = back_ends.http_out({"http_proxy": "http://p:1", "https_proxy": "http://p:1", "no_proxy": "a"})
    assert (settings.proxy, settings.https_proxy, settings.no_proxy) == (used, None, ("b",))


@pytest.mark.parametrize(("total", "right"), [(0, True), (999, False), (1000, True)])
def test_all_bodies_may_have_as_much_as_one(file: Path, total: int, right: bool) -> None:
    file.write_text(f"limits: {{buffered_body: 1000, buffered_total: {total}}}")
    if right:
        assert read(file).limits.buffered_total == total
        return
    with pytest.raises(ConfigurationError, match="buffered_total must be 0, or as much as buffered_body or more"):
        read(file)
