"""A certificate that is refused, ours or the hub's: the reason stands in the log, in `doctor` and on the page, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from config.site import Site
from drivers.protocol import Line
from supervisor.cli import on_the_wire
from supervisor.daemon import assemble
from supervisor.daemon.lost import IN_MEMORY
from supervisor.daemon.secured import Secured
from supervisor.daemon.spoken_log import CHINESE
from supervisor.sitefile.sitefile import load_text
from supervisor.store.writer import Store
from supervisor.telling.needs import needs
from tests.certificates import CLIENT, SERVER, Authority, Issued
from tests.contract.secure import Network
from tests.tools.fake_building import fake_building
from tests.unit.cli.test_certificates import SITE

CASES = [
    ("ours expired", "us", {"last": -1.0}, "the hub refuses our certificate: it expired", "集线器拒绝本端证书：已过期"),
    ("ours of another authority", "us", {"other": True}, "it does not know the authority that issued it", "不认可其签发机构"),
    ("ours for another purpose", "us", {"usage": (SERVER,)}, "not for client authentication (extended key usage)", "扩展密钥用法不含客户端认证"),
    ("the hub's expired", "hub", {"last": -1.0}, "the hub's certificate expired", "集线器证书已过期"),
    ("the hub's of another authority", "hub", {"other": True}, "not issued by the authority of `ca`", "集线器证书不是由 `ca` 中的机构签发"),
    ("the hub's for another purpose", "hub", {"usage": (CLIENT,)}, "not for server authentication (extended key usage)", "集线器证书的扩展密钥用法不含服务器认证"),
]  # fmt: skip


def _issued(network: Network, name: str, how: dict[str, Any]) -> Issued:
    how = dict(how)
    authority = Authority(network.folder, "other") if how.pop("other", False) else network.authority
    return authority.issue(name, **how)


def _site(network: Network, files: Issued) -> Site:
    text = SITE.replace("wss://127.0.0.1:9", network.hub.uri).replace("CA\n", f"{network.authority.file}\n")
    text = text.replace("CERTIFICATE", files.certificate).replace("KEY", files.key)
    loaded = load_text(
        text.replace("instance: 1001", "instance: 4711, timeout: 0.3"), str(network.folder / "s")
    )
    assert loaded.site is not None
    return loaded.site


@pytest.mark.parametrize(("whose", "how", "en", "zh"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
async def test_why_a_certificate_is_refused_is_told_wherever_people_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whose: str, how: dict[str, Any], en: str, zh: str
) -> None:
    """The hub refuses ours, or we refuse the hub's."""
    network = Network(tmp_path)
    files = _issued(network, "us", how) if whose == "us" else network.ours
    if whose == "hub":
        network.hub.files = _issued(network, "hubs", how)
    await network.hub.start()
    site, store = _site(network, files), Store(IN_MEMORY, inline=True)
    store.open()
    lines: list[Line] = []

    def made(*args: Any, **more: Any) -> Line:
        lines.append(make_line(*args, **more))
        return lines[-1]

    make_line = assemble.make_line
    monkeypatch.setattr(assemble, "make_line", made)
    monkeypatch.setattr(on_the_wire, "PATIENCE", 0.5)
    with capture_logs() as logged:
        found = await on_the_wire.on_the_wire(site, store, tmp_path)
    store.close()
    await network.hub.stop()

    told = [
        f"{line['event']}: {line['reason']}" for line in logged if line["event"] == "bacnet/sc not connected"
    ]
    assert len(told) == 1, "once, however often it is dialled"
    assert en in told[0]
    assert "bacnet/sc not connected" in CHINESE
    said = {lang: "\n".join(f.line(lang) for f in found) for lang in ("en", "zh")}
    for lang, words in (("en", en), ("zh", zh)):
        hub = {"en": "✗ BACnet/SC hub ", "zh": "✗ BACnet/SC 集线器 "}[lang]
        assert re.search(rf"^{hub}.*{re.escape(words)}", said[lang], re.MULTILINE), said[lang]
    running: Any = SimpleNamespace(site=site, line=lines[0])
    secured = Secured(lambda: running, lambda *_: None)
    [need] = [n for n in needs(fake_building(hub=secured.hub)) if n.key == "hub"]
    assert en in need.cause.en
    assert zh in need.cause.zh
