"""Whose fault a refusal is: BACnet errors, rejects and aborts as one of our three kinds of error."""

from __future__ import annotations

from typing import Final

from drivers.protocol import DriverError, Misconfigured, Rejected, Retryable, Silent

ERROR_CODES: Final[dict[int, str]] = {
    0: "other",
    2: "configuration in progress",
    3: "device busy",
    9: "invalid data type",
    18: "no space for object",
    19: "no space to add list element",
    20: "no space to write property",
    25: "operational problem",
    27: "read access denied",
    29: "service request denied",
    30: "timeout",
    31: "unknown object",
    32: "unknown property",
    36: "unsupported object type",
    37: "value out of range",
    40: "write access denied",
    42: "invalid array index",
    43: "COV subscription failed",
    44: "not a COV property",
    45: "optional functionality not supported",
    50: "property is not an array",
}
"""The error codes that name a cause for the reader (ASHRAE 135 §18, §21 BACnetErrorCode)."""

WRONG_SITE: Final = frozenset({9, 31, 32, 36, 42, 50})
"""Codes that say that the site file names something that is not there."""

ABSENT: Final = frozenset({31, 32, 36})
"""Codes that say that there is no such object or property at all."""

PASSING: Final = frozenset({0, 2, 3, 25, 30})
"""Codes that say that the device cannot just now."""

COMMUNICATION_CLASS: Final = 7
"""Error class for the way to the device rather than the device (§18.7)."""

REJECT_REASONS: Final = (
    "other",
    "buffer overflow",
    "inconsistent parameters",
    "invalid parameter data type",
    "invalid tag",
    "missing required parameter",
    "parameter out of range",
    "too many arguments",
    "undefined enumeration",
    "unrecognized service",
)
"""BACnetRejectReason by number (§18.8, §21)."""

ABORT_REASONS: Final = (
    "other",
    "buffer overflow",
    "invalid APDU in this state",
    "preempted by higher priority task",
    "segmentation not supported",
    "security error",
    "insufficient security",
    "window size out of range",
    "application exceeded reply time",
    "out of resources",
    "TSM timeout",
    "APDU too long",
)
"""BACnetAbortReason by number (§18.9, §21)."""

UNRECOGNIZED_SERVICE: Final = 9
"""The reject of a device that lacks the service."""

SHRINK_REJECTS: Final = frozenset({1, 7})
"""Rejects that a smaller request may escape: buffer overflow, too many arguments."""

SHRINK_ABORTS: Final = frozenset({1, 4, 9, 11})
"""Aborts that a smaller answer may escape: buffer overflow, segmentation, resources, APDU too long."""

CROWDED_ABORTS: Final = frozenset({3, 9})
"""Aborts of a device that has too much to do just now: preempted, out of resources."""

BUSY: Final = 3
"""The error code that says so: device busy."""

_WRONG_TYPE_REJECTS: Final = frozenset({3, 8})
_SECURITY_ABORTS: Final = frozenset({5, 6})


OTHER: Final = 0
"""Error code, abort reason and reject reason of a device that does not say why."""


def vague_abort(reason: int) -> bool:
    """Whether an abort does not tell its cause: other, or a vendor's own (§18.9)."""
    return reason == OTHER or reason >= len(ABORT_REASONS)


def _name(names: tuple[str, ...], number: int) -> str:
    return names[number] if 0 <= number < len(names) else f"reason {number}"


def _said(error: DriverError) -> DriverError:
    error.answered = True
    return error


def of_error(device: str, error_class: int, code: int) -> DriverError:
    """The error for an Error-PDU or for the error in place of one property (§18)."""
    text = ERROR_CODES.get(code, f"error class {error_class} code {code}")
    if code in WRONG_SITE:
        return _said(Misconfigured(device, text))
    if code in PASSING or error_class == COMMUNICATION_CLASS:
        return _said(Retryable(device, text))
    return _said(Rejected(device, text))


def of_reject(device: str, reason: int) -> DriverError:
    """The error for a Reject-PDU: the device could not read our request (§18.8)."""
    text = f"rejected: {_name(REJECT_REASONS, reason)}"
    if reason in _WRONG_TYPE_REJECTS:
        return _said(Misconfigured(device, text))
    return _said(Rejected(device, text))


def of_abort(device: str, reason: int) -> DriverError:
    """The error for an Abort-PDU: the device gave the transaction up (§18.9)."""
    text = f"aborted: {_name(ABORT_REASONS, reason)}"
    if reason in _SECURITY_ABORTS or reason in SHRINK_ABORTS - {9}:
        return _said(Rejected(device, text))
    return _said(Retryable(device, text))


def of_silence(device: str, seconds: float) -> Silent:
    """The error for a device that did not answer within its deadline."""
    return Silent(device, f"no answer within {seconds:g} s")
