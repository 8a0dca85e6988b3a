"""Which meter a file means, and what is said where it means none. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from config.phrase import Phrase
from config.signs.alike import same_name
from config.site import Site
from supervisor.ledger.columns import chinese


def named(text: str, site: Site) -> str:
    """A meter by its key, however wide or large its letters are, or by the name that it alone has."""
    plain = same_name(text)
    if plain in site.meters:
        return plain
    alike = [m.id for m in site.meters.values() if m.name and same_name(m.name) == plain]
    return alike[0] if len(alike) == 1 else text


def no_meter(name: str, site: Site) -> Phrase:
    """Nobody knows a meter of this name."""
    if not name:
        return Phrase("it names no meter", "未写明计量表")
    return Phrase(
        f"`{name}` is no meter of the site file; there are {', '.join(site.meters)}",
        f"站点文件中无计量表 `{name}`；现有 {'、'.join(site.meters)}",
    )


def no_column(missing: Sequence[str]) -> Phrase:
    """A heading lacks these columns."""
    en = ", ".join(f"{name} ({chinese(name)})" for name in missing)
    zh = "、".join(f"{chinese(name)}（{name}）" for name in missing)
    return Phrase(f"no column is called {en}", f"缺少列：{zh}")
