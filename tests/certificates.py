"""Certificate authorities of a test's own, and what they issue."""

from __future__ import annotations

import datetime as dt
import ipaddress
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOST: Final = "127.0.0.1"
CLIENT, SERVER, CODE = (
    ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CODE_SIGNING
)  # fmt: skip
BOTH: Final = (CLIENT, SERVER)


class Issued(NamedTuple):
    """The files of a certificate and its private key."""

    certificate: str
    key: str


class Authority:
    """An authority with its certificate in `<name>.pem` of a folder; `days` from now on it holds."""

    def __init__(self, folder: Path, name: str = "ca", days: float = 365) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"authority {name}")])
        made = self._builder(self._name, self._key, -400, days)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.file = str(folder / f"{name}.pem")
        Path(self.file).write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, first: float, last: float
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + dt.timedelta(days=first))
            .not_valid_after(now + dt.timedelta(days=last))
        )

    def issue(
        self,
        name: str,
        *,
        usage: tuple[x509.ObjectIdentifier, ...] | None = BOTH,
        first: float = -30,
        last: float = 365,
    ) -> Issued:
        """A certificate for 127.0.0.1 in `<name>.pem` and its key in `<name>.key`, held from day `first` to day `last` from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._builder(subject, key, first, last)
        made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        where = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))])
        made = made.add_extension(where, critical=False)
        if usage is not None:
            made = made.add_extension(x509.ExtendedKeyUsage(usage), critical=False)
        issued = Issued(str(self._folder / f"{name}.pem"), str(self._folder / f"{name}.key"))
        Path(issued.certificate).write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))
        private = Path(issued.key)
        private.touch(0o600)
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return issued
