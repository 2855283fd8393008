"""Why a TLS connection did not come about, as a person understands it. No I/O."""

import ssl

_REASONS = {
    "WRONG_VERSION_NUMBER": "the other side does not speak TLS",
    "HTTP_REQUEST": "the other side speaks HTTP",
    "UNSUPPORTED_PROTOCOL": "the other side knows no TLS 1.2 or later",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the other side takes none of our versions of TLS",
    "NO_SHARED_CIPHER": "there is no cipher suite that both sides take",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "the other side takes none of our cipher suites, or wants a certificate of ours",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "the other side shows no certificate, which is required",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "the other side wants a certificate of ours",
    "TLSV1_ALERT_UNKNOWN_CA": "the other side does not know who signed our certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the other side does not take our certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "the other side finds our certificate expired",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the other side does not take our certificate",
    "TLSV1_ALERT_ACCESS_DENIED": "the other side does not let our certificate in",
}


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
        return _REASONS.get(reason, f"TLS failed: {reason.replace('_', ' ').lower()}")
    return f"TLS failed: {error.strerror or type(error).__name__}"
