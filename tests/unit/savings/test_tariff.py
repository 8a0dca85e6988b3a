"""Money by the hour in which electricity was used, from the site file's tariff to the bill."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.load import load
from config.tariff import Tariff
from schedules.time import instant_of
from schedules.types import DayType
from supervisor.savings.tariff import Bill, bands, bill

TZ = ZoneInfo("Asia/Shanghai")
KWH = 3.6e6
JULY = {
    "months": [7, 8], "sharp": "12:00-14:00", "peak": ["08:00-12:00", "14:00-15:00"], "valley": "22:00-06:00",
}  # fmt: skip
REST = {"peak": "08:00-11:00", "valley": "00:00-06:00"}
PRICES = {"sharp": 1.5, "peak": 1.2, "flat": 0.7, "valley": 0.3}
DAY = date(2026, 7, 15)
SITE = """version: 1
building: hall
timezone: Asia/Shanghai
hours: {office: {workday: 09:00-17:00}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
zones: {room: {hours: office, sensors: {temperature: ddc/analog-input:50}}}
devices: {ddc: {instance: 1001, address: 192.0.2.1}}
"""


def tariff(**more: Any) -> Tariff:
    """Dear at noon in July and August, dear in the morning otherwise."""
    return Tariff.model_validate({"prices": PRICES, "hours": [JULY, REST], **more})


def hour(day: date, at: int, kwh: float = 1.0, hours: int = 1) -> tuple[float, float, float]:
    """A booking of so many kWh from an hour of a day on."""
    start = instant_of(day, at * 60, TZ)
    return start, start + 3600 * hours, kwh * KWH


def costs(*booked: tuple[float, float, float], of: tuple[Tariff, ...] = (), carrier: str = "electricity", kind: DayType = DayType.WORKDAY) -> Bill:  # fmt: skip
    """What bookings cost."""
    return bill(carrier, booked, of or (tariff(),), TZ, lambda _: kind)


def test_a_day_in_july_is_priced_by_its_hours() -> None:
    """One kWh an hour: two sharp, five peak, eight valley over midnight, nine flat."""
    found = costs(*(hour(DAY, at) for at in range(24)))
    assert {name: part.amount for name, part in found.parts.items()} == pytest.approx(
        {"sharp": 2, "peak": 5, "flat": 9, "valley": 8}
    )
    assert found.cny == pytest.approx(2 * 1.5 + 5 * 1.2 + 9 * 0.7 + 8 * 0.3)
    assert (found.split, found.whole) == (0.0, True)
    assert found.mean == pytest.approx(found.cny / 24)


def test_another_month_has_other_hours_and_a_day_adds_up_to_its_minutes() -> None:
    """In March noon is flat; every day's parts cover it without a gap."""
    march = bands(tariff(), "electricity", date(2026, 3, 4), DayType.WORKDAY)
    assert [(b.start // 60, b.period) for b in march] == [
        (0, "valley"),
        (6, "flat"),
        (8, "peak"),
        (11, "flat"),
    ]
    july = bands(tariff(), "electricity", DAY, DayType.WORKDAY)
    for each in (march, july):
        assert sum(b.end - b.start for b in each) == 1440


def test_holidays_may_have_a_valley_of_their_own() -> None:
    """节假日深谷: the first entry that fits a day holds; a make-up workday is a workday."""
    deep = {"days": ["holiday"], "deep_valley": "10:00-14:00", "prices": {"deep_valley": 0.1}}
    of = (tariff(hours=[deep, JULY, REST]),)
    assert costs(hour(DAY, 12), of=of, kind=DayType.HOLIDAY).cny == pytest.approx(0.1)
    for kind in (DayType.WORKDAY, DayType.MAKEUP_WORKDAY, DayType.WEEKEND):
        assert costs(hour(DAY, 12), of=of, kind=kind).cny == pytest.approx(1.5)


def test_what_was_read_once_a_day_is_split_by_time_and_says_so() -> None:
    """24 kWh booked over a day cost the mean of its hours, and all of it is split."""
    whole = costs(hour(DAY, 0, 24, hours=24))
    assert whole.cny == pytest.approx(costs(*(hour(DAY, at) for at in range(24))).cny)
    assert whole.split == pytest.approx(1.0)


def test_prices_change_on_their_day() -> None:
    """Of a booking over midnight each half has its own day's price; before the first tariff nothing has one."""
    old, new = (
        tariff(**{"from": "2026-07-01"}),
        tariff(**{"from": "2026-07-16", "prices": {**PRICES, "valley": 0.5}}),
    )
    found = costs((instant_of(DAY, 23 * 60, TZ), instant_of(DAY, 25 * 60, TZ), 2 * KWH), of=(old, new))
    assert found.cny == pytest.approx(0.3 + 0.5)
    june = costs(hour(date(2026, 6, 30), 12), hour(DAY, 12), of=(old, new))
    assert june.unpriced == pytest.approx(1.0)
    assert june.cny == pytest.approx(1.5)
    assert not june.whole


def test_water_and_gas_have_one_price_each() -> None:
    """By the cubic metre, at whatever hour; heat by the gigajoule; a carrier without a price costs nothing and says so."""
    of = (tariff(water=3.5, heat=90),)
    assert costs(hour(DAY, 3, 10 / KWH, hours=20), of=of, carrier="water").cny == pytest.approx(35)
    assert costs(hour(DAY, 3, 2e9 / KWH), of=of, carrier="heat").cny == pytest.approx(180)
    gas = costs(hour(DAY, 3, 10 / KWH), of=of, carrier="gas")
    assert (gas.cny, gas.whole, gas.mean) == (0.0, False, None)


def test_an_hour_that_a_clock_change_leaves_out_or_repeats_is_priced_once() -> None:
    """Where clocks are set back, the day has 25 hours, and each kWh its price."""
    zone, day = ZoneInfo("Europe/Berlin"), date(2026, 10, 25)
    start, end = instant_of(day, 0, zone), instant_of(day + timedelta(1), 0, zone)
    assert end - start == 25 * 3600
    found = bill("electricity", [(start + 3600 * n, start + 3600 * (n + 1), KWH) for n in range(25)],
                 (tariff(),), zone, lambda _: DayType.WEEKEND)  # fmt: skip
    assert found.amount == pytest.approx(25)
    assert sum(part.amount for part in found.parts.values()) == pytest.approx(25)


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ("tariff: {prices: {peak: 1}, hours: {peak: 08:00-10:00}}", "no price for `flat`", "没有 `flat` 的电价"),
        ("tariff: {prices: {flat: 1}, hours: {peak: 08:00-10:00}}", "no price for `peak`", "没有 `peak` 的电价"),
        ("tariff: {prices: {flat: 1, peak: 2, valley: 1}, hours: [{peak: 20:00-23:00, valley: 22:00-06:00}]}",
         "22:00 is peak already", "22:00 已属于 peak"),
        ("tariff: [{from: 2026-02-01, prices: {flat: 1}}, {from: 2026-01-01, prices: {flat: 1}}]", "order", "顺序"),
        ("tariff: {prices: {flat: -1}}", "least 0", ""),
        ("tariff: {prices: {flat: 1}, hours: {months: [13]}}", "most 12", ""),
    ],
)  # fmt: skip
def test_a_slip_in_a_tariff_is_told_by_check(tmp_path: Path, text: str, en: str, zh: str) -> None:
    """With its line, before a night makes a wrong bill of it."""
    path = tmp_path / "site.yaml"
    path.write_text(SITE + text)
    found = [p for p in load(path).problems if p.is_error]
    assert any(en in p.message and (zh in p.message_zh or not zh) and p.line == 8 for p in found), found


def test_a_sound_tariff_passes_check(tmp_path: Path) -> None:
    """One tariff without a list, and one by the month."""
    path = tmp_path / "site.yaml"
    path.write_text(
        SITE + "tariff: {prices: {flat: 1, valley: 0.3}, hours: {valley: 23:00-07:00}, water: 3.45}"
    )
    loaded = load(path)
    assert loaded.problems == [] or not any(p.is_error for p in loaded.problems)
    assert loaded.site is not None
    assert loaded.site.tariff[0].water == 3.45
