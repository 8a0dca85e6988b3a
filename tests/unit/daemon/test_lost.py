"""The night in which the store is lost: the command and the daemon, on files that are really spoilt."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from config.phrase import Phrase
from config.site import Site
from supervisor.clockwork.clock import SiteClock
from supervisor.daemon import lost
from supervisor.daemon.lost import open_anew, release_without_journal, strangers, tell_strangers
from supervisor.gateway import Gateway, Why
from supervisor.store import Store, queries, schema
from tests.fakes import FakeDriver
from tests.unit.gateway.gateway_world import make_devices, make_site

AC, SETPOINT = "o1/ac/start_stop", "o1/ac/cooling_setpoint"
JUNK = b"not a database at all\n" * 400


def _building() -> tuple[Site, FakeDriver]:
    """A building in which our priority holds a fan coil and its setpoint."""
    site = make_site(zones=1)
    driver = FakeDriver(make_devices(site))
    objects = driver.devices["d1"].objects
    objects["binary-value", 101].slots[10] = 0
    objects["analog-value", 102].slots[10] = 26.0
    return site, driver


def _slots(driver: FakeDriver) -> Mapping[tuple[str, int], dict[int, float | int]]:
    return {key: thing.slots for key, thing in driver.devices["d1"].objects.items() if thing.slots}


def _spoilt(folder: Path) -> Path:
    file = folder / "supervisor.sqlite3"
    file.write_bytes(JUNK)
    return file


def test_looking_leaves_the_damaged_file_and_the_building_as_they_are(tmp_path: Path) -> None:
    """Without --yes: a list, and why there is no journal to go by."""
    site, driver = _building()
    file, said = _spoilt(tmp_path), list[Phrase]()
    found = asyncio.run(
        release_without_journal(site, tmp_path, driver.line, "x", yes=False, aloud=said.append)
    )
    assert {f.point for f in found.search.found} == {AC, SETPOINT}
    assert found.done is None
    assert file.read_bytes() == JUNK
    assert len(_slots(driver)) == 2
    assert "no journal to go by" in said[0].en
    assert "没有可用的日志" in said[0].zh


def test_with_yes_the_old_file_is_kept_and_the_new_store_has_the_audit(tmp_path: Path) -> None:
    """The slots are empty, and somebody can read later what was let go of and by whom."""
    site, driver = _building()
    file, said = _spoilt(tmp_path), list[Phrase]()
    found = asyncio.run(
        release_without_journal(site, tmp_path, driver.line, "李工", yes=True, aloud=said.append)
    )
    assert found.done is not None
    assert (set(found.done.released), found.done.left) == ({AC, SETPOINT}, ())
    assert _slots(driver) == {}
    (kept,) = tmp_path.glob("supervisor.sqlite3.kept-*")
    assert kept.read_bytes() == JUNK
    assert str(kept) in said[0].zh
    store = Store(str(file), inline=True)
    store.open()
    audit = store.read_now(queries.audit)
    store.close()
    assert {(row["point"], row["result"]) for row in audit} == {(AC, "ok"), (SETPOINT, "ok")}
    assert all("李工" in row["reason_zh"] for row in audit)


def test_a_disk_that_takes_nothing_does_not_keep_the_building_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the old file can be moved nor a new one made: let go of all the same, and said."""
    site, driver = _building()
    _spoilt(tmp_path)

    def stuck(_file: Path) -> Path:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(lost, "set_aside", stuck)
    said: list[Phrase] = []
    found = asyncio.run(
        release_without_journal(site, tmp_path, driver.line, "x", yes=True, aloud=said.append)
    )
    assert found.done is not None
    assert found.done.left == ()
    assert _slots(driver) == {}
    assert "no record is kept" in said[0].en


def test_a_device_that_was_exchanged_is_named_and_not_written(tmp_path: Path) -> None:
    """The store knows the device that was there; another vendor's answers now."""
    site, driver = _building()
    store = Store(str(tmp_path / "supervisor.sqlite3"), inline=True)
    store.open()
    store.put_kv("device/1001", {"vendor": 7, "model": "fake", "names": {}})
    store.close()
    found = asyncio.run(release_without_journal(site, tmp_path, driver.line, "x", yes=True))
    assert found.done is not None
    assert {p.why for p in found.done.left} == {Why.QUARANTINED}
    assert found.done.failed == ()
    assert len(_slots(driver)) == 2


def test_a_sound_store_stays_in_use(tmp_path: Path) -> None:
    """`--new-store` that was forgotten in a service file must not cost a journal at each start."""
    site, _ = _building()
    said: list[Phrase] = []
    open_anew(site, tmp_path, said.append).close()
    assert said == [], "there was none yet"
    open_anew(site, tmp_path, said.append).close()
    assert "sound" in said[0].en
    assert list(tmp_path.glob("*kept*")) == []


@pytest.mark.parametrize("spoil", ["junk", "folder"])
def test_a_new_store_says_where_the_old_one_is(tmp_path: Path, spoil: str) -> None:
    """On the terminal, and in the new store for whoever comes in the morning."""
    site, _ = _building()
    if spoil == "junk":
        _spoilt(tmp_path)
    else:
        (tmp_path / "supervisor.sqlite3").mkdir()
    said: list[Phrase] = []
    store = open_anew(site, tmp_path, said.append)
    try:
        asyncio.run(store.flush())
        (notice,) = store.read_now(lambda c: list(c.execute(schema.notices.select())))
    finally:
        store.close()
    (kept,) = tmp_path.glob("supervisor.sqlite3.kept-*")
    assert str(kept) in said[0].zh
    assert "已新建数据库" in said[0].zh
    assert str(kept) in notice.en


def test_a_start_names_the_slots_that_its_store_does_not_know(tmp_path: Path) -> None:
    """Deleted, or an older copy: the daemon leaves them alone, and says how they are let go of."""
    site, driver = _building()

    async def story() -> list[tuple[str, str, str, str]]:
        store = Store("sqlite://", inline=True)
        store.open()
        gateway = Gateway(site, driver, store, SiteClock())
        await gateway.adopt()
        told: list[tuple[str, str, str, str]] = []
        tell_strangers(strangers(gateway), lambda *words: told.append(words))
        await gateway.stop()
        return told

    ((topic, kind, en, zh),) = asyncio.run(story())
    assert (topic, kind) == ("store", "alert")
    assert "2 slots at our priority are in no journal and left alone" in en
    assert "if another system writes at this priority" in en
    assert f"{SETPOINT} = 26.0" in en
    assert "release SITE.yaml --offline --lost-journal" in en
    assert "2 处占用不在日志中" in zh
    assert len(_slots(driver)) == 2


def test_a_start_whose_store_knows_everything_says_nothing() -> None:
    """No slot at our priority: nothing to tell."""
    told: list[tuple[str, str, str, str]] = []
    tell_strangers({}, lambda *words: told.append(words))
    assert told == []
