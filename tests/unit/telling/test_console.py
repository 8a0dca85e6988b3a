"""What somebody who runs the demo sees in the terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import rich.console
from rich.cells import cell_len

from config.phrase import Lang
from supervisor.telling.console import Console
from tests.tools.fake_building import fake_building


def terminal(width: int = 150, height: int = 40) -> rich.console.Console:
    """A terminal of that size that remembers what was shown on it."""
    return rich.console.Console(
        file=io.StringIO(),
        force_terminal=True,
        width=width,
        height=height,
        color_system=None,
        legacy_windows=False,
    )


def pictured(width: int = 150, height: int = 40, lang: Lang = "zh") -> list[str]:
    """The lines of one picture of the building."""
    screen = terminal(width, height)
    screen.print(Console(console=screen, lang=lang).picture(fake_building()))
    return shown_on(screen).splitlines()


def shown_on(screen: rich.console.Console) -> str:
    """All that was written to the terminal or the pipe."""
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 30), (150, 40), (220, 60)])
def test_chinese_names_leave_the_columns_straight(width: int, height: int, lang: Lang) -> None:
    """A Chinese character takes two columns: each line of the table ends where the terminal does."""
    lines = pictured(width, height, lang)
    box = [line for line in lines if line.startswith(("╭", "│", "╰"))]
    assert {cell_len(line) for line in box} == {width}
    assert all(cell_len(line) <= width for line in lines)


@pytest.mark.parametrize("height", [24, 30, 40, 60])
def test_the_picture_fits_the_terminal(height: int) -> None:
    """Nothing scrolls away: on a low terminal the zones with something to tell stay."""
    lines = pictured(120, height)
    assert len(lines) <= height
    assert any("205 办公室" in line and "不合规" in line for line in lines)


def test_the_table_says_what_is_asked_of_a_supervisor() -> None:
    """Temperature, setpoint, people, window, HVAC, lights, why and the next change of a zone, in one line."""
    line = next(line for line in pictured() if line.lstrip().startswith("203 办公室"))
    for part in ("28.7°", "26.0°", "有人", "开", "关", "开窗停机", "10:09", "17:00"):
        assert part in line


def test_the_header_counts_from_the_daemons_start_to_the_first_enforced_rule() -> None:
    """12.3 s after the start a rule is enforced; the header keeps that figure, not the next one's."""
    seconds = iter([12.3, 40.0])
    screen = terminal()
    console = Console(console=screen, lang="en", elapsed=lambda: next(seconds))
    console.update(fake_building())
    for event in fake_building().events:
        console.event(event)
    screen.print(console.picture(fake_building()))
    assert console.first_enforced == 12.3
    assert "first enforced 12.3 s" in shown_on(screen)


def test_without_a_terminal_each_event_is_one_plain_line() -> None:
    """In a log there are no boxes, no colours and no wrapping: time, kind, zone, what, rule."""
    pipe = rich.console.Console(file=io.StringIO(), force_terminal=False, width=40)
    with Console(console=pipe, lang="en") as console:
        console.update(fake_building())
        for event in fake_building().events:
            console.event(event)
    lines = shown_on(pipe).splitlines()
    point = "f2-office-202/fcu/cooling_setpoint"
    assert lines[1] == f"10:08:05 enforced {point} cooling setpoint 22.0 → 26.0 [summer-setpoint]"
    assert len(lines) == len(fake_building().events)


def test_a_name_with_brackets_is_shown_as_it_is() -> None:
    """Zone `[red]档案[/]` is a name, not a colour."""
    zones = (replace(fake_building().zones[5], name="[red]档案[/]"),)
    screen = terminal()
    screen.print(Console(console=screen).picture(fake_building(zones=zones, name="[b]楼[/b]")))
    assert "[red]档案[/]" in shown_on(screen)
    assert "[b]楼[/b]" in shown_on(screen)


def test_on_a_terminal_the_table_is_live() -> None:
    """Each update redraws the table in place; leaving keeps the last one on the screen."""
    screen = terminal()
    with Console(console=screen, lang="en") as console:
        console.update(fake_building())
        console.update(fake_building(outdoor_temperature=35.5))
    assert "outdoor 35.5 °C" in shown_on(screen)
