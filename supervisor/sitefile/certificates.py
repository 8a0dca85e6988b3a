"""The certificates that a site file names: until when they hold, and what a hub or broker would refuse them for.

Looked at before anything is dialled, so that the reason is told in words and days before it is a silence on the wire. The wall
clock counts here, whatever the site clock says: it is the one that TLS goes by.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from config.mqtt import Broker
from config.phrase import Phrase
from config.problems import Path as Place
from config.reasons import reason
from config.site import Site

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

DAY: Final = 86_400.0
SOON: Final = 30 * DAY
"""s before its end at which a certificate is to be renewed: an authority and a maintenance window take weeks. Site choice."""
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_MOST: Final = 1_000_000
"""Octets of a file that is looked at: a chain of certificates has some thousands."""


class Files(NamedTuple):
    """The files of one connection, as whole paths. `use`: which, as metrics and lines name it."""

    use: str
    where: Place
    """The section of the site file that names them."""
    ca: str | None
    certificate: str | None
    key: str | None


class Fault(NamedTuple):
    """What is wrong with one file: the `key` of the section that names it; `bad`, `absent` or `note`; what, and what to do."""

    key: str
    level: str
    what: Phrase
    step: Phrase


class Vetted(NamedTuple):
    """What was found in the files of one connection: when the first of each ends (POSIX s), by key, and what is wrong."""

    files: Files
    ends: dict[str, float]
    faults: list[Fault]


def named(site: Site) -> Iterator[Files]:
    """Every connection of a site that has certificates of ours."""
    if (sc := site.bacnet.sc) is not None:
        yield Files("bacnet-sc", ("bacnet", "sc"), sc.ca, sc.certificate, sc.key)
    brokers: list[tuple[str, Place, Broker]] = [
        (f"mqtt-{d.id}", ("devices", d.id, "mqtt"), d.mqtt)
        for d in site.devices.values()
        if d.mqtt is not None
    ]
    if site.publish is not None:
        brokers.append(("mqtt-publish", ("publish",), site.publish))
    for use, where, broker in brokers:
        if broker.ca is not None or broker.certificate is not None:
            yield Files(use, where, broker.ca, broker.certificate, broker.key)


def vetted(files: Files, now: float) -> Vetted:
    """What the files of one connection hold at `now`, POSIX s."""
    faults: list[Fault] = []
    authorities = _certificates("ca", files.ca, faults)
    chain = _certificates("certificate", files.certificate, faults)
    ends = {}
    for key, certificates in (("ca", authorities), ("certificate", chain)):
        if certificates:
            ends[key] = min(c.not_valid_after_utc.timestamp() for c in certificates)
            faults += _dates(key, certificates, now)
    if chain:
        faults += _purpose(chain[0])
        if authorities:
            faults += _issued(chain, authorities)
    if files.key is not None:
        faults += _key(Path(files.key), chain[0] if chain else None)
    return Vetted(files, ends, faults)


def _certificates(key: str, file: str | None, faults: list[Fault]) -> list[Certificate]:
    from cryptography import x509

    if file is None:
        return []
    try:
        with Path(file).open("rb") as opened:
            return x509.load_pem_x509_certificates(opened.read(_MOST))
    except OSError as error:
        faults.append(_unreadable(key, file, error))
    except ValueError:
        faults.append(
            Fault(
                key, "bad", Phrase(f"{file} holds no certificate", f"{file} 中没有证书"),
                Phrase("a PEM file begins with -----BEGIN CERTIFICATE-----", "PEM 证书文件以 -----BEGIN CERTIFICATE----- 开头"),
            )
        )  # fmt: skip
    return []


def _unreadable(key: str, file: str, error: OSError) -> Fault:
    why = reason(error)
    return Fault(
        key, "absent", Phrase(f"{file} cannot be read: {why.en}", f"{file} 无法读取：{why.zh}"),
        Phrase("its path counts from the site file's folder", "路径相对站点文件所在目录"),
    )  # fmt: skip


_RENEW: Final = Phrase(
    "have the building's certificate authority issue a new one, and put it in the file's place: it is taken up by itself",
    "请证书颁发机构签发新证书并替换该文件，程序会自动采用",
)


def _dates(key: str, certificates: list[Certificate], now: float) -> Iterator[Fault]:
    """The one that ends first, and one that does not hold yet."""
    what = Phrase("authority's certificate", "CA 证书") if key == "ca" else Phrase("certificate", "证书")
    end = due(key, what, min(c.not_valid_after_utc for c in certificates).timestamp(), now)
    if end is not None:
        yield end
    begin = max(c.not_valid_before_utc for c in certificates)
    if begin.timestamp() > now:
        begins, today = f"{begin:%Y-%m-%d %H:%M}", f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M}"
        yield Fault(
            key, "bad",
            Phrase(f"the {what.en} holds only from {begins} UTC on, and this computer's clock says {today}", f"{what.zh}自 {begins}（UTC）起才有效，而本机时钟为 {today}"),
            Phrase("set the clock, or have another one issued", "请校准时钟，或重新签发证书"),
        )  # fmt: skip


def due(key: str, what: Phrase, end: float, now: float) -> Fault | None:
    """What is to be said of a certificate that ends at `end`, POSIX s; None while there is time."""
    left, day = end - now, f"{datetime.fromtimestamp(end, UTC):%Y-%m-%d}"
    if left <= 0:
        return Fault(
            key, "bad", Phrase(f"the {what.en} expired on {day}", f"{what.zh}已于 {day} 过期"), _RENEW
        )
    return Fault(key, "note", ends_soon(what, day, left), _RENEW) if left < SOON else None


def ends_soon(what: Phrase, day: str, left: float) -> Phrase:
    """That a certificate ends in `left` seconds."""
    days = int(left // DAY)
    return Phrase(
        f"the {what.en} ends on {day}, {days} day{'' if days == 1 else 's'} left",
        f"{what.zh}将于 {day} 到期，剩余 {days} 天",
    )


def _purpose(leaf: Certificate) -> Iterator[Fault]:
    """A hub takes only certificates for client authentication (RFC 5280 §4.2.1.12), unless they name no purpose at all."""
    from cryptography.x509 import ExtendedKeyUsage, ExtensionNotFound
    from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

    try:
        usage = leaf.extensions.get_extension_for_class(ExtendedKeyUsage).value
    except (ExtensionNotFound, ValueError):
        return
    if not {Usage.CLIENT_AUTH, Usage.ANY_EXTENDED_KEY_USAGE} & set(usage):
        yield Fault(
            "certificate", "bad",
            Phrase("the certificate is not for client authentication (extended key usage)", "证书的扩展密钥用法不含客户端认证"),
            Phrase(
                "have one issued for both clientAuth and serverAuth, as BACnet/SC nodes have",
                "请签发同时含 clientAuth 与 serverAuth 的证书（BACnet/SC 节点惯例）",
            ),
        )  # fmt: skip


def _issued(chain: list[Certificate], authorities: list[Certificate]) -> Iterator[Fault]:
    """Whether the leaf leads to an authority, by the certificates that stand with it."""
    at, left = chain[0], chain[1:]
    while not any(_signed(at, each) for each in authorities):
        next_ = next((each for each in left if _signed(at, each)), None)
        if next_ is None:
            issuer = chain[0].issuer.rfc4514_string()
            yield Fault(
                "certificate", "bad",
                Phrase(f"the certificate was not issued by the authority of `ca` (its issuer: {issuer})", f"证书不是由 `ca` 中的机构签发（签发者：{issuer}）"),
                Phrase("name the authority that issued it, or have one issued by this authority", "请写签发该证书的机构，或由此机构重新签发"),
            )  # fmt: skip
            return
        left.remove(next_)
        at = next_


def _signed(certificate: Certificate, issuer: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _key(file: Path, leaf: Certificate | None) -> Iterator[Fault]:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    try:
        with file.open("rb") as opened:
            mode, text = stat.S_IMODE(file.stat().st_mode), opened.read(_MOST)
    except OSError as error:
        yield _unreadable("key", str(file), error)
        return
    if mode & _OTHERS:
        yield Fault(
            "key", "note",
            Phrase(f"others on this computer may read the private key (mode {mode:03o})", f"本机其他用户可读取私钥（权限 {mode:03o}）"),
            Phrase(f"chmod 600 {file}", f"chmod 600 {file}"),
        )  # fmt: skip
    try:
        key = load_pem_private_key(text, None)
    except TypeError:
        yield Fault(
            "key", "bad", Phrase("the private key is encrypted", "私钥已加密"),
            Phrase("a daemon has nobody to type its password: openssl pkey -in KEY -out NEW, and chmod 600 NEW", "守护进程无人输入口令：openssl pkey -in 私钥 -out 新文件，并 chmod 600 新文件"),
        )  # fmt: skip
        return
    except ValueError:
        yield Fault(
            "key", "bad", Phrase(f"{file} holds no private key", f"{file} 中没有私钥"),
            Phrase("a PEM file begins with -----BEGIN PRIVATE KEY-----", "PEM 私钥文件以 -----BEGIN PRIVATE KEY----- 开头"),
        )  # fmt: skip
        return
    if leaf is None:
        return
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != leaf.public_key().public_bytes(*form):
        yield Fault(
            "key", "bad", Phrase("the private key is not the certificate's", "私钥与证书不匹配"),
            Phrase("name the key that the certificate was requested with", "请写申请该证书时的私钥"),
        )  # fmt: skip
