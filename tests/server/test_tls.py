"""Encryption: the certificate that the machine signs for itself."""

from __future__ import annotations

import ssl
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from stslocal.server import tls
from stslocal.server.options import ServerOptions
from tests.server.kit import served

pytestmark = [pytest.mark.contract, pytest.mark.enable_socket]


def test_https_is_served_with_the_certificate_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "server_folder", lambda: tmp_path)
    with served(options=ServerOptions(self_signed=True, max_sessions=1)) as server:
        trust = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
        connection = HTTPSConnection("localhost", server.port, timeout=60, context=trust)
        connection.request("GET", "/health")
        assert connection.getresponse().status == 200
        connection.close()


def test_it_is_kept_and_only_its_owner_reads_the_key(tmp_path: Path) -> None:
    certificate, key = tls.self_signed_certificate("127.0.0.1", tmp_path)
    first = certificate.read_bytes()
    assert key.stat().st_mode & 0o077 == 0
    assert tls.self_signed_certificate("127.0.0.1", tmp_path)[0].read_bytes() == first
    other = tls.self_signed_certificate("192.168.1.7", tmp_path)[0].read_bytes()
    assert other != first
    certificate.write_bytes(b"damaged")
    assert tls.self_signed_certificate("192.168.1.7", tmp_path)[0].read_bytes() != b"damaged"
