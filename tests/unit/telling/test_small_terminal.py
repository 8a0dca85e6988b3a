"""A terminal of 80 columns and 24 lines: nothing is wider, and nothing runs off its end."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
import rich.console

from config.phrase import LANGS, Lang, columns
from config.roles import Role
from config.rules import RuleId
from supervisor.telling.console import Console
from tests.tools.fake_building import fake_building


@pytest.mark.parametrize("lang", LANGS)
def test_the_live_table_fits_and_counts_what_it_leaves_out(lang: Lang) -> None:
    """Twenty-four rooms: those with something to tell, and how many more there are."""
    screen = rich.console.Console(
        file=io.StringIO(), force_terminal=True, width=80, height=24, color_system=None
    )
    zones = fake_building().zones
    many = tuple(replace(zones[n % len(zones)], id=f"r{n}", name=f"房间 {n}") for n in range(24))
    with screen.capture() as shown:
        screen.print(Console(console=screen, lang=lang).picture(fake_building(zones=many)))
    lines = shown.get().rstrip("\n").splitlines()
    assert max(columns(line.rstrip()) for line in lines) <= 80
    assert len(lines) <= 24
    assert ("more" if lang == "en" else "另有") in shown.get()
    told = "\n".join(lines)
    cut = re.findall(r"[a-z]+-[a-z]*…|[a-z]{2,}…", told)
    assert cut == [], "a word is shown whole, or not at all"
    if lang == "zh":
        ours = [*RuleId, *(f"/{role}" for role in Role)]
        assert [name for name in ours if "-" in name and name in told] == [], "rules have Chinese names"
        assert [name for name in ours if "/" in name and name in told] == [], "so have points"
