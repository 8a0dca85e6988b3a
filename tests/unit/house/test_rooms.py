"""The page about the architecture is drawn from what import-linter holds the house to."""

from __future__ import annotations

from scripts.rooms import BEGIN, END, ROOT, contracts, diagram, layers, rooms, written

PAGE = ROOT / "docs" / "architecture.md"
HOUSE = {"type": "layers", "layers": ["supervisor", "config"]}
SUPERVISOR = {
    "type": "layers",
    "containers": ["supervisor"],
    "layers": ["daemon", "__main__", "sitefile : clockwork", "(core)"],
}


def test_every_layer_points_at_the_next_and_rooms_beside_each_other_at_the_same() -> None:
    """Both separators of import-linter and optional layers are read; a file is no room, a room with rooms holds them."""
    assert layers(SUPERVISOR)[2:] == [["sitefile", "clockwork"], ["core"]]
    drawn = [line.strip() for line in diagram([HOUSE, SUPERVISOR])]
    assert drawn.index('subgraph supervisor["supervisor/"]') < drawn.index('supervisor.daemon["daemon"]')
    assert drawn[-3:] == ["end", 'config["config"]', "supervisor --> config"]
    assert "supervisor.daemon --> supervisor.sitefile & supervisor.clockwork" in drawn
    assert "supervisor.sitefile & supervisor.clockwork --> supervisor.core" in drawn


def test_every_room_under_contract_says_in_a_line_what_it_holds() -> None:
    """Its package's first sentence; a room without one would be an empty row."""
    rows = list(rooms(contracts()))
    assert len(rows) > 10
    assert not [row for row in rows if len(row.split("|")[2].strip()) < 10]


def test_only_what_stands_between_the_marks_is_written() -> None:
    """The road in ten sentences is a person's."""
    before, after = (f"# A page\n{BEGIN}\n", f"{END}\n\n1. A datagram\n")
    page = written(f"{before}old\n{after}")
    assert page.startswith(before)
    assert page.endswith(after)
    assert "\nold\n" not in page
    road = PAGE.read_text(encoding="utf-8").partition(END)[2]
    assert sum(line[:1].isdigit() for line in road.splitlines()) == 10
