"""What comes of reading a site file, for those who do not read it themselves."""

from __future__ import annotations

import re
from typing import NamedTuple

from config.phrase import LANGS, Lang
from config.problems import Problem
from config.site import Site

_LANGUAGE = re.compile(r"""^language:\s*["']?(\w+)""", re.MULTILINE)


class Loaded(NamedTuple):
    """`site` is None where a problem is an error. `text` is the file, for the excerpts of problems: empty lines where it
    is no site file at all."""

    site: Site | None
    problems: list[Problem]
    text: str = ""

    @property
    def language(self) -> Lang | None:
        """The language that the file names, sound or not; None where it names none."""
        if self.site is not None:
            return self.site.language
        found = _LANGUAGE.search(self.text)
        return next((lang for lang in LANGS if found is not None and found[1] == lang), None)
