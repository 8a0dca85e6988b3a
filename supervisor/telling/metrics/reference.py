"""The reference page of the metrics, from their definitions."""

from __future__ import annotations

from supervisor.telling.metrics.definitions import DEFINITIONS, REACTION, REACTION_BUCKETS, SCAN, SCAN_BUCKETS


def metrics_reference() -> str:
    """The page `docs/reference/metrics.md`, in Markdown, from the definitions themselves."""
    lines = [
        "# Metrics · 指标",
        "",
        "Made from `supervisor/telling/metrics/definitions.py`; do not edit. Base units. What is not known has no",
        "sample: absent is never 0. Counters of seconds count site time; the histograms measure wall time.",
        "The `process_*` metrics of the Prometheus client library are exported too.",
        "",
        "| metric | type | labels | meaning |",
        "|---|---|---|---|",
    ]
    for definition in DEFINITIONS:
        labels = ", ".join(f"`{label}`" for label in ("building", *definition.labels))
        lines.append(f"| `{definition.name}` | {definition.kind} | {labels} | {definition.help} |")
    own, by_rule = series_a_zone()
    lines += [
        "",
        f"A zone has up to {own} series of its own and up to {by_rule} for each rule that applies to it; one more for each role that",
        "somebody holds or has let go of, and while that lasts.",
        "",
        f"Buckets of `{REACTION.name}`: {_list(REACTION_BUCKETS)} s.",
        f"Buckets of `{SCAN.name}`: {_list(SCAN_BUCKETS)} s.",
        "",
    ]
    return "\n".join(lines)


def series_a_zone() -> tuple[int, int]:
    """The most series that a zone can have: of its own, and for each rule that applies to it."""
    labels = [definition.labels for definition in DEFINITIONS if "zone" in definition.labels]
    own = [of for of in labels if not {"rule", "role"} & set(of)]
    # two modes (cooling, heating), two directions (hot, cold)
    return sum(2 if {"mode", "direction"} & set(of) else 1 for of in own), sum("rule" in of for of in labels)


def _list(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{number:g}" for number in numbers)
