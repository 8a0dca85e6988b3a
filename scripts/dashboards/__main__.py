"""`python -m scripts.dashboards FOLDER` writes each dashboard's file."""

import sys
from pathlib import Path

from scripts.dashboards.boards import all_boards

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for board in all_boards():
    (folder / f"{board.name}.json").write_text(board.text(), encoding="utf-8")
