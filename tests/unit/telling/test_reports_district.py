"""A district: three buildings keep what they read in one PostgreSQL, and are ranked by what they saved."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa
from typer.testing import CliRunner

from config.load import load
from schedules.time import instant_of
from supervisor.cli.main import app
from supervisor.store import Store, readings
from supervisor.store.gateways import address
from supervisor.store.readings import Batch, Posting
from tests.postgres import Server

KWH = 3.6e6
TEXT = """version: 1
building: {id}
name: {name}
timezone: Asia/Shanghai
area_m2: {area}
people: 100
database: {url}
hours: {{office: {{workday: "08:30-17:30"}}}}
season: {{method: dates, dates: {{spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}}}
devices: {{ddc: {{address: 127.0.0.9, instance: 9}}}}
zones: {{r: {{kind: office, hours: office, sensors: {{temperature: ddc/analog-input:1}}}}}}
meters:
  main: {{subitem: total, unit: kWh, name: 总表}}
"""
BUILDINGS = {
    "tax": ("税务局", 1000, 0.90),
    "court": ("法院", 2000, 0.97),
    "library": ("图书馆", 3000, 0.80),
    "school": ("学校", 1500, 0.96),
}
"""Name, m², and this year's use as a share of last year's. The library's meter was read on half of the days, the school's not on one."""


async def keep(url: str, folder: Path, id_: str) -> Path:
    """A building's two Marches, and the site file that its gateway took up."""
    name, area, share = BUILDINGS[id_]
    path = folder / f"{id_}.yaml"
    path.write_text(TEXT.format(id=id_, name=name, area=area, url=url), encoding="utf-8")
    site = load(path).site
    assert site is not None
    store = Store(address(url, id_), inline=True)
    store.open()
    booked = []
    for year, factor in ((2024, 1.0), (2025, share)):
        for n in range(31):
            day = date(year, 3, 1) + timedelta(n)
            if id_ == "library" and year == 2025 and n % 2:
                continue
            if id_ == "school" and year == 2025 and n == 10:
                continue
            start, end = (instant_of(d, 0, site.tz) for d in (day, day + timedelta(1)))
            booked.append((start, end, 1000 * factor * KWH, False, ""))
    await store.change(
        lambda c: readings.keep(c, Batch(postings=(Posting("main", (), tuple(booked), (), None),)))
    )
    store.put_config("c0ffee", site.text, time.time())
    await store.flush()
    store.close()
    return path


async def test_a_district_is_ranked_from_one_postgresql(postgres: Server, tmp_path: Path) -> None:
    """Who saved most comes first, who lacks readings is not judged, who has no site file yet is told; figures are plain SQL's."""
    url = postgres.empty()
    paths = [await keep(url, tmp_path, id_) for id_ in BUILDINGS]
    stranger = Store(address(url, "stranger"), inline=True)
    stranger.open()
    stranger.close()
    done = CliRunner().invoke(
        app, ["report", str(paths[0]), "--all", "--month", "2025-03", "-o", str(tmp_path / "out")]
    )
    assert done.exit_code == 0, done.output
    html = (tmp_path / "out/district-2025-03-zh.html").read_text(encoding="utf-8")
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr[^>]*>(.*?)</tr>", html)]
    told = [[re.sub(r"<[^>]+>", "", cell) for cell in row] for row in rows if len(row) == 12]
    assert [(row[0], row[1], row[-1]) for row in told] == [
        ("1", "税务局", "达标"), ("2", "法院", "未达标"), ("–", "图书馆", "无法判定"), ("–", "学校", "无法判定"),
    ]  # fmt: skip
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        kwh = connection.execute(sa.text(
            f"SELECT sum(amount) FROM gw_tax.bookings WHERE start >= {instant_of(date(2025, 3, 1), 0, load(paths[0]).site.tz)}"  # type: ignore[union-attr]
        )).scalar()  # fmt: skip
    engine.dispose()
    assert told[0][4] == f"{float(kwh or 0) / KWH:,.2f}" and told[0][8] == "+10.0 %"
    assert all(cell.endswith("!") for cell in told[2][4:10])
    assert told[3][8] == f"+{100 * (1 - 0.96 * 30 / 31):.1f} %" and told[3][-2] == "96.8 %"  # 4 % and a day
    assert "学校：能耗下降 7.1 %，但本期缺读数，3.2 % 的用量无记录" in html
    assert "gw_stranger：网关尚未载入站点文件" in html
    assert 'href="#rows/gw_tax"' in html and 'id="rows/gw_tax"' in html
    assert (tmp_path / "out/district-2025-03-zh.xlsx").stat().st_size > 5000


def test_a_district_whose_server_is_away_is_told_in_a_sentence(tmp_path: Path) -> None:
    """Exit 1, and no file."""
    path = tmp_path / "tax.yaml"
    url = "postgresql://owner@127.0.0.1:1/nowhere"
    path.write_text(TEXT.format(id="tax", name="税务局", area=1000, url=url), encoding="utf-8")
    done = CliRunner().invoke(
        app, ["report", str(path), "--all", "--month", "2025-03", "-o", str(tmp_path / "out")]
    )
    assert done.exit_code == 1 and "error:" in done.output
    assert not (tmp_path / "out").exists()
