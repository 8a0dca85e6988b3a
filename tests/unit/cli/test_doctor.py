"""What `doctor` says before it asks any controller: of the state folder, and of sixteen points at once."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from config.phrase import Phrase, same
from drivers.bacnet.refusals import ABORT_REASONS, ERROR_CODES, REJECT_REASONS, of_silence
from drivers.refused import in_both
from supervisor.cli import acceptance, findings, on_the_wire
from supervisor.cli import retained as kept_long
from supervisor.cli.doctor import _store, _told
from supervisor.cli.findings import FALLS_BACK, Finding, folded
from supervisor.daemon.assemble import open_store
from supervisor.daemon.socket import Control, ask
from supervisor.sitefile.places import NoStateDir
from tests.soak.site import soak_site

doctor_room = sys.modules["supervisor.cli.doctor"]


def _file(folder: Path) -> Path:
    (folder / "state").write_text("")
    return folder / "state"


def _beneath_a_file(folder: Path) -> Path:
    return _file(folder) / "deeper"


def _dangling(folder: Path) -> Path:
    (folder / "state").symlink_to(folder / "gone" / "away")
    return folder / "state"


@pytest.mark.parametrize(
    ("made", "why"),
    [(_file, "is a file, not a folder"), (_beneath_a_file, "is a file"), (_dangling, "which is not there")],
)
async def test_a_state_folder_that_cannot_be_used(
    made: Callable[[Path], Path], why: str, tmp_path: Path
) -> None:
    """It is a finding among others, not the end of them; every verb that opens the store says the same."""
    state = made(tmp_path)
    store, found = await _store(soak_site(), state)
    store.close()
    assert [(f.level, f.what) for f in found] == [("bad", "state folder")]
    assert why in found[0].said.en
    assert _chinese(found[0].line("zh"))
    assert why not in found[0].line("zh")
    with pytest.raises(NoStateDir, match=why):
        open_store(soak_site(), state)


def test_what_is_said_of_many_is_said_once() -> None:
    """Sixteen points fall back to on; one cannot be read; a controller is silent."""
    on = [Finding("note", f"point r{n}/fcu/start_stop", FALLS_BACK) for n in range(16)]
    other = [
        Finding("bad", "point r1/x", same("time-out")),
        Finding("bad", "device ddc-1", same("silent")),
    ]
    lines = folded([*on[:8], *other, *on[8:]])
    assert [line.what for line in lines] == ["16 points", "point r1/x", "device ddc-1"]
    assert all(f"r{n}/fcu/start_stop" in lines[0].said.en for n in range(16))


def _chinese(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" for c in text)


@pytest.mark.parametrize(
    "room", [doctor_room, findings, on_the_wire, acceptance, kept_long], ids=lambda m: m.__name__
)
def test_nothing_that_doctor_says_is_in_english_alone(room: ModuleType) -> None:
    """Each text of its four rooms is a phrase whose Chinese is Chinese; a finding takes nothing else (its type says so)."""
    assert room.__file__ is not None
    tree = ast.parse(Path(room.__file__).read_text(encoding="utf-8"))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    for call in calls:
        assert isinstance(call.func, ast.Name)
        if call.func.id == "Phrase" and len(call.args) == 2:
            en, zh = (ast.unparse(argument) for argument in call.args)
            assert en in {"text", "''"} or _chinese(zh) or ".zh}" in zh, f"line {call.lineno}: {en}"
        if call.func.id == "Finding":
            assert not isinstance(call.args[2], ast.Constant | ast.JoinedStr), f"line {call.lineno}"


def test_what_devices_refuse_with_has_its_chinese() -> None:
    """Every cause that a driver names (ASHRAE 135 §18), and silence; what nobody foresaw is quoted in a Chinese line."""
    causes = [*ERROR_CODES.values(), *REJECT_REASONS, *ABORT_REASONS]
    causes += [f"rejected: {r}" for r in REJECT_REASONS] + [f"aborted: {r}" for r in ABORT_REASONS]
    for cause in [*causes, of_silence("ddc-1", 3.0).message]:
        said = in_both(cause)
        assert _chinese(said.zh), cause
        assert not said.zh.startswith("驱动报告"), cause
    assert in_both("something new").zh == "驱动报告：something new"


@pytest.mark.parametrize(
    ("there", "moved", "level"), [(True, 2, "ok"), (False, 0, "note"), (False, 2, "bad")]
)
def test_where_months_of_readings_go_is_told(
    there: bool, moved: int, level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into files, or nowhere; that months have moved and cannot be read any more is a problem."""
    (tmp_path / "readings").mkdir()
    for month in range(moved):
        (tmp_path / f"readings/readings-2026-0{month + 1}.parquet").touch()
    monkeypatch.setattr(kept_long, "installed", lambda: there)
    (found,) = kept_long.retained(soak_site(), tmp_path)
    assert found.level == level
    assert ("2 months in files" in found.said.en) is (there and moved == 2)
    assert _chinese(found.said.zh)


async def test_a_deep_state_folder_has_its_socket_too(tmp_path: Path) -> None:
    """A Unix socket's path has 107 bytes; a folder's may have many more."""
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)

    async def handler(request: object) -> dict[str, object]:
        return {"said": "yes"}

    control = Control(deep / "control.sock", handler)
    await control.start()
    try:
        assert await ask(deep, {"do": "status"}) == {"said": "yes"}
        with pytest.raises(OSError, match="another daemon"):
            await Control(deep / "control.sock", handler).start()
    finally:
        await control.stop()
    assert not (deep / "control.sock").exists()


def test_what_is_decided_and_does_not_stand_is_a_problem_here_too() -> None:
    """The page said so, and `doctor` of the same daemon counted no problem. A daemon of before that says nothing of it."""
    health = {
        "zh": {}, "owned": 1, "problems": [], "hub": None, "quarantined": {}, "devices": {"ddc-1": ""}, "store": None,
        "doubtful": {}, "unknown": [], "units": {}, "elsewhere": {}, "habits": {}, "falls_back_on": [],
    }  # fmt: skip
    assert [f for f in _told(soak_site(), health) if f.level == "bad"] == []
    why = Phrase("the controller does not follow", "控制器未跟随")
    found = _told(soak_site(), health | {"unwritten": {"r1/fcu/start_stop": why._asdict()}})
    assert [f for f in found if f.level == "bad"] == [Finding("bad", "point r1/fcu/start_stop", why)]
