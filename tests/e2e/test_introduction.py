"""A start at a terminal of 80 by 24: who it is, in the reader's words, and no JSON."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
from pathlib import Path

import pytest

from config.phrase import LANGS, Lang
from tests.e2e.conftest import EVENING, Evening
from tests.e2e.processes import COMMAND
from tests.waiting import eventually

pytestmark = pytest.mark.e2e
TOLD: dict[Lang, tuple[str, ...]] = {
    "zh": ("街道办公楼", "其中可写", "优先级", "页面", "状态目录", "已启动", "正在停止"),
    "en": ("writable", "priority", "page", "state", "started", "stopping"),
}


@pytest.mark.thorough
@pytest.mark.parametrize("lang", LANGS)
def test_a_start_at_a_terminal_introduces_itself(closed: Evening, tmp_path: Path, lang: Lang) -> None:
    """What it is, where its page and its state are; Ctrl-C says that it stops."""
    ours, theirs = pty.openpty()
    words = [
        "--lang",
        lang,
        "run",
        str(closed.files.daemon),
        "--start",
        EVENING,
        "--state-dir",
        str(tmp_path / "s"),
    ]
    running = subprocess.Popen(
        [COMMAND, *words], stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "NO_COLOR": "1"}
    )
    os.close(theirs)
    os.set_blocking(ours, False)
    shown = bytearray()

    def told(word: str) -> bool:
        with contextlib.suppress(OSError):  # nothing new, or the end
            shown.extend(os.read(ours, 65536))
        return word in shown.decode(errors="replace")

    try:
        eventually(lambda: told(TOLD[lang][-2]), 240, "it has started")
        running.terminate()
        eventually(lambda: told(TOLD[lang][-1]), 240, "it stops")
        eventually(lambda: told("released=") or running.poll() is not None, 240, "it has stopped")
    finally:
        if running.poll() is None:
            running.kill()
        running.wait()
        os.close(ours)
    text = shown.decode(errors="replace")
    assert not [word for word in TOLD[lang] if word not in text]
    assert '{"' not in text and "Traceback" not in text and "\x1b[3" not in text
