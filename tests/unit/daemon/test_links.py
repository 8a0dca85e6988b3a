"""A site file behind a link: set to another version at one stroke, it does not rest as a save in an editor does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from supervisor.sitefile.saved import saves

PATIENCE = 120.0


def a_link(folder: Path) -> Path:
    """`site.yaml` leads to one of two versions."""
    for name in ("v1.yaml", "v2.yaml"):
        (folder / name).write_text(name, encoding="utf-8")
    (folder / "site.yaml").symlink_to("v1.yaml")
    return folder / "site.yaml"


def a_folder(folder: Path) -> Path:
    """`site.yaml` stands in a folder that is exchanged as a whole, as Kubernetes does with a ConfigMap."""
    for name in ("v1", "v2"):
        (folder / name).mkdir()
        (folder / name / "site.yaml").write_text(name, encoding="utf-8")
    (folder / "data").symlink_to("v1")
    (folder / "site.yaml").symlink_to("data/site.yaml")
    return folder / "site.yaml"


def exchange(link: Path, to: str) -> None:
    """Set a link anew, at one stroke."""
    (link.parent / "new").symlink_to(to)
    (link.parent / "new").rename(link)


@pytest.mark.parametrize("kind", ["link", "folder"])
async def test_a_link_to_another_version_is_told_at_once_and_a_save_is_not(tmp_path: Path, kind: str) -> None:
    """Whoever exchanges the link has done so; whoever saves may go on writing: the one rests, the other does not."""
    path = a_link(tmp_path) if kind == "link" else a_folder(tmp_path)
    changed, led = asyncio.Event(), asyncio.Event()
    watching = asyncio.create_task(saves(path, changed, (), led))
    try:
        await asyncio.sleep(0)  # it has looked at what is there
        async with asyncio.timeout(PATIENCE):
            path.resolve().write_text("written where it stands", encoding="utf-8")
            await changed.wait()
            assert not led.is_set()
            changed.clear()
            exchange(*((path, "v2.yaml") if kind == "link" else (tmp_path / "data", "v2")))
            await led.wait()
            await changed.wait()
    finally:
        watching.cancel()
