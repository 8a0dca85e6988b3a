"""The gateway's own key, by which it signs what others are to believe: Ed25519, in a file that its owner alone can read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY: Final = "audit-key.pem"
"""The file of the state folder. Its public half is printed by `ledger verify`, for whoever checks from elsewhere."""


class Signer:
    """Signs with one key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw().hex()
        """The public key, 64 hex digits."""

    def sign(self, body: bytes) -> str:
        """The signature, 128 hex digits."""
        return self._key.sign(body).hex()


def signer_of(folder: Path, *, make: bool = False) -> Signer | None:
    """The signer of a state folder; None where there is no key yet, unless one is to be made.

    Raises OSError where the file cannot be read, or is no key.
    """
    file = folder / KEY
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return Signer(_made(file)) if make else None
    # only for this, nine megabytes: a gateway without a checkpoint does without
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(content, None)
    except (ValueError, TypeError) as error:
        raise OSError(f"{file} holds no private key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise OSError(f"{file} holds a key of another kind than Ed25519")
    return Signer(key)


def _made(file: Path) -> Ed25519PrivateKey:
    """A new key, durable before anything is signed with it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Ed25519PrivateKey.generate()
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:  # noqa: PTH123 # private from its first byte on
        out.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
    return key


def signed_by(public: str, signature: str, body: bytes) -> bool:
    """Whether a body was signed by the owner of a public key; both in hex."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), body)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
