"""A document as one self-contained page: no script, no font, nothing fetched; each part prints on A4 from a new page."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from html import escape
from importlib import resources
from typing import Final

from config.phrase import columns
from supervisor.telling.reports.document import (
    Block,
    Cell,
    Document,
    Part,
    Plot,
    Signatures,
    Table,
    Text,
    Tiles,
    shown,
)

_SHORT: Final = 20
"""Columns of a text that stays on one line."""
_NAME: Final = 36
"""Columns of a name at the head of a row that stays on one line, in a table of many rows: each second line is a page more."""
_SHORT_HEAD: Final = 8
"""Columns of a heading that stays on one line: four Chinese signs."""
_TOGETHER: Final = 12
"""Rows of a table that stays on one sheet."""


def page(document: Document) -> str:
    """The whole page as text."""
    style = resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    lang = "zh-CN" if document.lang == "zh" else "en"
    anchors = {a for p in document.parts for b in p.blocks if isinstance(b, Table) for a in b.anchors if a}
    links = "".join(f'<a href="#{p.id}">{escape(p.title)}</a>' for p in document.parts if not p.follows)
    leads = [n for n, part in enumerate(document.parts) if not part.follows]
    sections = [document.parts[a:b] for a, b in itertools.pairwise([*leads, len(document.parts)])]
    body = "".join(_section(document, parts, anchors) for parts in sections)
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(document.title)}</title><style>{style}{_foot(document.foot)}</style></head>"
        f"<body><nav>{links}</nav><main>{body}</main></body></html>\n"
    )


def _foot(text: str) -> str:
    """The foot of every printed sheet. A browser that knows no boxes in a page's margin prints the one beneath each part in its place."""
    said = re.sub(r'[\\"<>\n]', lambda found: f"\\{ord(found[0]):x} ", text)
    return f'@page{{@bottom-left{{content:"{said}";font:8px sans-serif;color:#57606a;width:85%}}}}'


def _section(document: Document, parts: tuple[Part, ...], anchors: set[str]) -> str:
    part, *rest = parts
    blocks = "".join(_block(document, block, anchors) for block in part.blocks)
    for each in rest:
        blocks += f'<h2 id="{escape(each.id)}">{escape(each.title)}</h2>'
        blocks += "".join(_block(document, block, anchors) for block in each.blocks)
    colon = "：" if document.lang == "zh" else ":&nbsp;"
    basics = "".join(
        f"<div><dt>{escape(n)}{colon}</dt><dd>{escape(v)}</dd></div>" for n, v in document.basics
    )
    wide = ' class="wide"' if part.wide else ""
    return (
        f'<section id="{escape(part.id)}"{wide}><header><h1>{escape(part.title)}</h1>'
        f'<p class="sub">{escape(part.subtitle or document.title)}</p><dl>{basics}</dl></header>'
        f"{blocks}"
        f"<footer>{escape(document.foot)}</footer></section>"
    )


def _block(document: Document, block: Block, anchors: set[str]) -> str:
    if isinstance(block, Table):
        return "".join(_table(block, anchors))
    if isinstance(block, Text):
        tag = "h2" if block.kind == "heading" else "p"
        kind = f' class="{block.kind}"' if block.kind and tag == "p" else ""
        said = escape(block.text).replace("\n", "<br>")
        return f"<{tag}{kind}>{said}</{tag}>"
    if isinstance(block, Plot):
        return f"<figure>{block.svg}<figcaption>{escape(block.caption)}</figcaption></figure>"
    if isinstance(block, Tiles):
        tiles = "".join(
            f'<div class="tile"><span>{escape(name)}</span><b class="{tone}">{escape(figure)}</b>'
            f"<span>{escape(said)}</span></div>"
            for name, figure, said, tone in block.tiles
        )
        return f'<div class="tiles">{tiles}</div>'
    assert isinstance(block, Signatures)
    colon = "：" if document.lang == "zh" else ":"
    return f'<div class="sign">{"".join(f"<div>{escape(line)}{colon}<i></i></div>" for line in block.lines)}</div>'


def _table(table: Table, anchors: set[str]) -> Iterator[str]:
    many = len(table.rows) > _TOGETHER
    if table.title:
        yield f"<h3>{escape(table.title)}</h3>"
    kinds = (
        ("dense", table.dense), ("ranks", table.ranks), ("signs", table.signs), ("whole", not many),
    )  # fmt: skip
    names = [name for name, is_ in kinds if is_]
    kind = f' class="{" ".join(names)}"' if names else ""
    heads = "".join(_head(head) for head in table.heads)
    yield f"<table{kind}><thead><tr>{heads}</tr></thead><tbody>"
    for n, row in enumerate(table.rows):
        anchor = table.anchors[n] if n < len(table.anchors) else ""
        yield f'<tr id="{escape(anchor)}">' if anchor else "<tr>"
        yield "".join(
            _cell(cell, anchors, _NAME if many and not column else _SHORT) for column, cell in enumerate(row)
        )
        yield "</tr>"
    yield "</tbody></table>"


def _head(text: str) -> str:
    short = ' class="w"' if columns(text) <= _SHORT_HEAD else ""
    return f"<th{short}>{escape(text)}</th>"


def _cell(cell: Cell, anchors: set[str], short: int) -> str:
    text = shown(cell)
    place = "n" if cell.number or cell.share else "w" if columns(text) <= short else ""
    kinds = " ".join(k for k in (place, cell.tone, "marked" if cell.marked else "") if k)
    said = escape(text)
    if cell.anchor in anchors:
        said = f'<a href="#{escape(cell.anchor)}">{said}</a>'
    of = f' class="{kinds}"' if kinds else ""
    key = f' data-key="{escape(cell.key)}"' if cell.key else ""
    return f"<td{of}{key}>{said}</td>"
