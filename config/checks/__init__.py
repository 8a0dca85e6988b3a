"""What is wrong with the meaning of a site file: names, equipment, time, devices and points."""

from __future__ import annotations

import datetime as dt

from config.checks.accounting import check_accounting
from config.checks.bands import check_bands
from config.checks.calendar_objects import check_calendar_objects
from config.checks.context import Context
from config.checks.devices import check_devices
from config.checks.equipment import check_equipment
from config.checks.habits import check_habits
from config.checks.meters import check_meters
from config.checks.mqtt import check_mqtt
from config.checks.names import check_names
from config.checks.own_device import check_own_device
from config.checks.points import check_limits, check_placed, check_resolved
from config.checks.savings import check_savings
from config.checks.secure import check_secure
from config.checks.tariff import check_tariff
from config.checks.times import check_times
from config.checks.trials import check_trial
from config.checks.usual import check_usual
from config.resolve import Resolved
from config.source import Source
from config.structure import Structure


def check_meaning(
    source: Source, structure: Structure, resolved: Resolved, today: dt.date | None = None
) -> None:
    """Append what is wrong with the meaning of the sound parts of a file to the source's problems."""
    day = today or dt.datetime.now(resolved.site.tz).date()
    context = Context(source, structure, resolved, day)
    for check in (
        check_names,
        check_meters,
        check_times,
        check_bands,
        check_devices,
        check_own_device,
        check_mqtt,
        check_secure,
        check_calendar_objects,
        check_equipment,
        check_placed,
        check_resolved,
        check_limits,
        check_accounting,
        check_savings,
        check_tariff,
        check_trial,
        check_habits,
        check_usual,
    ):
        check(context)
