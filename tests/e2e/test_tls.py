"""TLS of a whole server: the ports of flows, of inbound endpoints and of the administration."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
import requests

from engine.testing.certificates import Certificates
from tests.e2e.conftest import PATIENCE, Engine, free_ports

SHOW = (
    '<proxy xmlns="http://ws.apache.org/ns/synapse" name="show"><target><inSequence>'
    '<payloadFactory media-type="json"><format>{"host": "$1", "scheme": "$2"}</format><args>'
    """<arg expression="$trp:Host"/><arg expression="get-property('TRANSPORT_IN_NAME')"/></args></payloadFactory>"""
    "<respond/></inSequence></target></proxy>"
)
INBOUND = """<definitions xmlns="http://ws.apache.org/ns/synapse">
<sequence name="take"><payloadFactory media-type="text"><format>taken</format></payloadFactory><respond/></sequence>
<inboundEndpoint name="i" protocol="https" sequence="take"><parameters>
<parameter name="inbound.http.port">{port}</parameter>
<parameter name="SSLVerifyClient">{verify}</parameter></parameters></inboundEndpoint></definitions>"""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command, which makes the certificates, is not installed")
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Certificates:
    """Those of another authority."""
    return Certificates(tmp_path_factory.mktemp("others"))


def get(url: str, server: Certificates, client: Certificates | None = None) -> requests.Response:
    shown = None if client is None else (str(client.client), str(client.client_key))
    return requests.get(url, verify=str(server.authority), cert=shown, timeout=PATIENCE)


def is_refused(url: str, server: Certificates, client: Certificates | None = None) -> bool:
    """Whether the server wants another certificate of its client, or any."""
    try:
        get(url, server, client)
    except requests.ConnectionError:  # requests' SSLError is one
        return True
    return False


def install(folder: Path, **files: Path) -> None:
    """Put the files there under these names, each at once."""
    for name, source in files.items():
        shutil.copy(source, folder / f"{name}.new")
        (folder / f"{name}.new").replace(folder / name)


def test_client_certificates_and_renewal(
    start: Any, certificates: Certificates, others: Certificates, tmp_path: Path, until: Any
) -> None:
    install(tmp_path, cert=certificates.server, key=certificates.server_key, ca=certificates.authority)
    tls = f"{{certificate: {tmp_path}/cert, key: {tmp_path}/key, client_ca: {tmp_path}/ca}}"
    engine: Engine = start({"a.xml": SHOW}, f"server: {{tls: {tls}}}")
    assert f"at https://127.0.0.1:{engine.port}" in engine.lines[0]
    url = f"https://127.0.0.1:{engine.port}/services/show"
    assert get(url, certificates, certificates).json() == {"host": f"127.0.0.1:{engine.port}", "scheme": "https"}
    assert is_refused(url, certificates)
    assert is_refused(url, certificates, others)
    with socket.create_connection(("127.0.0.1", engine.port), PATIENCE) as plain:
        plain.sendall(b"GET /services/show HTTP/1.1\r\nHost: a\r\n\r\n")
        assert not plain.recv(100).startswith(b"HTTP/1.1 200")

    install(tmp_path, ca=others.authority)
    until(lambda: "loaded again: " in engine.log())
    assert get(url, certificates, others).status_code == 200
    assert is_refused(url, certificates, certificates)

    install(tmp_path, key=others.server_key, cert=others.server)
    until(lambda: not is_refused(url, others, others))
    with pytest.raises(requests.exceptions.SSLError, match="certificate verify failed"):
        get(url, certificates, others)


def test_an_unusable_certificate_is_told_at_the_start(command: Any, tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "myelin.yaml").write_text("server: {port: 0, admin_tls: {certificate: none.pem}}")
    ended = command(tmp_path, "run", "flows", "--admin-port", "0")
    assert (ended.returncode, ended.stderr.splitlines()[-1]) == (
        2,
        "myelin: cannot load none.pem: no such file or directory",
    )


def test_the_admin_port_and_inbound_endpoints(start: Any, certificates: Certificates, others: Certificates) -> None:
    [inbound] = free_ports(1)
    admin = f"{{certificate: {certificates.server}, key: {certificates.server_key}, client_ca: {others.authority}}}"
    tls = f"{{certificate: {others.server}, key: {others.server_key}, client_ca: {certificates.authority}}}"
    flows = {"a.xml": SHOW, "i.xml": INBOUND.format(port=inbound, verify="require")}
    engine: Engine = start(flows, f"server: {{admin_tls: {admin}, inbound_tls: {tls}}}")
    assert engine.call("GET", "/services/show").json()["scheme"] == "http"

    url = f"https://127.0.0.1:{engine.admin_port}/healthz"
    assert get(url, certificates, others).json()["status"] == "ready"
    assert is_refused(url, certificates)
    assert is_refused(url, certificates, certificates)

    url = f"https://127.0.0.1:{inbound}/any"
    assert get(url, others, certificates).text == "taken"
    assert is_refused(url, others)
    assert is_refused(url, others, others)


@pytest.mark.parametrize(
    ("verify", "inbound_tls", "error"),
    [
        ("none", "", "there is no certificate for it: set server.inbound_tls or server.tls"),
        ("require", "certificate: {}, key: {}", "its clients are to show certificates: set client_ca in"),
    ],
)
def test_an_inbound_endpoint_without_its_certificate_is_told(
    start: Any, certificates: Certificates, until: Any, verify: str, inbound_tls: str, error: str
) -> None:
    [inbound] = free_ports(1)
    tls = inbound_tls.format(certificates.server, certificates.server_key)
    engine = start({"i.xml": INBOUND.format(port=inbound, verify=verify)}, f"server: {{inbound_tls: {{{tls}}}}}")
    until(lambda: f"inbound-endpoint 'i' ended: {error}" in engine.log())
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", inbound)) != 0
