"""Energy and savings on the page: never a figure without its interval, never nought for what is not known."""

from __future__ import annotations

import pytest

from config.phrase import Phrase
from supervisor.telling.energy import saving_lines, target_lines
from supervisor.telling.snapshot import SavingStatus, YearStatus
from tests.tools.fake_building import fake_building
from tests.unit.telling.web.test_app import body, text_of

KWH = 3.6e6
SAVED = {
    "baseline": SavingStatus(52_000 * KWH, 5_200 * KWH, 3_900 * KWH, 6_500 * KWH),
    "trial": SavingStatus(9_000 * KWH, -120 * KWH, -900 * KWH, 660 * KWH),
    "model": SavingStatus(51_000 * KWH, 4_700 * KWH, 4_000 * KWH, 5_400 * KWH),
}


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "against the baseline 5,200 3,900 … 6,500 +10.0 %"), ("zh", "与基准年相比 5,200 3,900 … 6,500 +10.0 %")],
)  # fmt: skip
async def test_each_saving_has_its_interval(lang: str, said: str) -> None:
    """By method, in kWh; one that may be none says so."""
    words = text_of(await body(f"/?lang={lang}", savings=SAVED))
    assert said in words
    assert "−120 −900 … 660" in words
    assert words.count({"en": "not told apart from none", "zh": "与零无法区分"}[lang]) == 1


async def test_why_there_is_no_saving_is_said() -> None:
    """The reason that the reckoning gave; and where nothing was asked for, that."""
    why = Phrase("the baseline has 200 days, of 330", "基准年仅 200 天，需 330 天")
    words = text_of(await body("/?lang=en", savings_refused=why))
    assert "No saving against the baseline: the baseline has 200 days, of 330" in words
    assert "基准年仅 200 天" in await body("/?lang=zh", savings_refused=why)
    assert "the site file names no baseline" in await body("/?lang=en")


def test_a_target_tells_whether_it_will_be_met_and_what_is_not_known_is_not_nought() -> None:
    """Five per cent a year, per area and per head."""
    year = {"area": YearStatus(0.05, 0.041, 0.053), "head": YearStatus(0.05, None, None)}
    area, head = target_lines(fake_building(targets=year), "en")
    assert (area.reduction, area.forecast, area.verdict) == ("4.1\u00a0%", "5.3\u00a0%", "will be met")
    assert (head.reduction, head.forecast, head.verdict) == ("?", "?", "not known yet")
    (missed,) = target_lines(fake_building(targets={"area": YearStatus(0.05, -0.01, 0.02)}), "en")
    assert (missed.tone, missed.reduction) == ("bad", "−1.0\u00a0%")
    (lacking,) = target_lines(fake_building(targets={"area": YearStatus(0.05, 0.041, 0.053, 0.01)}), "en")
    assert lacking.verdict == "not known yet"  # a hundredth of it is booked nowhere, and could turn it


def test_an_interval_is_drawn_where_it_is() -> None:
    """Nought, the interval and the figure share one scale."""
    (line,) = saving_lines(fake_building(savings={"trial": SAVED["trial"]}), "en")
    assert line.from_ == 0
    assert line.zero == pytest.approx(57.7, abs=0.1)
    assert line.from_ + line.wide == 100
    assert line.from_ < line.at < line.zero
    (nothing,) = saving_lines(fake_building(savings={"x": SavingStatus(0.0, 0.0, 0.0, 0.0)}), "en")
    assert (nothing.method, nothing.share, nothing.wide) == ("x", "?", 0)


async def test_the_meters_stand_with_the_energy() -> None:
    """A faulty one is said to be so, in words."""
    html = await body("/?lang=en")
    energy = text_of(html[html.index('id="energy"') :])
    assert "总电表 total healthy 812,345.6 kWh" in energy
    assert "faulty ?" in energy
