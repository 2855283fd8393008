"""Where a DICOMweb server is: an address taken apart once, and what a request says of it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked address: `path` is empty or begins with a slash and ends without one."""

    host: str
    port: int
    path: str
    encrypted: bool

    @classmethod
    def of(cls, url: str) -> "Endpoint":
        """Take apart an address that the settings have checked (http or https, no user, no query)."""
        parts = urlsplit(url)
        assert parts.hostname is not None
        return cls(parts.hostname, parts.port or _PORTS[parts.scheme], parts.path.rstrip("/"), parts.scheme == "https")

    @property
    def host_header(self) -> str:
        """The value of the header Host (RFC 9110 7.2): the port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self._scheme] else f"{host}:{self.port}"

    @property
    def _scheme(self) -> str:
        return "https" if self.encrypted else "http"

    def __str__(self) -> str:
        return f"{self._scheme}://{self.host_header}{self.path}"
