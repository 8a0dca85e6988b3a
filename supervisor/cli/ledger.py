"""`ledger`: meters, what was consumed, readings in and out, the audit's proof."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from config.phrase import Lang, Phrase
from config.site import Site
from supervisor.cli.accounting import (
    PeriodOption,
    period_of,
    terms_of,
    written,
)
from supervisor.cli.common import (
    SitePath,
    StateDir,
    fail,
    load_site,
    misused,
)
from supervisor.cli.database import opened, read
from supervisor.cli.language import spoken
from supervisor.cli.ledger_import import Where, from_file, from_mqtt, keep, keep_fills
from supervisor.cli.verbs import Verb, Verbs

if TYPE_CHECKING:
    from supervisor.ledger.periods import Period

T = TypeVar("T")
app = typer.Typer(
    cls=Verbs,
    help="""Meters and what was consumed; what each zone's days came to; that nobody changed the audit · 计量台账、逐日合规与审计校验

    Example: building-supervisor ledger meters office.yaml --period 2026-03
    """,
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


RenamedOption = Annotated[
    bool,
    typer.Option(
        "--renamed", help="The building was renamed: its store is this one · 楼宇已更名，沿用原数据库"
    ),
]
_NO_KM = (
    Phrase("a vehicle's fill has --km", "车辆加油须写 --km"),
    Phrase("what its odometer says", "里程表读数"),
)
_NO_VEHICLE = (
    Phrase("--km: only a vehicle has an odometer", "--km：只有车辆才有里程表"),
    Phrase("add `vehicle:` to it in the site file", "请在站点文件中给它加 `vehicle:`"),
)


class Edition(StrEnum):
    """An edition of the statistics form, or what each zone's days or each point's hours came to."""

    NEW = "2025-11"
    OLD = "2022"
    DAYS = "days"
    HOURS = "hours"


class Decimal(StrEnum):
    """The sign that begins the fractions of a file's figures."""

    POINT = "."
    COMMA = ","


@app.command("meters", cls=Verb)
def meters(site: SitePath, period: PeriodOption = None, state_dir: StateDir = None) -> None:
    """Each meter's consumption of a period, how complete it is, and the building's sums · 各表用量与汇总

    Example: building-supervisor ledger meters office.yaml --period 2026-03
    """
    from supervisor.ledger.account import account
    from supervisor.telling.accounts import meters as lines

    loaded = load_site(site)
    of, now, with_ = period_of(period, loaded), time.time(), terms_of(loaded)
    this = read(loaded, state_dir, lambda c: account(c, loaded, of, now, with_.table))
    typer.echo("\n".join(lines(loaded, this, spoken("zh"), with_)))


@app.command("check", cls=Verb)
def check(site: SitePath, period: PeriodOption = None, state_dir: StateDir = None) -> None:
    """What a reviewer would ask about: faulty meters, sums that do not add up, missing readings, verifications due; year
    on year, area and heads, unit prices, days against the month. What cannot be judged is told as such · 审核人会问到的：异常表计、
    平衡、完整率、检定到期、同比、面积人数、单价、日月合计；无法判定的照实说明

    Exit 1 where there is anything · 有问题则返回 1

    Example: building-supervisor ledger check office.yaml --period 2026-Q1
    """
    from supervisor.ledger.account import problems, with_year_before
    from supervisor.ledger.review import review
    from supervisor.telling.reviews import told as lines

    loaded = load_site(site)
    of, now, with_ = period_of(period, loaded), time.time(), terms_of(loaded)

    def asked(connection: Any) -> tuple[Any, Any]:
        this, before = with_year_before(connection, loaded, of, now)
        return problems(loaded, this, now), review(connection, loaded, this, before, with_)

    found, reviewed = read(loaded, state_dir, asked)
    typer.echo("\n".join(lines(of.name, found, reviewed, spoken("zh"))))
    raise typer.Exit(1 if found or any(each.judged for each in reviewed) else 0)


@app.command("add", cls=Verb)
def add(
    site: SitePath,
    meter: Annotated[str, typer.Argument(help="The meter's name in the site file · 站点文件中的表名")],
    value: Annotated[
        str,
        typer.Argument(
            help="What its register says, in its own unit; of a vehicle the litres filled · 表底数，按表自身单位；车辆为加油升数"
        ),
    ],
    at: Annotated[
        str | None,
        typer.Option(
            "--at", help="When it was read; now by default · 抄表时间，如 2026-03-31T17:00；默认当前"
        ),
    ] = None,
    km: Annotated[
        str | None, typer.Option("--km", help="What a vehicle's odometer says · 车辆里程表读数")
    ] = None,
    renamed: RenamedOption = False,
    state_dir: StateDir = None,
) -> None:
    """A reading by hand, or a vehicle's fill · 人工抄表，或车辆加油

    Example: building-supervisor ledger add office.yaml water 10234.5 --at 2026-03-31T17:00

    Example: building-supervisor ledger add office.yaml car-1 45.2 --km 38120
    """
    from schedules.moments import instant
    from supervisor.ledger.late import rows_of
    from supervisor.ledger.sheets import table

    loaded = load_site(site)
    now, where = time.time(), Where(state_dir, renamed)
    try:
        moment = instant(at, loaded.tz) if at is not None else now
    except ValueError as error:
        misused(
            Phrase(f"--at: {error}", f"--at：{at} 不是可用的时间"),
            Phrase("2026-03-31T17:00, by the building's clock", "应写作 2026-03-31T17:00，按楼宇当地时间"),
        )
    vehicle = meter in loaded.meters and loaded.meters[meter].vehicle is not None
    if vehicle is not (km is not None):
        misused(*(_NO_KM if vehicle else _NO_VEHICLE))
    if km is not None:
        keep_fills(loaded, where, None, table([f'{moment!r},{meter},"{value}","{km}"']), None)
        return
    line = f'{moment!r},{meter},"{value}"'
    found = rows_of([line], loaded, None, now)
    if found.wrong:
        fail(found.wrong[0].what)
    keep(loaded, where, found.rows)


@app.command("import", cls=Verb)
def import_(
    site: SitePath,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="CSV: time,meter,value, or time,value with --meter; of vehicles time,meter,litres,km · CSV：时间,表,读数，或配合 --meter 只写 时间,读数；车辆为 时间,表,升数,里程"
        ),
    ] = None,
    meter: Annotated[
        str | None, typer.Option("--meter", help="All rows are of this meter · 全部行均属此表")
    ] = None,
    mqtt: Annotated[
        str | None,
        typer.Option(
            "--mqtt",
            help="Instead of a file: mqtt://user:password@host:1883/topic, or mqtts · 代替文件，从 MQTT 接收：mqtt://用户:密码@主机:1883/主题，或 mqtts",
        ),
    ] = None,
    seconds: Annotated[
        float,
        typer.Option("--for", min=0.1, max=86_400, help="Seconds to listen to the broker · 监听秒数"),
    ] = 10.0,
    count: Annotated[
        int | None,
        typer.Option("--count", min=1, help="Messages after which to stop listening · 收到多少条后停止"),
    ] = None,
    decimal: Annotated[
        Decimal | None,
        typer.Option(
            "--decimal",
            help="What begins the fractions, . or , where the file itself does not tell (1.234) · 小数点是 . 还是 ,（文件中 1.234 这类写法无法判断时）",
        ),
    ] = None,
    undo: Annotated[
        bool,
        typer.Option("--undo", help="Take out again what this file brought in · 撤销此文件的导入"),
    ] = False,
    renamed: RenamedOption = False,
    state_dir: StateDir = None,
) -> None:
    """Readings from a CSV file or an MQTT broker: all of them, or none · 从 CSV 或 MQTT 导入读数，全部成功或全部不导入

    A message is a number, or JSON like {"time": "2026-03-31T17:00", "meter": "gas", "value": 10234.5}. Without `meter` it is
    of --meter, or of the meter that its topic names; without `time` it counts when it came · 消息为一个数，或 {"time": "2026-03-31T17:00", "meter": "gas", "value": 10234.5} 这样的 JSON；
    未写 meter 则为 --meter 或主题所指的表，未写 time 则按收到的时间

    Example: building-supervisor ledger import office.yaml march.csv --meter gas

    Example: building-supervisor ledger import office.yaml march.csv --undo

    Example: building-supervisor ledger import office.yaml --mqtt mqtt://broker:1883/meters/+/energy --for 60
    """
    if (file is None) is (mqtt is None):
        misused(
            Phrase("either a file or --mqtt", "文件与 --mqtt 二选一"),
            Phrase("ledger import office.yaml march.csv", "如 `ledger import office.yaml march.csv`"),
        )
    if undo and file is None:
        misused(
            Phrase(
                "--undo takes a file's readings out: name the file", "--undo 撤销某个文件的导入：请写明文件"
            ),
            Phrase(
                "ledger import office.yaml march.csv --undo",
                "如 `ledger import office.yaml march.csv --undo`",
            ),
        )
    loaded, where = load_site(site), Where(state_dir, renamed, undo)
    if mqtt is not None:
        from_mqtt(loaded, where, mqtt, seconds, count, meter)
    elif file is not None:
        from_file(loaded, where, file, meter, decimal.value if decimal is not None else None)


@app.command("export", cls=Verb)
def export(
    site: SitePath,
    period: PeriodOption = None,
    form: Annotated[
        Edition | None,
        typer.Option(
            "--form",
            help="The statistics form of this edition; days: rules and zones, day by day; hours: points, hour by hour"
            " · 统计报表版本；days 逐日合规；hours 各点逐时",
        ),
    ] = None,
    point: Annotated[
        list[str] | None,
        typer.Option(
            "--point",
            help="With --form hours: this point, or those of a pattern like r301/*; all by default · 与 --form hours 同用：只导出此点，或符合 r301/* 这类通配符的点；默认全部",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write there instead of to the terminal · 写入此文件，不输出到终端"),
    ] = None,
    organisation: Annotated[
        str | None,
        typer.Option(
            "--organisation", help="The form of one organisation in the building · 只导出楼内一个单位的报表"
        ),
    ] = None,
    state_dir: StateDir = None,
) -> None:
    """Every meter's figure as CSV, the statistics form, what each zone's days or each point's hours came to · 导出 CSV、统计报表、
    各区域逐日合规或各点逐时数据

    --form days: minutes outside and within each rule, corrections, exceptions and overrides, by zone and day
    · --form days：各区域逐日在各规则限值内外的分钟数、纠正、例外与他方占用

    --form hours: least, mean, most and last value of each point that is no meter, and the share of the hour in which it was known
    · --form hours：各非计量点逐时的最小、平均、最大、末值，以及已知时间的比例

    Example: building-supervisor ledger export office.yaml --period 2026-03 --form 2025-11 --out march.csv

    Example: building-supervisor ledger export office.yaml --period 2026-03-14 --form hours --point 'r301/*'
    """
    from supervisor.ledger.account import account
    from supervisor.telling.accounts import sheet
    from supervisor.telling.forms import form as filled

    loaded = load_site(site)
    if organisation is not None and (
        form is None or form in (Edition.DAYS, Edition.HOURS) or organisation not in loaded.organisations
    ):
        known = Phrase(", ".join(loaded.organisations) or "none", "、".join(loaded.organisations) or "无")
        misused(
            Phrase(
                f"--organisation {organisation}: with --form, one of the site file's: {known.en}",
                f"--organisation {organisation}：须与 --form 同用，且为站点文件中的单位：{known.zh}",
            )
        )
    if point and form is not Edition.HOURS:
        misused(
            Phrase("--point is of --form hours", "--point 仅用于 --form hours"),
            Phrase("add --form hours", "加上 --form hours"),
        )
    if form is Edition.HOURS:
        from supervisor.cli.ledger_hours import export as hours

        with opened(loaded, state_dir) as store:
            hours(loaded, store, period_of(period, loaded), point or (), spoken("zh"), out)
        return
    of, now, with_ = period_of(period, loaded), time.time(), terms_of(loaded)
    if form is Edition.DAYS:
        text = _days(loaded, state_dir, of, spoken("zh"))
    else:
        this = read(loaded, state_dir, lambda c: account(c, loaded, of, now, with_.table))
        text = (
            filled(loaded, this, form.value, with_, spoken("zh"), organisation)
            if form is not None
            else sheet(loaded, this)
        )
    written(text, out)


def _days(site: Site, state_dir: Path | None, of: Period, lang: Lang) -> str:
    from schedules.time import local_date
    from supervisor.store.days import between
    from supervisor.telling.days import sheet

    first, last = local_date(of.start, site.tz), local_date(of.end - 1.0, site.tz)
    rows = read(site, state_dir, lambda connection: between(connection, str(first), str(last)))
    return sheet(site, rows, lang)
