"""What `check` says can never hold is what the rules themselves say of a zone."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.checks.habits import NEEDS
from supervisor.core.rules import ALL
from tests.site_files import site_of_file

_EXAMPLES = Path(__file__).parents[3] / "config" / "examples"


@pytest.mark.parametrize("path", sorted(_EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_check_and_rule_agree_in_every_room_of_the_examples(path: Path) -> None:
    """A room that a rule leaves alone for want of a sensor is one of which `check` says so, and no other."""
    site = site_of_file(path)
    rules = {rule.id: rule for rule in ALL}
    differ = [
        (zone.id, rule.value)
        for zone in site.zones.values()
        for rule, (applies, _) in NEEDS.items()
        if applies(zone) != rules[rule].applies(zone)
    ]
    assert differ == []
