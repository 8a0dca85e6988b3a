"""What is wrong with a connection's certificates is told before anybody dials: by `check` at its line, by `doctor`, on the page."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from supervisor.cli.doctor import certificates
from supervisor.cli.main import app
from supervisor.sitefile.certificates import DAY, named, vetted
from supervisor.sitefile.sitefile import load_text
from tests.certificates import CLIENT, SERVER, Authority, Issued

SITE = """
version: 1
building: b
timezone: Asia/Shanghai
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
hours: {office: {workday: 09:00-17:00}}
points: {outdoor_temperature: ddc/analog-input:2}
devices: {ddc: {instance: 1001}}
zones: {room: {hours: office, sensors: {temperature: ddc/analog-input:1}}}
bacnet:
  stack: rusty
  sc:
    hub: wss://127.0.0.1:9
    ca: CA
    certificate: CERTIFICATE
    key: KEY
"""


def written(folder: Path, ca: str, files: Issued) -> Path:
    """A site file that names these."""
    path = folder / "site.yaml"
    text = SITE.replace("CA\n", f"{ca}\n").replace("CERTIFICATE", files.certificate).replace("KEY", files.key)
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path, now: float | None = None) -> list[tuple[str, str, str]]:
    """File, how grave, and what."""
    site = load_text(path.read_text("utf-8"), str(path)).site
    assert site is not None
    return [
        (f.key, f.level, f.what.en) for files in named(site) for f in vetted(files, now or time.time()).faults
    ]


def test_sound_certificates_are_told_with_their_day(tmp_path: Path) -> None:
    """Nothing is wrong, and `doctor` says until when."""
    authority = Authority(tmp_path)
    path = written(tmp_path, authority.file, authority.issue("us"))
    assert faults(path) == []
    site = load_text(path.read_text("utf-8"), str(path)).site
    assert site is not None
    lines = [finding.line("zh") for finding in certificates(site)]
    assert len(lines) == 1
    assert lines[0].startswith("✓ 证书 bacnet-sc：有效期至 ")


def test_each_fault_of_a_certificate_has_its_words(tmp_path: Path) -> None:
    """Expired, too early, of another authority, for another purpose, with another's key; each alone, each grave."""
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    good = authority.issue("good")
    cases = (
        (authority.issue("expired", last=-2), "the certificate expired on "),
        (authority.issue("early", first=2), "the certificate holds only from "),
        (other.issue("foreign"), "the certificate was not issued by the authority of `ca` (its issuer: CN=authority other)"),
        (authority.issue("hubs", usage=(SERVER,)), "the certificate is not for client authentication"),
        (Issued(authority.issue("us").certificate, good.key), "the private key is not the certificate's"),
        (Issued(good.key, good.key), f"{good.key} holds no certificate"),
        (Issued(good.certificate, good.certificate), f"{good.certificate} holds no private key"),
    )  # fmt: skip
    for files, said in cases:
        Path(files.key).chmod(0o600)
        found = faults(written(tmp_path, authority.file, files))
        assert [(level, what.startswith(said)) for _, level, what in found] == [("bad", True)], (said, found)
    for usage in ((CLIENT,), None):
        assert faults(written(tmp_path, authority.file, authority.issue("fine", usage=usage))) == []


def test_thirty_days_before_its_end_a_certificate_is_told(tmp_path: Path) -> None:
    """29 days left are told, 31 are not; the authority's counts, too."""
    authority = Authority(tmp_path)
    path = written(tmp_path, authority.file, authority.issue("us", last=60))
    now = time.time()
    assert faults(path, now + 29 * DAY) == []
    [(key, level, what)] = faults(path, now + 31 * DAY)
    assert (key, level) == ("certificate", "note")
    assert what.endswith(("28 days left", "29 days left"))
    short = Authority(tmp_path, "short", days=20)
    found = faults(written(tmp_path, short.file, short.issue("long", last=15)))
    assert [key for key, _, _ in found] == ["ca", "certificate"]


def test_a_private_key_that_others_can_read_is_told(tmp_path: Path) -> None:
    """It works, so it is no error; what to do stands there."""
    authority = Authority(tmp_path)
    files = authority.issue("us")
    Path(files.key).chmod(0o644)
    path = written(tmp_path, authority.file, files)
    [(key, level, what)] = faults(path)
    assert (key, level, what) == (
        "key",
        "note",
        "others on this computer may read the private key (mode 644)",
    )
    checked = CliRunner().invoke(app, ["--lang", "zh", "check", str(path)])
    assert checked.exit_code == 0
    assert "本机其他用户可读取私钥（权限 644）" in checked.output
    assert f"chmod 600 {files.key}" in checked.output.replace("\n", "")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_check_says_at_which_line_a_certificate_is_named(tmp_path: Path, lang: str) -> None:
    """An expired one is an error of its line; one that is not here is doubted only, for it may be on the gateway alone."""
    authority = Authority(tmp_path)
    path = written(tmp_path, authority.file, authority.issue("us", last=-2))
    checked = CliRunner().invoke(app, ["--lang", lang, "check", str(path)])
    assert checked.exit_code == 1
    line = path.read_text("utf-8").splitlines().index(f"    certificate: {tmp_path / 'us.pem'}") + 1
    assert f":{line}:" in checked.output
    assert {"en": "the certificate expired on", "zh": "证书已于"}[lang] in checked.output
    (tmp_path / "us.pem").unlink()
    assert CliRunner().invoke(app, ["--lang", lang, "check", str(path)]).exit_code == 0
