"""AES as a centre asks for it. It is the centre's demand, and not this program's security: docs/how-to/upload-to-a-centre.md."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher as Aes
from cryptography.hazmat.primitives.ciphers import algorithms, modes

from config.phrase import Phrase
from supervisor.ledger.upload.model import CentreProblem
from supervisor.ledger.upload.profile import CipherMode, CipherSpec, Login, Order, Padding

BLOCK: Final = 16
_FILL: Final = {Padding.ZERO: b"\0", Padding.SPACE: b" "}


class Cipher:
    """Encrypts what goes to a centre, and decrypts what it says."""

    def __init__(self, spec: CipherSpec) -> None:
        self._spec = spec
        self._aes: Any = None
        if spec.mode is not CipherMode.NONE:
            algorithm = algorithms.AES(spec.key_octets)
            mode = modes.ECB() if spec.mode is CipherMode.ECB else modes.CBC(spec.iv_octets)  # noqa: S305 the centre's
            self._aes = Aes(algorithm, mode)

    def encrypted(self, message: bytes, *, data: bool) -> bytes:
        """A message as it is sent; `data`: it tells readings."""
        if self._aes is None or (self._spec.covers == "data" and not data):
            return message
        encryptor = self._aes.encryptor()
        return bytes(encryptor.update(self._filled(message)) + encryptor.finalize())

    def decrypted(self, message: bytes) -> bytes:
        """What a centre said. One who encrypts readings alone says the rest in plain. Raises CentreProblem."""
        if self._aes is None or (
            self._spec.covers == "data" and message.lstrip(b"\xef\xbb\xbf \r\n")[:1] == b"<"
        ):
            return message
        if len(message) % BLOCK:
            raise wrong_key()
        decryptor = self._aes.decryptor()
        found = bytes(decryptor.update(message) + decryptor.finalize())
        if self._spec.padding is not Padding.PKCS7:
            return found.rstrip(b"\0 ")
        fill = found[-1] if found else 0
        if not 1 <= fill <= BLOCK or found[-fill:] != bytes([fill]) * fill:
            raise wrong_key()
        return found[:-fill]

    def _filled(self, message: bytes) -> bytes:
        missing = BLOCK - len(message) % BLOCK
        if self._spec.padding is Padding.PKCS7:
            return message + bytes([missing]) * missing
        return message + _FILL[self._spec.padding] * (missing % BLOCK)


def wrong_key() -> CentreProblem:
    """What it said makes no sense with our key."""
    return CentreProblem(Phrase(
        "what it says cannot be decrypted: are mode, key, iv and padding those of the centre?",
        "无法解密中心的报文：请核对 cipher 的 mode、key、iv、padding",
    ))  # fmt: skip


def digest(login: Login, sequence: str) -> str:
    """The answer to a centre's sequence: MD5 of it and the key that was agreed upon."""
    said = login.key + sequence if login.order is Order.KEY_FIRST else sequence + login.key
    found = hashlib.md5(said.encode("utf-8"), usedforsecurity=False).hexdigest()
    return found.upper() if login.digest == "upper" else found
