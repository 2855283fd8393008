"""Why a TLS connection did not come about, as a person understands it. No I/O."""

import ssl
from enum import StrEnum


class TlsFault(StrEnum):
    """What kind of thing is wrong, for whoever knows what to change; as the side that dialled sees it."""

    NO_TLS = "no_tls"
    """The other side speaks something else, or breaks off and may."""
    NOT_BELIEVED = "not_believed"
    """Whoever signed its certificate is not among those we believe."""
    OTHER_NAME = "other_name"
    """Its certificate is for another host."""
    OUT_OF_DATE = "out_of_date"
    """Its certificate has expired, or does not hold yet."""
    WEAK = "weak"
    """A key or a signature in its chain is weaker than we take."""
    WANTS_OURS = "wants_ours"
    """It wants a certificate of ours, and we show none."""
    REFUSES_OURS = "refuses_ours"
    """It does not take the certificate that we show."""
    NOTHING_SHARED = "nothing_shared"
    """There is no version or cipher suite that both take."""
    OTHER = "other"


_REASONS = {
    "WRONG_VERSION_NUMBER": (TlsFault.NO_TLS, "the other side does not speak TLS"),
    "HTTP_REQUEST": (TlsFault.NO_TLS, "the other side speaks HTTP"),
    "UNSUPPORTED_PROTOCOL": (TlsFault.NOTHING_SHARED, "the other side knows no TLS 1.2 or later"),
    "TLSV1_ALERT_PROTOCOL_VERSION": (TlsFault.NOTHING_SHARED, "the other side takes none of our versions of TLS"),
    "NO_SHARED_CIPHER": (TlsFault.NOTHING_SHARED, "there is no cipher suite that both sides take"),
    "SSLV3_ALERT_HANDSHAKE_FAILURE": (
        TlsFault.NOTHING_SHARED,
        "the other side takes none of our cipher suites, or wants a certificate of ours",
    ),
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": (
        TlsFault.WANTS_OURS,
        "the other side shows no certificate, which is required",
    ),
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": (TlsFault.WANTS_OURS, "the other side wants a certificate of ours"),
    "TLSV1_ALERT_UNKNOWN_CA": (TlsFault.REFUSES_OURS, "the other side does not know who signed our certificate"),
    "SSLV3_ALERT_BAD_CERTIFICATE": (TlsFault.REFUSES_OURS, "the other side does not take our certificate"),
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": (TlsFault.REFUSES_OURS, "the other side finds our certificate expired"),
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": (TlsFault.REFUSES_OURS, "the other side does not take our certificate"),
    "TLSV1_ALERT_ACCESS_DENIED": (TlsFault.REFUSES_OURS, "the other side does not let our certificate in"),
}
_VERIFICATION = {
    9: TlsFault.OUT_OF_DATE,
    10: TlsFault.OUT_OF_DATE,
    62: TlsFault.OTHER_NAME,
    64: TlsFault.OTHER_NAME,
    66: TlsFault.WEAK,
    67: TlsFault.WEAK,
    68: TlsFault.WEAK,
}
"""OpenSSL's numbers (X509_V_ERR_*) of what is no question of whom we believe."""


def tls_fault(error: OSError) -> TlsFault:
    """What kind of thing went wrong in a handshake, or ended a connection."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _VERIFICATION.get(error.verify_code, TlsFault.NOT_BELIEVED)
    if isinstance(error, TimeoutError | ssl.SSLEOFError | ConnectionError):
        return TlsFault.NO_TLS
    if isinstance(error, ssl.SSLError) and error.reason in _REASONS:
        return _REASONS[error.reason][0]
    return TlsFault.OTHER


def explain_tls(error: OSError) -> str:
    """What went wrong in a handshake, or ended a connection, in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the other side's certificate is not taken: {error.verify_message.rstrip('.')}"
    if isinstance(error, TimeoutError):
        return "the other side did not end the TLS handshake in time"
    if isinstance(error, ssl.SSLEOFError | ConnectionError):
        return "the other side broke off the TLS handshake: perhaps it does not speak TLS"
    if isinstance(error, ssl.SSLError):
        reason = error.reason or "no reason given"
        return _REASONS[reason][1] if reason in _REASONS else f"TLS failed: {reason.replace('_', ' ').lower()}"
    return f"TLS failed: {error.strerror or type(error).__name__}"
