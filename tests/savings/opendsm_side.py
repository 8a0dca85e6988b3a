"""The peer's side of `make peers`: OpenDSM on its own sample meters, in an environment of its own (it is 1.1 GB; none of it is ours).

Prints JSON: by meter the days of the baseline (ordinal, °C, energy), those of the year after, and the total that OpenDSM's daily model has
for the latter.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

import pandas as pd  # type: ignore[import-not-found,import-untyped,unused-ignore]
from opendsm import eemeter as em  # type: ignore[import-not-found,unused-ignore]

METERS = (
    "il-electricity-cdd-hdd-daily", "il-electricity-cdd-only-daily", "il-gas-hdd-only-daily", "il-gas-intercept-only-daily",
    "uk-electricity-hdd-only-hourly-sample-0", "uk-electricity-hdd-only-hourly-sample-1",
    "uk-electricity-hdd-only-hourly-sample-2", "uk-gas-hdd-only-hourly-sample-0",
)  # fmt: skip
YEAR = pd.Timedelta(days=365)


def days(frame: Any, energy: str) -> list[tuple[int, float, float]]:
    """Days of which all is known."""
    known = frame[[energy, "temperature"]].dropna()
    return [
        (at.date().toordinal(), (float(t) - 32) / 1.8, float(e))
        for at, t, e in zip(known.index, known["temperature"], known[energy], strict=True)
    ]


def compared(name: str) -> dict[str, Any]:
    """One meter: a year before its change, and the year after it."""
    celsius = name.startswith("uk")
    meter, temperature, about = em.load_sample(name, tempF=not celsius)
    temperature = temperature * 1.8 + 32 if celsius else temperature
    electricity = "electricity" in name
    begins = about["blackout_start_date"]
    start, end = begins - YEAR, about["blackout_end_date"] + YEAR
    if meter.index[0] > start:  # a sample without a year before its change: its own first year
        start, begins = meter.index[0], meter.index[0] + YEAR
        end = min(begins + YEAR, meter.index[-1])
        after = begins
    else:
        after = about["blackout_end_date"]

    def part(series: Any, first: Any, last: Any) -> Any:
        return series[(series.index >= first) & (series.index < last)]

    hot = pd.DataFrame({"temperature": temperature.squeeze()})["temperature"]
    before = em.DailyBaselineData.from_series(
        part(meter, start, begins), part(hot, start, begins), is_electricity_data=electricity
    )
    model = em.DailyModel().fit(before, ignore_disqualification=True)
    later = em.DailyReportingData.from_series(
        part(meter, after, end), part(hot, after, end), is_electricity_data=electricity
    )
    foretold = model.predict(later, ignore_disqualification=True)
    itself = model.predict(before, ignore_disqualification=True)[["observed", "predicted"]].dropna().sum()
    return {
        "baseline": days(before.df, "observed"), "after": days(foretold, "predicted"),
        "itself": [float(itself["observed"]), float(itself["predicted"])],
    }  # fmt: skip


def main() -> int:
    """Every meter that can be told; why another cannot goes to stderr."""
    warnings.simplefilter("ignore")
    found = {}
    for name in METERS:
        try:
            found[name] = compared(name)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
    json.dump(found, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
