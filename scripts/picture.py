"""The picture in the README: the demonstration's table at one moment, through Chromium.

`.venv/bin/python scripts/picture.py [SECONDS]` writes docs/img/demo.png after SECONDS of the demonstration.
"""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import tempfile
from html import escape
from itertools import groupby
from pathlib import Path

import rich.console
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import SVG_EXPORT_THEME

from supervisor.cli import demo
from supervisor.cli.common import load_site
from supervisor.cli.run import parse_start
from supervisor.daemon.daemon import Daemon
from supervisor.daemon.logs import configure
from supervisor.telling.console import Console

OUT = Path(__file__).parent.parent / "docs" / "img" / "demo.png"
WIDTH, HEIGHT = 150, 44
"""Columns and lines of the terminal."""
COLUMN, LINE, SIZE = 8.43, 19, 14
"""Pixels: a column of DejaVu Sans Mono, a line, the font."""
MARGIN = 16
PAGE = """<meta charset="utf-8"><style>
body {{ margin: 0; background: #292929; color: #c5c8c6; font: {size}px/{line}px "DejaVu Sans Mono", "Noto Sans Mono CJK SC" }}
div {{ position: absolute; left: {margin}px; top: {margin}px }}
span {{ position: absolute; white-space: pre }}
</style><div>{spans}</div>"""


class Shot(demo.Show):
    """Watches the demonstration for a while, then keeps what a terminal would show."""

    page = ""
    lines = 0
    after = 75.0

    async def watch(self, daemon: Daemon) -> None:
        """Wait, then draw."""
        await asyncio.sleep(self.after)
        paper = rich.console.Console(width=WIDTH, height=HEIGHT, file=io.StringIO(), force_terminal=True)
        table = Console(console=paper)
        table.first_enforced = self.first
        shown = paper.render_lines(table.picture(daemon.snapshot()), pad=False)
        self.page, self.lines = page(shown), len(shown)


def page(lines: list[list[Segment]]) -> str:
    """The terminal's lines as HTML, each run of narrow or of wide characters at its own column."""
    spans = []
    for number, line in enumerate(lines):
        column = 0
        for segment in line:
            style = (segment.style or Style()).get_html_style(SVG_EXPORT_THEME)
            for wide, run in groupby(segment.text, lambda character: cell_len(character) == 2):
                text = "".join(run)
                left, spacing = column * COLUMN, 2 * COLUMN - SIZE if wide else 0
                place = f"left:{left:.2f}px;top:{number * LINE}px;letter-spacing:{spacing:.2f}px"
                spans.append(f'<span style="{place};{style}">{escape(text)}</span>')
                column += cell_len(text)
    return "\n".join(spans)


def draw(spans: str, lines: int, out: Path) -> None:
    """The lines as a PNG. Raises CalledProcessError if Chromium cannot."""
    width, height = round(WIDTH * COLUMN) + 2 * MARGIN, lines * LINE + 2 * MARGIN
    with tempfile.TemporaryDirectory() as folder:
        html = Path(folder) / "demo.html"
        html.write_text(PAGE.format(size=SIZE, line=LINE, margin=MARGIN, spans=spans), encoding="utf-8")
        out.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(  # noqa: S603 - our own page
            ["chromium", "--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu",  # noqa: S607
             f"--screenshot={out}", f"--window-size={width},{height}", html.as_uri()],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip


def main() -> int:
    """Run the demonstration, draw it. Exit 1 where nothing was drawn."""
    configure(quiet=True)
    site = load_site(demo.EXAMPLE)
    shot = Shot(site, table=False)
    if len(sys.argv) > 1:
        shot.after = float(sys.argv[1])
    began = parse_start(demo.START)
    assert began is not None
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(
            demo._demo(site, demo.EXAMPLE, shot, began, demo.SPEED, demo.SEED, shot.after + 10, Path(folder))
        )
    if not shot.page:
        return 1
    draw(shot.page, shot.lines, OUT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
