"""The numbers of each rule, with where each comes from: the text, or a choice of the site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Final, NamedTuple, get_type_hints

from config.declared import field
from config.section import Section
from config.values import Duration


class RuleId(StrEnum):
    """Every rule, in the order of precedence (design: the table's order, top first)."""

    FIRE_ALARM = "fire-alarm"
    ESCAPE_ROUTE = "escape-route"
    FREEZE_PROTECT = "freeze-protect"
    MIN_OFF = "min-off"
    MANUAL = "manual"
    WINDOW_OFF = "window-off"
    PRE_CLOSE_OFF = "pre-close-off"
    LIGHTS_CLOSE = "lights-close"
    VACANCY_OFF = "vacancy-off"
    CORRIDOR_DELAY = "corridor-delay"
    MILD_SEASON_OFF = "mild-season-off"
    SUMMER_SETPOINT = "summer-setpoint"
    WINTER_SETPOINT = "winter-setpoint"
    PLUG_CLOSE = "plug-close"
    BASE = "base"


PRECEDENCE: Final[Mapping[RuleId, int]] = {rule: place for place, rule in enumerate(RuleId)}
"""The place of each rule; 0 goes before all others."""
OPERATION: Final = frozenset({RuleId.MANUAL, RuleId.BASE})
"""Who decides without a clause of the plan: nobody complies with these, is exempt from them or counted by them."""
OF_SETTINGS: Final = frozenset({RuleId.SUMMER_SETPOINT, RuleId.WINTER_SETPOINT})
"""Rules that judge what somebody set, which may be so while its unit is off."""

BUILDING_ONLY: Final[Mapping[RuleId, frozenset[str]]] = {
    RuleId.FIRE_ALARM: frozenset({"clear_for"}),
    RuleId.MILD_SEASON_OFF: frozenset({"outdoor_low", "outdoor_high", "outdoor_band"}),
}
"""Numbers about what the whole building has one of: an alarm, a weather. A zone has no own ones."""


class Origin(NamedTuple):
    """Where a number comes from: `text` names document and clause; None is a site choice."""

    text: str | None
    unit: str


class Usual(NamedTuple):
    """Between which values a site's own number is usually chosen: whoever writes another is asked whether it is meant. No
    error, as it is at a limit: a building whose file was sound has to start with it after an upgrade."""

    low: float | None = None
    high: float | None = None


HOUR: Final = 3600.0
"""s. A rule that waits for a year is one that is switched off, and that takes an exemption; a room that may be 280 °C before
the mild season gives way is a dot that was forgotten."""
SITE_S = Origin(None, "s")
SITE_C = Origin(None, "degC")


class FireAlarm(Section):
    """Settings of `fire-alarm`."""

    clear_for: Annotated[Duration, SITE_S, Usual(high=24 * HOUR)] = 60.0


BELOW_MOST: Final = 12.0
"""°C, the warmest frost limit that a site may have."""


class FreezeProtect(Section):
    """Settings of `freeze-protect`."""

    below: Annotated[float, SITE_C] = field(8.0, ge=2, le=BELOW_MOST)
    confirm_for: Annotated[Duration, SITE_S] = field(60.0, le=1800)
    setpoint: Annotated[float, SITE_C] = field(12.0, ge=8, le=18)
    rise_within: Annotated[Duration, SITE_S, Usual(high=4 * HOUR)] = 1800.0


class MinOff(Section):
    """Settings of `min-off`."""

    off_for: Annotated[Duration, SITE_S, Usual(high=4 * HOUR)] = 600.0


class WindowOff(Section):
    """Settings of `window-off`."""

    open_for: Annotated[Duration, SITE_S, Usual(high=HOUR)] = 60.0
    closed_for: Annotated[Duration, SITE_S, Usual(high=HOUR)] = 60.0
    tell_after: Annotated[Duration, SITE_S] = 4 * HOUR
    suspect_days: Annotated[int, Origin(None, "d")] = field(3, ge=1, le=30)


class PreCloseOff(Section):
    """Settings of `pre-close-off`."""

    lead: Annotated[Duration, Origin("AP 下班前半小时关闭空调", "s")] = field(1800.0, ge=1800)
    prestart: Annotated[Duration, SITE_S] = field(1800.0, le=4 * 3600)


class LightsClose(Section):
    """Settings of `lights-close`."""

    delay: Annotated[Duration, SITE_S, Usual(high=12 * HOUR)] = 600.0
    warn_before: Annotated[Duration, SITE_S, Usual(high=4 * HOUR)] = 300.0
    unknown_delay: Annotated[Duration, SITE_S, Usual(high=12 * HOUR)] = 1800.0


class VacancyOff(Section):
    """Settings of `vacancy-off`."""

    hvac_after: Annotated[Duration, SITE_S, Usual(high=12 * HOUR)] = 900.0
    lights_after: Annotated[Duration, SITE_S, Usual(high=12 * HOUR)] = 600.0


class CorridorDelay(Section):
    """Settings of `corridor-delay`."""

    delay: Annotated[Duration, SITE_S, Usual(high=HOUR)] = 120.0
    dark_below: Annotated[float, Origin(None, "lx"), Usual(high=100_000)] = field(50.0, ge=0)


class MildSeasonOff(Section):
    """Settings of `mild-season-off`."""

    outdoor_low: Annotated[float, SITE_C, Usual(-50, 30)] = 10.0
    outdoor_high: Annotated[float, SITE_C, Usual(15, 60)] = 28.0
    outdoor_band: Annotated[float, Origin(None, "K")] = field(1.0, ge=0, le=5)
    zone_low: Annotated[float, SITE_C, Usual(5, 26)] = 16.0
    zone_high: Annotated[float, SITE_C, Usual(20, 35)] = 28.0
    zone_band: Annotated[float, Origin(None, "K")] = field(1.0, ge=0, le=5)
    humidity_high: Annotated[float, Origin(None, "%RH")] = field(70.0, ge=40, le=100)
    humidity_band: Annotated[float, Origin(None, "%RH")] = field(5.0, ge=0, le=20)
    co2_high: Annotated[float, Origin(None, "ppm"), Usual(high=10_000)] = field(1500.0, ge=600)
    co2_band: Annotated[float, Origin(None, "ppm"), Usual(high=2000)] = field(200.0, ge=0)
    suspend_for: Annotated[Duration, SITE_S, Usual(high=24 * HOUR)] = 1800.0
    run_for: Annotated[Duration, SITE_S, Usual(high=4 * HOUR)] = 600.0


class SummerSetpoint(Section):
    """Settings of `summer-setpoint`. A stricter local limit is higher; a looser one needs an exemption."""

    minimum: Annotated[float, Origin("AP 夏季不低于26度; 国办发〔2007〕42号", "degC")] = field(
        26.0, ge=26, le=32
    )
    grace: Annotated[Duration, SITE_S, Usual(high=12 * HOUR)] = 120.0
    corrections_a_day: Annotated[int, Origin(None, "1/d")] = field(6, ge=1)


class WinterSetpoint(Section):
    """Settings of `winter-setpoint`. A stricter local limit is lower; a looser one needs an exemption."""

    maximum: Annotated[float, Origin("AP 冬季不高于20度; 国办发〔2007〕42号", "degC")] = field(
        20.0, ge=14, le=20
    )
    grace: Annotated[Duration, SITE_S, Usual(high=12 * HOUR)] = 120.0
    corrections_a_day: Annotated[int, Origin(None, "1/d")] = field(6, ge=1)


class PlugClose(Section):
    """Settings of `plug-close`."""

    delay: Annotated[Duration, SITE_S, Usual(high=12 * HOUR)] = 1800.0


class RuleSettings(Section):
    """All rule settings; a key left out keeps its default."""

    fire_alarm: FireAlarm = field(FireAlarm(), alias="fire-alarm")
    freeze_protect: FreezeProtect = field(FreezeProtect(), alias="freeze-protect")
    min_off: MinOff = field(MinOff(), alias="min-off")
    window_off: WindowOff = field(WindowOff(), alias="window-off")
    pre_close_off: PreCloseOff = field(PreCloseOff(), alias="pre-close-off")
    lights_close: LightsClose = field(LightsClose(), alias="lights-close")
    vacancy_off: VacancyOff = field(VacancyOff(), alias="vacancy-off")
    corridor_delay: CorridorDelay = field(CorridorDelay(), alias="corridor-delay")
    mild_season_off: MildSeasonOff = field(MildSeasonOff(), alias="mild-season-off")
    summer_setpoint: SummerSetpoint = field(SummerSetpoint(), alias="summer-setpoint")
    winter_setpoint: WinterSetpoint = field(WinterSetpoint(), alias="winter-setpoint")
    plug_close: PlugClose = field(PlugClose(), alias="plug-close")


def usual_numbers() -> Iterator[tuple[RuleId, str, bool, Usual]]:
    """Rule, key, whether it is a length of time, and what is usual, of each number that has such ends."""
    for settings in RuleSettings.declared.values():
        section = type(settings.default)
        for key, hint in get_type_hints(section, include_extras=True).items():
            for mark in getattr(hint, "__metadata__", ()):
                if isinstance(mark, Usual):
                    yield RuleId(settings.rest["alias"]), key, SITE_S in hint.__metadata__, mark
