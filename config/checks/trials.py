"""A trial: no rule of the plan is switched off without somebody who answers for it, and what is compared can be measured."""

from __future__ import annotations

from datetime import timedelta

from config.checks.context import Context
from config.checks.savings import of_one_carrier, ordered
from config.codes import Coded
from config.phrase import Phrase
from config.subitems import carrier
from config.trial import Trial


def check_trial(ctx: Context) -> None:
    """What would make a trial unlawful, or its twelve weeks worth nothing."""
    trial = ctx.file.trial
    if trial is None:
        return
    _commissioned(ctx, trial)
    _metered(ctx, trial)
    if not ctx.file.zones and not ctx.broken("zones"):
        ctx.error(
            ("trial",),
            Coded("missing", "there is no zone: nothing is switched here, so that both arms are the same", "没有区域：本站点不控制任何设备，两组没有区别"),
            Phrase("add zones:, or take trial: out", "请登记 zones，或删去 trial"),
            key=True,
        )  # fmt: skip
    for n, event in enumerate(trial.events):
        ordered(ctx, event, ("trial", "events", n))
    if ctx.file.dry_run:
        ctx.warn(
            ("trial",),
            Coded(
                "trial",
                "nothing is written (dry_run: true): the trial can be planned, and is not drawn yet",
                "试运行（dry_run: true）不下发任何写入：试验可以先规划，暂不抽签",
            ),
            Phrase(
                f"`trial plan` says how many weeks it needs; dry_run: false before its first day, {trial.start}, or it does not begin",
                f"`trial plan` 推算所需周数；首日 {trial.start} 之前改为 dry_run: false，否则试验不会开始",
            ),
            key=True,
        )


def _commissioned(ctx: Context, trial: Trial) -> None:
    """A limit of the plan is off on the days of `today`: only for a while, and somebody has approved it."""
    given, last = trial.commissioning, trial.end - timedelta(1)
    if trial.draft is not None or ctx.broken("trial"):
        return
    if given is None:
        ctx.error(
            ("trial", "compare"),
            Coded(
                "missing",
                "on the days of `today` every rule of the plan would be off, and nobody answers for that",
                "`today` 的日期内方案各项规则全部停用，而没有人对此负责",
            ),
            Phrase(
                "add `commissioning: {approver: …, reason: …, until: "
                f"{last}}}`, or compare a draft that is as strict as the plan: `compare: draft.yaml`",
                f"请写明 `commissioning: {{approver: 批准人, reason: 原因, until: {last}}}`，"
                "或改为与不低于方案要求的草案对比：`compare: draft.yaml`",
            ),
        )
    elif given.until < last:
        ctx.error(
            ("trial", "commissioning", "until"),
            Coded(
                "trial",
                f"the trial goes on after this, until {last}: its days of `today` would be without approval",
                f"试验持续到 {last}，其后 `today` 的日期没有批准",
            ),
            Phrase(f"approve it until {last}, or fewer blocks", f"批准至 {last}，或减少区组数"),
        )


def _metered(ctx: Context, trial: Trial) -> None:
    of_one_carrier(ctx, trial.meters, "trial")
    whole = [m for m in ctx.file.meters.values() if m.parent is None and carrier(m.subitem) == "electricity"]
    if not trial.meters and not whole and not ctx.broken("meters"):
        ctx.error(
            ("trial",),
            Coded(
                "unknown-name",
                "there is no meter of the building's electricity to compare",
                "没有可供比较的全楼电表",
            ),
            Phrase(
                "add it to meters:, or name others: `meters: [chiller]`",
                "在 meters: 中登记电表，或指定其他表：`meters: [chiller]`",
            ),
            key=True,
        )
    weather = ctx.site.savings is not None and ctx.site.savings.weather is not None
    if not weather and not ctx.written("points", "outdoor_temperature"):
        ctx.error(("trial",), Coded("missing", "a trial needs the weather: there is neither an outdoor sensor nor a file of daily means", "试验需要室外气温：既没有室外温度点，也没有日平均气温文件"), Phrase("add points: outdoor_temperature:, or savings: weather:", "在 points: 中登记 outdoor_temperature，或在 savings: 中写 weather"), key=True)  # fmt: skip
