"""Panels of a dashboard: each with its title and its meaning in both languages.

What stands for "now" is asked as an instant query: of a supervisor that died there is then nothing to show, and not the last
value that it had. Nothing is ever filled up with 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.models import dashboard as model

SOURCE: Final = model.DataSourceRef(type_val="prometheus", uid="${datasource}")
NO_DATA: Final = "no data · 无数据"
GREEN, YELLOW, ORANGE, RED, BLUE, GREY = "green", "yellow", "orange", "red", "blue", "text"

Text = tuple[str, str]
"""English, Chinese."""


def both(text: Text) -> str:
    """As it stands on a dashboard."""
    return f"{text[0]} · {text[1]}"


class Ask(NamedTuple):
    """One query; `legend` names its series, or the column of a table."""

    expr: str
    legend: str = ""


class Look(NamedTuple):
    """How values are shown: unit, colours from a value on, words for values."""

    unit: str = "short"
    steps: Sequence[tuple[float | None, str]] = ((None, GREY),)
    words: Mapping[int, tuple[Text, str]] = {}
    decimals: int | None = None
    low: float | None = None
    high: float | None = None

    def mappings(self) -> list[model.ValueMapping]:
        """Words in place of numbers."""
        if not self.words:
            return []
        results = {
            str(value): model.ValueMappingResult(text=both(text), color=color, index=n)
            for n, (value, (text, color)) in enumerate(self.words.items())
        }
        return [model.ValueMap(options=results)]


def _targets(asks: Sequence[Ask], *, instant: bool, table: bool) -> list[prometheus.Dataquery]:
    made = []
    for n, ask in enumerate(asks):
        query = prometheus.Dataquery().expr(ask.expr).ref_id(chr(ord("A") + n)).datasource(SOURCE)
        if ask.legend:
            query.legend_format(ask.legend)
        if table:
            query.format("table")  # type: ignore[arg-type]  # the enumeration's own value
        made.append(query.instant() if instant else query.range())
    return made


def _panel(
    kind: str,
    title: Text,
    meaning: Text,
    asks: Sequence[Ask],
    size: tuple[int, int],
    look: Look,
    *,
    instant: bool,
) -> build.Panel:
    """A panel of `size` (columns of 24, rows)."""
    thresholds = build.ThresholdsConfig().steps([model.Threshold(value=v, color=c) for v, c in look.steps])
    panel = build.Panel().type(kind).title(both(title)).description(both(meaning)).datasource(SOURCE)
    panel.span(size[0]).height(size[1]).unit(look.unit).no_value(NO_DATA)
    panel.thresholds(thresholds.mode(model.ThresholdsMode.ABSOLUTE)).mappings(look.mappings())
    panel.targets(list(_targets(asks, instant=instant, table=kind == "table")))
    if look.decimals is not None:
        panel.decimals(look.decimals)
    if look.low is not None:
        panel.min(look.low)
    if look.high is not None:
        panel.max(look.high)
    return panel


def now(title: Text, meaning: Text, ask: Ask, look: Look, width: int = 4) -> build.Panel:
    """One figure, or a word, of this instant."""
    panel = _panel("stat", title, meaning, [ask], (width, 4), look, instant=True)
    mode = build.FieldColor().mode(model.FieldColorModeId.THRESHOLDS)
    text = "value_and_name" if "{{" in ask.legend else "value"
    return panel.color_scheme(mode).options(
        {
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
            "colorMode": "value", "graphMode": "none", "textMode": text, "justifyMode": "auto", "orientation": "auto",
        }
    )  # fmt: skip


def bars(title: Text, meaning: Text, ask: Ask, look: Look, size: tuple[int, int] = (12, 8)) -> build.Panel:
    """A bar for each series, of this instant or of the time that is looked at."""
    panel = _panel("bargauge", title, meaning, [ask], size, look, instant=True)
    reduce = {"calcs": ["lastNotNull"], "fields": "", "values": False}
    return panel.options(
        {
            "reduceOptions": reduce, "orientation": "horizontal", "displayMode": "basic", "valueMode": "color",
            "showUnfilled": True, "minVizWidth": 0, "minVizHeight": 10,
        }
    )  # fmt: skip


def course(
    title: Text, meaning: Text, asks: Sequence[Ask], look: Look, size: tuple[int, int] = (12, 8)
) -> build.Panel:
    """Lines over time; a gap stays a gap."""
    panel = _panel("timeseries", title, meaning, asks, size, look, instant=False)
    panel.custom({"spanNulls": False, "lineWidth": 1, "fillOpacity": 5, "showPoints": "auto"})
    legend = {"displayMode": "table", "placement": "bottom", "showLegend": True, "calcs": ["lastNotNull"]}
    return panel.options({"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}})


def states(
    title: Text, meaning: Text, asks: Sequence[Ask], look: Look, size: tuple[int, int] = (24, 9)
) -> build.Panel:
    """Bands of colour over time."""
    panel = _panel("state-timeline", title, meaning, asks, size, look, instant=False)
    panel.custom({"fillOpacity": 70, "lineWidth": 0})
    legend = {"showLegend": False, "displayMode": "list", "placement": "bottom", "calcs": []}
    return panel.options(
        {
            "mergeValues": True, "showValue": "never", "rowHeight": 0.9, "alignValue": "left", "legend": legend,
            "tooltip": {"mode": "single", "sort": "none"},
        }
    )  # fmt: skip


def table(
    title: Text,
    meaning: Text,
    asks: Sequence[tuple[Ask, Look]],
    keys: Mapping[str, Text],
    size: tuple[int, int],
) -> build.Panel:
    """A row for each set of `keys` (label → its title), a column for each query, whose `legend` is its title."""
    panel = _panel("table", title, meaning, [ask for ask, _ in asks], size, Look(), instant=True)
    names = {label: both(text) for label, text in keys.items()}
    for n, (ask, look) in enumerate(asks):
        value = f"Value #{chr(ord('A') + n)}" if len(asks) > 1 else "Value"
        names[value] = ask.legend
        properties = [
            model.DynamicConfigValue("unit", look.unit),
            model.DynamicConfigValue("mappings", look.mappings()),
        ]
        steps: list[dict[str, object]] = [{"value": v, "color": c} for v, c in look.steps]
        properties.append(model.DynamicConfigValue("thresholds", {"mode": "absolute", "steps": steps}))
        properties.append(model.DynamicConfigValue("custom.cellOptions", {"type": "color-text"}))
        if look.decimals is not None:
            properties.append(model.DynamicConfigValue("decimals", look.decimals))
        panel.override_by_name(ask.legend, properties)
    labels = (
        "Time",
        "__name__",
        "instance",
        "job",
        "gateway",
        "building",
        "zone",
        "rule",
        "device",
        "meter",
        "subitem",
    )
    hidden = {label: True for label in labels if label not in keys}
    order = {name: n for n, name in enumerate([*keys, *(n for n in names if n not in keys)])}
    footer = {"show": False, "reducer": [], "countRows": False}
    panel.options(
        {"showHeader": True, "cellHeight": "sm", "frameIndex": 0, "showTypeIcons": False, "footer": footer}
    )
    panel.with_transformation(model.DataTransformerConfig(id_val="merge", options={}))
    return panel.with_transformation(
        model.DataTransformerConfig(
            id_val="organize", options={"excludeByName": hidden, "renameByName": names, "indexByName": order}
        )
    )
