"""Certificates for tests: an authority of its own for each test, identities and authorities as PEM files."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from dimse.tls import Identity
from tests.peers import LOOPBACK


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs certificates, which are put into a folder."""

    folder: Path
    name: str
    signs: trustme.CA

    @classmethod
    def made(cls, folder: Path, name: str = "ca") -> "Authority":
        return cls(folder, name, trustme.CA())

    @property
    def file(self) -> Path:
        """Its own certificate."""
        path = self.folder / f"{self.name}.pem"
        self.signs.cert_pem.write_to_path(str(path))
        return path

    def identity(self, name: str, *hosts: str, expired: bool = False) -> Identity:
        """A certificate of these hosts, of loopback without any."""
        ends = datetime.now(UTC) - timedelta(days=1) if expired else None
        issued = self.signs.issue_cert(*(hosts or (LOOPBACK, "localhost")), not_after=ends)
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        issued.cert_chain_pems[0].write_to_path(str(certificate))
        issued.private_key_pem.write_to_path(str(key))
        return Identity(certificate, key)
