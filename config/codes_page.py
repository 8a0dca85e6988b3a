"""The reference page of the codes of problems: `python -m config.codes_page`."""

from __future__ import annotations

import sys
from typing import Final

from config.codes import CODES

_HEAD: Final = """\
# Codes of problems · 问题代码

`building-supervisor check SITE.yaml --format json` gives each problem a `severity` (`error`, `warning` or `note`) and a `code`;
generated from the code. Codes stay while sentences are reworded. Warnings and notes leave `ok` true and the exit code 0.

`check --format json` 的每个问题都有 `severity`（`error` 错误，`warning` 警告、`note` 说明）和 `code`。措辞会改，代码不变；只有警告或说明时 `ok` 仍为
true，退出码仍为 0。

| code | what it is | 含义 |
|---|---|---|
"""


def page() -> str:
    """The page, as Markdown."""
    return _HEAD + "".join(f"| `{name}` | {means.en} | {means.zh} |\n" for name, means in CODES.items())


if __name__ == "__main__":
    sys.stdout.write(page())
