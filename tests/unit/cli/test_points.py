"""An integrator's spreadsheet becomes a site file, and the site file a spreadsheet again."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from supervisor.cli.main import app
from tests.site_files import site_of_file

EXAMPLES = Path(__file__).resolve().parents[3] / "config/examples"
HEADING = (
    "区域",
    "区域名称",
    "设备",
    "角色",
    "控制器",
    "设备实例号",
    "地址",
    "对象",
    "单位",
    "可写",
    "下限",
    "上限",
)


@pytest.fixture(name="desk")
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with no daemon about and an English terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUILDING_SUPERVISOR_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    return tmp_path


def does(*words: str) -> Result:
    """`points WORDS…`."""
    return CliRunner().invoke(app, ["points", *words])


def printed(site: str) -> str:
    """Its table, without the warnings beside it."""
    return does(site, "--format", "csv").stdout


def rooms(count: int = 60, controllers: int = 12) -> list[tuple[str, ...]]:
    """Rooms with a fan coil and lights each, several on a controller, ten numbers apart."""
    found: list[tuple[str, ...]] = []
    each = count // controllers
    for n in range(count):
        device, base = f"ddc-{n // each + 1}", 10 * (n % each)
        where = (device, str(1000 + n // each + 1), f"10.1.2.{n // each + 11}")
        room, name = f"r{n + 201}", f"{n + 201} 办公室"
        found += [
            (room, name, "fcu", "启停", *where, f"BO{base}", "", "是", "", ""),
            (room, name, "fcu", "运行状态", *where, f"BI{base}", "", "否", "", ""),
            (room, name, "fcu", "制冷设定", *where, f"AV{base}", "℃", "是", "18", "30"),
            (room, name, "fcu", "室温", *where, f"AI:{base}", "℃", "否", "", ""),
            (room, name, "照明", "启停", *where, f"BO{base + 5}", "", "是", "", ""),
        ]
    return found


def table(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    """As a spreadsheet writes it."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows([HEADING, *rows])
    return out.getvalue()


def test_sixty_rooms_and_twelve_controllers_in_one_command(desk: Path) -> None:
    """The file passes `check`, has two templates, and the table that it prints goes into a new file as the same table."""
    Path("rooms.csv").write_bytes(table(rooms()).encode("gb18030"))
    done = does("tower.yaml", "--import", "rooms.csv")
    assert done.exit_code == 0, done.output
    assert "60 zones, 300 points, 12 devices" in done.output
    assert CliRunner().invoke(app, ["check", "tower.yaml"]).exit_code == 0
    site = site_of_file("tower.yaml")
    text = Path("tower.yaml").read_text(encoding="utf-8")
    assert text.count("kind: ") == 2, "one template for the fan coils, one for the lights"
    assert "equipment: {fcu: ddc-1/10, lights: ddc-1/15}" in text
    assert not site.points["r201/fcu/temperature"].writable
    assert (
        site.points["r260/fcu/cooling_setpoint"].instance,
        site.points["r260/fcu/cooling_setpoint"].low,
    ) == (40, 18)

    first = printed("tower.yaml")
    asked = {(r[0], r[4], r[7].replace(":", "")) for r in rooms()}
    names = {"analog-input": "AI", "analog-value": "AV", "binary-input": "BI", "binary-output": "BO"}
    got = list(csv.DictReader(io.StringIO(first)))
    assert {
        (g["zone"], g["device"], names[g["object"].split(":")[0]] + g["object"].split(":")[1]) for g in got
    } == asked
    Path("again.csv").write_text(first, encoding="utf-8")
    assert does("tower2.yaml", "--import", "again.csv").exit_code == 0
    assert printed("tower2.yaml") == first


@pytest.mark.parametrize(
    "name", ["office", "points-list", "controllers", "small-office", "vav-floor", "strides", "shared-lights"]
)
def test_a_table_that_comes_back_as_it_was_changes_nothing(desk: Path, name: str) -> None:
    """Byte for byte; and without meters and heartbeats it makes a new file that prints the same table."""
    before = (EXAMPLES / f"{name}.yaml").read_bytes()
    Path("site.yaml").write_bytes(before)
    assert does("site.yaml", "-o", "points.csv").exit_code == 0
    assert Path("points.csv").read_bytes().startswith(b"\xef\xbb\xbf"), (
        "Excel in China takes it for GBK otherwise"
    )
    done = does("site.yaml", "--import", "points.csv")
    assert done.exit_code == 0, done.output
    assert "nothing differs" in done.output
    assert Path("site.yaml").read_bytes() == before
    lines = Path("points.csv").read_text(encoding="utf-8-sig").splitlines(keepends=True)
    kept = "".join(line for line in lines if ",meter/" not in line and ",device/" not in line)
    Path("kept.csv").write_text(kept, encoding="utf-8")
    made = does("new.yaml", "--import", "kept.csv")
    assert made.exit_code == 0, made.output
    assert printed("new.yaml") == kept


Encoded = Callable[[str], bytes]


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("gbk"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace(",", "\t").encode("utf-16"),
        lambda text: text.replace(",", ";").encode("utf-8"),
        lambda text: ("项目点表,,,,\r\n编制：王工,,,,\r\n\r\n" + text).encode("gbk"),
    ],
    ids=["gbk", "utf-8 with a mark", "utf-16 tabs", "semicolons", "titles above"],
)
def test_however_a_spreadsheet_saves_it(desk: Path, encode: Encoded) -> None:
    """Encoding, delimiter and lines above the heading make no difference."""
    Path("rooms.csv").write_bytes(encode(table(rooms(4, 2))))
    done = does("a.yaml", "--import", "rooms.csv")
    assert done.exit_code == 0, done.output
    assert "4 zones, 20 points, 2 devices" in done.output


def test_bad_rows_are_told_all_at_once_and_nothing_is_written(desk: Path) -> None:
    """File and line as the spreadsheet counts them, in both languages."""
    bad = rooms(4, 2)
    bad[0] = (*bad[0][:7], "XX0", *bad[0][8:])
    bad[2] = (*bad[2][:10], "30", "18")
    bad[3] = (*bad[3][:9], "是", *bad[3][10:])
    bad[6] = bad[5]
    bad[8] = (*bad[8][:3], "气压", *bad[8][4:])
    Path("rooms.csv").write_bytes(table(bad).encode("gbk"))
    done = does("a.yaml", "--import", "rooms.csv")
    assert done.exit_code == 1
    for line in (2, 4, 5, 8, 10):
        assert f"rooms.csv:{line}: error: " in done.output
    assert "the same point as in line 7" in done.output
    assert "nothing was written" in done.output
    assert not Path("a.yaml").exists()
    zh = does("a.yaml", "--import", "rooms.csv", "--lang", "zh").output
    assert "rooms.csv:10: 错误: 没有“气压”这个角色" in zh
    assert "Traceback" not in done.output


def office(desk: Path, *edits: tuple[str, str]) -> Result:
    """The office's table with these edits, taken back."""
    Path("office.yaml").write_bytes((EXAMPLES / "office.yaml").read_bytes())
    text = printed("office.yaml")
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    Path("points.csv").write_text(text, encoding="utf-8-sig")
    return does("office.yaml", "--import", "points.csv")


def changed(desk: Path) -> list[tuple[str, str]]:
    """Lines of the office's file that differ: before and after."""
    before = (EXAMPLES / "office.yaml").read_text(encoding="utf-8").splitlines()
    after = Path("office.yaml").read_text(encoding="utf-8").splitlines()
    assert len(before) == len(after), "no line came or went"
    return [(b, a) for b, a in zip(before, after, strict=True) if a != b]


def test_a_limit_of_all_fan_coils_is_changed_in_their_template(desk: Path) -> None:
    """One line of the file, with its comment where it stood."""
    done = office(desk, (",yes,16,32,", ",yes,18,32,"))
    assert done.exit_code == 0, done.output
    lines = changed(desk)
    assert 1 <= len(lines) <= 4
    assert all("low: 16" in was and "low: 18" in is_ for was, is_ in lines)


def test_dry_run_shows_the_difference_and_writes_nothing(desk: Path) -> None:
    """A unified difference; the file is as it was."""
    office(desk)
    text = Path("points.csv").read_text(encoding="utf-8-sig").replace(",yes,16,32,", ",yes,18,32,")
    Path("points.csv").write_text(text, encoding="utf-8")
    done = does("office.yaml", "--import", "points.csv", "--dry-run")
    assert done.exit_code == 0
    assert "\n-" in done.output
    assert "nothing was written" in done.output
    assert changed(desk) == []


def test_a_room_more_is_placed_by_the_template_that_fits(desk: Path) -> None:
    """The rows of 201 again under another name and number: three lines, no new template."""
    office(desk)
    lines = Path("points.csv").read_text(encoding="utf-8-sig").splitlines()
    fresh = []
    for line in [row for row in lines if row.startswith("f2-office-201,")]:
        cells = line.split(",")
        type_, number = cells[11].split(":")
        cells[0], cells[1], cells[11] = "f2-office-299", "299 办公室", f"{type_}:{int(number) + 500}"
        fresh.append(",".join(cells))
    Path("points.csv").write_text("\n".join([*lines, *fresh]) + "\n", encoding="utf-8")
    done = does("office.yaml", "--import", "points.csv")
    assert done.exit_code == 0, done.output
    assert "template" not in done.output
    text = Path("office.yaml").read_text(encoding="utf-8")
    assert "  f2-office-299:\n    name: 299 办公室\n    hours: office\n" in text
    before = (EXAMPLES / "office.yaml").read_text(encoding="utf-8").splitlines()
    after = text.splitlines()
    assert [line for line in before if line not in after] == []


def test_a_unit_that_serves_several_rooms(desk: Path) -> None:
    """A zone's cell that names several rooms is shared equipment that serves them: an air handler, or a lighting circuit."""
    some = [row for row in rooms(2, 1) if row[2] == "fcu"]
    unit = ("r201、r202", "", "ahu-2f", "启停", *some[0][4:7], "BO99", "", "是", "", "")
    Path("rooms.csv").write_bytes(table([*some, unit]).encode("gbk"))
    done = does("a.yaml", "--import", "rooms.csv")
    assert done.exit_code == 0, done.output
    site = site_of_file("a.yaml")
    assert site.shared["ahu-2f"].zones == ("r201", "r202")
    assert "r201;r202,,,,ahu-2f,ahu" in printed("a.yaml")
    Path("rooms.csv").write_bytes(table([*some, (*unit[:2], "lights-2f", *unit[3:])]).encode("gbk"))
    lit = does("b.yaml", "--import", "rooms.csv")
    assert lit.exit_code == 0, lit.output
    site = site_of_file("b.yaml")
    assert [circuit.id for circuit in site.zones["r202"].circuits] == ["lights-2f"]
    assert site.zones["r202"].served_by == ()


def test_strides_that_differ_by_type(desk: Path) -> None:
    """Inputs one apart, outputs two apart: one template, and the numbers of each room as they stand."""
    found = []
    for n in range(5):
        where = ("ddc", "1001", "10.1.2.3")
        found += [
            (f"r{n}", "", "fcu", "启停", *where, f"BO{2 * n}", "", "是", "", ""),
            (f"r{n}", "", "fcu", "室温", *where, f"AI{n}", "", "否", "", ""),
            (f"r{n}", "", "fcu", "制冷设定", *where, f"AV{3 * n + 1}", "", "是", "18", "30"),
        ]
    Path("rooms.csv").write_bytes(table(found).encode("gbk"))
    done = does("a.yaml", "--import", "rooms.csv")
    assert done.exit_code == 0, done.output
    site = site_of_file("a.yaml")
    assert [site.points[f"r{n}/fcu/start_stop"].instance for n in range(5)] == [0, 2, 4, 6, 8]
    assert [site.points[f"r{n}/fcu/temperature"].instance for n in range(5)] == [0, 1, 2, 3, 4]
    assert all(site.points[f"r{n}/fcu/cooling_setpoint"].low == 18 for n in range(5))
    assert Path("a.yaml").read_text(encoding="utf-8").count("kind: fcu") == 1


def test_a_heading_without_its_columns_and_a_workbook_are_refused(desk: Path) -> None:
    """What is missing is named; a .xlsx is no CSV."""
    Path("a.csv").write_text("zone,what\nr1,x\n", encoding="utf-8")
    said = does("a.yaml", "--import", "a.csv")
    assert said.exit_code == 1
    assert "a.csv:1: error: the heading has no column role, device, object" in said.output
    Path("b.csv").write_bytes(b"PK\x03\x04\0\0" + bytes(range(256)))
    assert does("a.yaml", "--import", "b.csv").exit_code == 1
    assert does("a.yaml", "--import", "no.csv").exit_code == 1
    assert does("a.yaml", "--import", "a.csv", "--zone", "x").exit_code == 2
    assert does("a.yaml", "--dry-run").exit_code == 2


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
def test_notepads_line_ends_stay(desk: Path, ending: str) -> None:
    """A file with CRLF and a byte order mark has them after an import, too."""
    text = (EXAMPLES / "office.yaml").read_text(encoding="utf-8").replace("\n", ending)
    Path("office.yaml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    table_ = printed("office.yaml").replace(",yes,16,32,", ",yes,18,32,")
    Path("points.csv").write_text(table_, encoding="utf-8")
    assert does("office.yaml", "--import", "points.csv").exit_code == 0
    data = Path("office.yaml").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert (b"\r\n" in data) == (ending == "\r\n")
    assert b"low: 18" in data
