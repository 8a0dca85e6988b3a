"""What `doctor` says before it asks any controller: of the state folder, and of sixteen points at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from supervisor.cli import retained as kept_long
from supervisor.cli.doctor import _store
from supervisor.cli.findings import FALLS_BACK, Finding, folded
from supervisor.daemon.assemble import open_store
from supervisor.daemon.socket import Control, ask
from supervisor.sitefile.places import NoStateDir
from tests.soak.site import soak_site


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
    assert why in found[0].said
    with pytest.raises(NoStateDir, match=why):
        open_store(soak_site(), state)


def test_what_is_said_of_many_is_said_once() -> None:
    """Sixteen points fall back to on; one cannot be read; a controller is silent."""
    on = [Finding("note", f"point r{n}/fcu/start_stop", FALLS_BACK) for n in range(16)]
    other = [Finding("bad", "point r1/x", "time-out"), Finding("bad", "device ddc-1", "silent")]
    lines = folded([*on[:8], *other, *on[8:]])
    assert [line.what for line in lines] == ["16 points", "point r1/x", "device ddc-1"]
    assert all(f"r{n}/fcu/start_stop" in lines[0].said for n in range(16))


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
    assert ("2 months in files" in found.said) is (there and moved == 2)
    assert any(letter >= "\u4e00" for letter in found.said)


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
