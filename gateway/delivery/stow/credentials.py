"""What we show of ourselves to a DICOMweb server: a bearer token, read anew for each request, and a certificate."""

import os
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dimse.reactions import Reaction
from gateway.delivery.stow.errors import ExchangeFailed, NoToken

MAX_TOKEN_BYTES = 16 * 1024
_TOKEN = re.compile(rb"[A-Za-z0-9._~+/-]+=*")
"""RFC 6750 2.1: nothing that could end a header line."""

TokenSource = Callable[[], str | None]
"""The token for the next request, None where none is set. Raises NoToken."""


def token_source(token_file: Path | None, token_variable: str | None) -> TokenSource:
    """A source of what the file's first line or the environment variable holds at the moment of asking."""
    if token_file is not None:
        return lambda: _checked(_first_line(token_file), "the token file")
    if token_variable is not None:
        return lambda: _checked(os.environ.get(token_variable, "").encode(), f"the variable {token_variable}")
    return lambda: None


def _first_line(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_TOKEN_BYTES).split(b"\n", maxsplit=1)[0]
    except OSError as error:
        raise NoToken(f"the token file cannot be read: {error.strerror or type(error).__name__}") from error


def _checked(value: bytes, what: str) -> str:
    token = value.strip()
    if not _TOKEN.fullmatch(token):
        raise NoToken(f"{what} holds no bearer token")
    return token.decode("ascii")


def authorization(token: TokenSource) -> Mapping[str, str]:
    """The header that shows the token, none where there is none (RFC 6750 2.1). Raises NoToken."""
    value = token()
    return {} if value is None else {"Authorization": f"Bearer {value}"}


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Who is trusted to sign (None: the system's list), and our own certificate where the peer wants one."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def context(self) -> ssl.SSLContext:
        """TLS 1.2 or newer with the peer's certificate and name checked (BCP 195). Raises ExchangeFailed."""
        try:
            context = ssl.create_default_context(cafile=self.ca)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.key, password=_no_password)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            words = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
            raise ExchangeFailed(
                f"the certificates that are set cannot be used: {words}", Reaction.CONFIGURATION
            ) from error
        return context


def _no_password() -> str:
    """A locked key is an error, not a question at a terminal that nobody sits at."""
    return ""
