"""An EDE file becomes a site file to begin with; a second run puts in what is new and leaves the rest."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from supervisor.cli.discover import _write
from supervisor.cli.discover_wire import Ask, _nobody, addresses
from supervisor.cli.main import app
from supervisor.field.survey.objects import Survey
from tests.site_files import site_of_file

LISTS = Path(__file__).resolve().parents[2] / "survey" / "lists"
HEAD = (
    "# Proposal_Engineering-Data-Exchange - B.I.G.-EU\nPROJECT_NAME;Tower\nVERSION_OF_REFERENCEFILE;1\nVERSION_OF_LAYOUT;2.2\n"
    "# keyname;device obj.-instance;object-name;object-type;object-instance;description;present-value-default;min-present-value;"
    "max-present-value;settable;supports COV;hi-limit;low-limit;state-text-reference;unit-code;vendor-specific-addres\n"
)


@pytest.fixture(name="desk", autouse=True)
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder to work in, at an English terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


def does(*words: str) -> Result:
    """`discover WORDS…`."""
    return CliRunner().invoke(app, ["discover", *words])


def line(device: int, name: str, kind: int, instance: int, unit: str = "", description: str = "") -> str:
    """A line of an EDE file."""
    return f"{name};{device};{name};{kind};{instance};{description};;;;N;Y;;;;{unit};\n"


def rooms(count: int, each: int = 12) -> str:
    """Rooms with a fan coil each, several on a controller, ten numbers apart."""
    text = HEAD
    for n in range(count):
        device, base, name = 1000 + n // each, 10 * (n % each), f"FCU-{n // each + 1}-{n % each + 1:02d}"
        text += line(device, f"{name}_RoomTemp", 0, base, "62") + line(device, f"{name}_Start", 4, base)
        text += (
            line(device, f"{name}_Run", 3, base)
            + line(device, f"{name}_CoolSp", 2, base, "62")
            + line(device, f"{name}_Fault", 3, base + 1)
        )
    return text


def test_157_fan_coils_become_one_template_and_157_lines() -> None:
    """Alike machines are one template; the file passes `check`, is in dry run and writes nothing."""
    Path("tower.csv").write_text(rooms(157))
    done = does("--ede", "tower.csv", "-o", "tower.yaml")
    assert done.exit_code == 0, done.output
    site = site_of_file(Path("tower.yaml"))
    assert len(site.all_equipment) == 157
    assert len({e.template for e in site.all_equipment}) <= 6
    assert not any(point.writable for point in site.points.values())
    assert site.dry_run
    text = Path("tower.yaml").read_text()
    assert "LOOK AT FIRST" in text[:600]
    assert text.count("equipment: {fcu: ") == 157


def test_fan_coils_without_any_pattern_are_six_templates_at_most() -> None:
    """Instances by chance, some with points that others lack, two types of start: still no more than six."""
    text = HEAD
    for n in range(157):
        name, start = f"FCU-{n // 20 + 1}-{n % 20 + 1:02d}", 4 if n % 3 else 5
        text += line(1000, f"{name}_RoomTemp", 0, n * 7 % 157, "62") + line(
            1000, f"{name}_Start", start, n * 11 % 157
        )
        text += line(1000, f"{name}_Run", 3, n) if n % 2 else ""
        text += line(1000, f"{name}_CoolSp", 2, n * 5 % 157, "62") if n % 5 else ""
        text += line(1000, f"{name}_Fault", 3, 500 + n) if n % 7 else ""
    Path("tower.csv").write_text(text)
    assert does("--ede", "tower.csv", "-o", "tower.yaml").exit_code == 0
    site = site_of_file(Path("tower.yaml"))
    assert len(site.all_equipment) == 157
    assert len({e.template for e in site.all_equipment}) <= 6


@pytest.mark.parametrize("path", sorted(LISTS.glob("*.csv")), ids=lambda path: path.stem)
def test_every_labelled_list_becomes_a_file_that_passes_check(path: Path) -> None:
    """Whatever the names, encoding and delimiter: what comes out is sound and read-only."""
    done = does("--ede", str(path), "-o", "site.yaml")
    assert done.exit_code == 0, done.output
    site = site_of_file(Path("site.yaml"))
    assert not any(point.writable for point in site.points.values())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_encodings_and_delimiters(encoding: str, delimiter: str) -> None:
    """As YABE, Excel and Chinese engineering tools write it."""
    text = HEAD + line(5, "301风机盘管启停", 4, 1) + line(5, "301室内温度", 0, 1, "62")
    Path("e.csv").write_bytes(text.replace(";", delimiter).encode(encoding))
    done = does("--ede", "e.csv", "-o", "site.yaml")
    assert done.exit_code == 0, done.output
    site = site_of_file(Path("site.yaml"))
    assert {p.role.value for p in site.points.values()} == {"start_stop", "temperature"}


def test_a_second_run_keeps_every_hand_edit() -> None:
    """A comment, a name, an unmapped point, another role and writable stay; a new room is put in; the difference is shown."""
    Path("e.csv").write_text(rooms(4))
    assert does("--ede", "e.csv", "-o", "site.yaml").exit_code == 0
    path = Path("site.yaml")
    text = path.read_text()
    text = text.replace("    name: 1-01\n", "    name: 经理室              # 问过李工\n")
    text = text.replace(
        "start_stop: binary-output:0", "start_stop: {object: binary-output:0, writable: true}   # tried 11-02"
    )
    text = text.replace("      fault: binary-input:1\n", "")
    path.write_text(text)
    Path("e.csv").write_text(rooms(5).replace("FCU-1-02_Run;", "FCU-1-02_Running;"))
    done = does("--ede", "e.csv", "-o", "site.yaml")
    assert done.exit_code == 0, done.output
    after = path.read_text()
    kept = after.splitlines()
    assert all(each in kept for each in text.splitlines())
    assert [each for each in kept if "r1-05" in each]
    assert "fault" not in after.split("templates:")[1].split("fcu-2:")[0]
    assert "+  r1-05:" in done.output
    assert "FCU-1-02_Running" in done.output
    again = does("--ede", "e.csv", "-o", "site.yaml")
    assert "nothing to add" in again.output
    assert path.read_text() == after


def test_dry_run_writes_nothing() -> None:
    """`--dry-run` shows and leaves."""
    Path("e.csv").write_text(rooms(2))
    assert does("--ede", "e.csv", "-o", "site.yaml", "--dry-run").exit_code == 0
    assert sorted(p.name for p in Path().iterdir()) == ["e.csv"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04\x00\x00", "no text"),
        (b"hello\nworld\n", "no EDE file"),
        ((HEAD + "x;abc;Room temp;0;1;;;;;;;;;;62;\n").encode(), "no device instance"),
        ((HEAD + "x;5;Room temp;0;minus;;;;;;;;;;62;\n").encode(), "no object instance"),
        (HEAD.encode(), "no object in the file"),
    ],
)
def test_bad_files_are_told_by_line(data: bytes, words: str) -> None:
    """One clear line, exit 1, nothing written."""
    Path("e.csv").write_bytes(data)
    done = does("--ede", "e.csv", "-o", "site.yaml")
    assert done.exit_code == 1
    assert words in done.output
    assert not Path("site.yaml").exists()


def test_in_chinese() -> None:
    """What the terminal says is said in Chinese too."""
    Path("e.csv").write_text(rooms(2))
    done = does("--ede", "e.csv", "-o", "site.yaml", "--lang", "zh")
    assert "已生成" in done.output
    assert "2 个区域" in done.output


@pytest.mark.parametrize(
    ("words", "told", "code"),
    [
        (("--bbmd", "nowhere"), "10.1.9.5", 2),
        (("--instances", "7"), "1000-1999", 2),
        (("--at", "10.1.2.50-11"), "low to high", 2),
        (("--ede", "e.csv", "--at", "10.1.2.3"), "--ede reads a file", 2),
        (("--ede", "none.csv"), "No such file", 1),
        (("--bind", "127.0.0.1/40"), "not an IPv4 address", 1),
    ],
)
def test_options_that_cannot_be_meant(words: tuple[str, ...], told: str, code: int) -> None:
    """One line and a hint, never a traceback."""
    done = does(*words)
    assert done.exit_code == code
    assert told in done.output
    assert not Path("site.yaml").exists()


def test_a_site_file_that_does_not_load_is_told_before_anything_is_read() -> None:
    """Minutes on the wire are not spent for a file that cannot be written to."""
    Path("site.yaml").write_text("version: 1\nzones: [\n")
    done = does("--bind", "127.0.0.1/8")
    assert done.exit_code == 1
    assert "site.yaml:" in done.output


def test_a_host_without_a_port_is_asked_at_bacnets_own() -> None:
    """Whatever our own port is: 47808 (ASHRAE 135, annex J). One that is named stands; other networks have stations."""
    given = ["10.1.2.11", "10.1.2.12:47809", "10.1.2.20-21", "10.1.2.30-31:47810", "2001:12"]
    assert addresses(given) == [
        "10.1.2.11:47808", "10.1.2.12:47809", "10.1.2.20:47808", "10.1.2.21:47808", "10.1.2.30:47810",
        "10.1.2.31:47810", "2001:12",
    ]  # fmt: skip


def test_a_host_that_the_site_file_has_devices_of_is_asked_where_they_are() -> None:
    """Two controllers behind one address, at ports of their own; the others stay at BACnet's."""
    Path("tower.yaml").write_text(
        "version: 1\nbuilding: tower\nname: Tower\ntimezone: Asia/Shanghai\n"
        "season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}\n"
        "devices:\n  a: {instance: 1, address: 10.1.2.11:47809}\n  b: {instance: 2, address: 10.1.2.11:47810}\n"
        "  c: {instance: 3, address: '2001:12'}\nhours: {o: {workday: 09:00-17:30}}\nzones: {r: {name: R, kind: office, hours: o}}\n"
    )
    site = site_of_file(Path("tower.yaml"))
    assert addresses(["10.1.2.11", "10.1.2.12"], site) == [
        "10.1.2.11:47809",
        "10.1.2.11:47810",
        "10.1.2.12:47808",
    ]


@pytest.mark.parametrize(
    ("at", "said", "hint"),
    [
        (["10.1.2.11:47808"], "from 10.1.2.5:47899 to 10.1.2.11:47808", "another port: --at HOST:PORT"),
        (["127.0.0.11:47899"], "to 127.0.0.11:47899", "must not be ours: --port 47900"),
        ([], "from 10.1.2.5:47899\n", "--bbmd HOST"),
    ],
)
def test_where_nobody_answers_it_says_where_was_asked(
    at: list[str], said: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And what else may be tried."""
    with pytest.raises(typer.Exit):
        _nobody("10.1.2.5:47899", Ask(None, 47899, 1, at, None, None, 5.0))
    told = capsys.readouterr().err
    assert said in told
    assert hint in told


def test_devices_of_which_nothing_could_be_read_make_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    """They said I-Am and nothing else: it was told of a file that nobody had made that its `zones` are missing."""
    with pytest.raises(typer.Exit) as ended:
        _write(Path("tower.yaml"), Survey(), "en", dry_run=False)
    assert ended.value.exit_code == 1
    assert "no object was read" in capsys.readouterr().err
    assert not Path("tower.yaml").exists()
