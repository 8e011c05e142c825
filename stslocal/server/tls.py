"""A certificate that this machine signs for itself, because browsers give the microphone to https
only. It is kept, so that a browser asks once whether it is trusted.
"""

from __future__ import annotations

import ipaddress
import platform
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from stslocal.errors import SettingsError
from stslocal.storage import server_folder, whole_file

if TYPE_CHECKING:
    from cryptography import x509

_DAYS = 365
_LEFT = timedelta(days=7)
"""A certificate that ends sooner is replaced."""


def self_signed_certificate(host: str, folder: Path | None = None) -> tuple[Path, Path]:
    """The certificate and the key for a host, in PEM; made at the first call, and when it ends.

    Raises SettingsError where the package is missing, OutputError where it cannot be written.
    """
    try:
        from cryptography import x509
    except ImportError:
        raise SettingsError(
            "--self-signed needs the package cryptography, which this machine has not: give "
            "`--certificate` and `--key`"
        ) from None
    folder = folder or server_folder()
    names = sorted({"localhost", "127.0.0.1", "::1", platform.node() or "localhost", host})
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if certificate.is_file() and key.is_file():
        try:
            found = x509.load_pem_x509_certificate(certificate.read_bytes())
            kept = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
            enough = found.not_valid_after_utc - datetime.now(timezone.utc) > _LEFT
            if enough and sorted(str(name.value) for name in kept.value) == names:
                return certificate, key
        except ValueError:
            pass  # damaged: made anew
    folder.mkdir(parents=True, exist_ok=True)
    made, secret = _made(names)
    with whole_file(key) as file:
        file.write(secret)
    key.chmod(0o600)
    with whole_file(certificate) as file:
        file.write(made)
    return certificate, key


def _made(names: list[str]) -> tuple[bytes, bytes]:
    """A new certificate for these names and addresses, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stslocal")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName([_general(each) for each in names]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .sign(secret, hashes.SHA256())
    )
    key = secret.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM), key


def _general(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
