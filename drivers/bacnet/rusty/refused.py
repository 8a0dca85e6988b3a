"""Why a hub of BACnet/SC is not reached, in words: out of what TLS, the hub and the network say to rusty-bacnet (0.14).

Where it is a certificate, it is said whose: the hub's, which we refuse, or ours, which the hub refuses by a TLS alert
(RFC 8446 §6.2).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rusty_bacnet import ScEvent

DUPLICATE_VMAC: Final = 151
"""BACnetErrorCode node-duplicate-vmac (ASHRAE 135 §21): another node is known by our VMAC."""

_ALERTS: Final = {
    "CertificateExpired": "the hub refuses our certificate: it expired, or does not hold yet by the hub's clock",
    "UnknownCA": "the hub refuses our certificate: it does not know the authority that issued it",
    "UnsupportedCertificate": "the hub refuses our certificate: it is not for client authentication (extended key usage)",
    "CertificateRevoked": "the hub refuses our certificate: it was revoked",
    "BadCertificate": "the hub refuses our certificate: it cannot be read or verified",
    "CertificateUnknown": "the hub refuses our certificate",
    "CertificateRequired": "the hub got no certificate from us",
    "AccessDenied": "the hub refuses our certificate: access denied",
    "ProtocolVersion": "the hub does not speak TLS 1.3",
}
_OF_THE_HUB: Final = (
    ("certificate expired", "the hub's certificate expired"),
    ("certificate not valid yet", "the hub's certificate does not hold yet by this computer's clock"),
    ("UnknownIssuer", "the hub's certificate was not issued by the authority of `ca`"),
    ("extended key usage", "the hub's certificate is not for server authentication (extended key usage)"),
    ("not valid for name", "the hub's certificate is for another name than `hub` says"),
    ("invalid peer certificate", "the hub's certificate cannot be verified"),
)
_NETWORK: Final = (
    ("HTTP error", "at the hub's address is something else than a BACnet/SC hub"),
    ("corrupt message", "at the hub's address is something else than a BACnet/SC hub"),
    ("tls handshake eof", "the hub breaks off the TLS handshake: it may not speak TLS 1.3"),
    ("Connection refused", "nobody listens at the hub's address"),
    ("host-lookup", "the hub's name cannot be looked up"),
    ("timed out", "the hub does not answer"),
    ("unreachable", "there is no way to the hub's network"),
    ("No route to host", "there is no way to the hub's network"),
)
_FILES: Final = (
    ("KeyMismatch", "the private key is not the certificate's"),
    ("No such file", "a certificate's file is not there"),
    ("Permission denied", "a certificate's file may not be read"),
    ("no client certificates", "the certificate's file holds no certificate"),
    ("TLS config", "the certificates' files cannot be used"),
)
_CAUSES: Final = {
    "heartbeat_timeout": "the hub stopped answering",
    "peer_close": "the hub closed the connection",
    "connect_accept_timeout": "the hub does not answer",
    "dial_timeout": "the hub does not answer",
    "upgrade_refused": "at the hub's address is something else than a BACnet/SC hub",
    "websocket": "the connection to the hub broke off",
    "tls": "the hub's certificate cannot be verified",
}


def vmac_taken(said: Exception | ScEvent) -> bool:
    """Whether the hub says that another node is known by our VMAC."""
    if isinstance(said, Exception):
        return f"error_code={DUPLICATE_VMAC} " in str(said)
    return said.cause == "nak" and said.error_code == DUPLICATE_VMAC


def dialling(error: Exception) -> str:
    """Why a dial failed."""
    said = str(error)
    nak = re.search(r"NAK.*error_class=(\d+) error_code=(\d+)", said)
    if vmac_taken(error):
        return "another node is known by our VMAC"
    if nak is not None:
        return f"the hub refuses us: error class {nak[1]} code {nak[2]}"
    alert = re.search(r"fatal alert: (\w+)", said)
    if alert is not None:
        return _ALERTS.get(alert[1], f"the hub refuses the connection: TLS alert {alert[1]}")
    for sign, meaning in (*_OF_THE_HUB, *_FILES, *_NETWORK):
        if sign in said:
            return meaning
    return f"the hub is not reached: {said}"


def ended(event: ScEvent) -> str:
    """Why a connection ended."""
    return _CAUSES.get(event.cause or "", "the connection to the hub broke off")


def failed(event: ScEvent) -> str:
    """Why a further dial failed, as far as the stack's event says it: it has fewer words than an error."""
    if event.cause == "nak":
        return f"the hub refuses us: error class {event.error_class} code {event.error_code}"
    if event.cause == "websocket" and (event.cause_detail or "") in ("tcp-dial", "host-lookup"):
        return "nobody listens at the hub's address"
    if event.cause == "websocket" and event.cause_detail:
        return dialling(ConnectionError(event.cause_detail))
    return _CAUSES.get(event.cause or "", "the hub is not reached")
