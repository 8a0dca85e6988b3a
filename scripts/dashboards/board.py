"""A dashboard: one variable for the data source, the building and the zone where it is of one, links to the others."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as model

from scripts.dashboards.panels import SOURCE, Text, both

TAG: Final = "building-supervisor"


class Board:
    """Rows of panels. `name` makes its fixed uid and its file."""

    def __init__(
        self, name: str, title: Text, meaning: Text, *, building: bool = False, zone: bool = False
    ) -> None:
        self.name = name
        made = build.Dashboard(both(title)).uid(f"{TAG}-{name}").description(both(meaning)).tags([TAG])
        made.refresh("30s").time("now-24h", "now").timezone("browser").tooltip(
            model.DashboardCursorSync.CROSSHAIR
        )
        made.with_variable(build.DatasourceVariable("datasource").type("prometheus").label("Prometheus"))
        if building:
            made.with_variable(
                _query("building", ("Building", "楼宇"), "label_values(building_info, building)")
            )
            # the name is shown, the id is asked for
            made.annotation(_alerts())
        if zone:
            names = 'query_result(building_zone_info{building="$building"})'
            by_name = '/.*name="(?<text>[^"]+)".*zone="(?<value>[^"]+)".*/'
            made.with_variable(_query("zone", ("Zone", "区域"), names).regex(by_name))
        others = build.DashboardLink("Buildings · 楼宇").type(model.DashboardLinkType.DASHBOARDS).tags([TAG])
        made.link(others.as_dropdown(True).include_vars(True).keep_time(True))
        self._made, self._y, self._id = made, 0, 0

    def add(self, *panels: object) -> Board:
        """A row of panels, from left to right."""
        x = height = 0
        for panel in panels:
            assert isinstance(panel, build.Panel)
            self._id += 1
            made = panel.id(self._id).build()
            assert made.grid_pos is not None
            width, tall = made.grid_pos.w, made.grid_pos.h
            panel.grid_pos(model.GridPos(x=x, y=self._y, w=width, h=tall))
            self._made.with_panel(panel)
            x, height = x + width, max(height, tall)
        self._y += height
        return self

    def text(self) -> str:
        """The file."""
        return JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(self._made.build()) + "\n"


def _query(name: str, label: Text, query: str) -> build.QueryVariable:
    made = build.QueryVariable(name).label(both(label)).datasource(SOURCE)
    made.query({"query": query, "refId": name}).refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
    return made.sort(model.VariableSort.ALPHABETICAL_ASC)


def _alerts() -> build.AnnotationQuery:
    expr = 'ALERTS{alertname=~"Building.*", alertstate="firing", building="$building"}'
    made = build.AnnotationQuery().name("Alerts · 报警").datasource(SOURCE).enable(True).icon_color("red")
    return made.expr(expr)
