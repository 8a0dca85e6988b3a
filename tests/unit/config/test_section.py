"""A section is a value that keeps its own counsel: what validates it comes only when there is something to validate."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest

from config.file import Bacnet, Http, SiteFile
from config.rules import RuleSettings
from config.trial import Trial


def test_defaults_need_nothing_that_validates() -> None:
    """The page of a building whose file says nothing of it."""
    asked = "import sys; from config.file import Http; print(Http().port, 'pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["8026", "False"]


def test_what_is_written_is_validated() -> None:
    """By name or alias; unknown keys and what is out of range are refused."""
    assert Http(port=80) == Http.model_validate({"port": "80"})
    assert RuleSettings.model_validate({"min-off": {"off_for": "5min"}}).min_off.off_for == 300.0
    for wrong in ({"port": 0}, {"prot": 80}):
        with pytest.raises(ValueError, match="Http"):
            Http(**wrong)
    with pytest.raises(ValueError, match="building"):
        SiteFile()


def test_it_is_frozen_and_a_value() -> None:
    """Two that say the same are the same, in tables as well; none can be changed."""
    one, other = Http(port=80), Http(port=81)
    assert len({one, Http(port=80), other}) == 2
    assert one != other
    assert Bacnet() != Http()
    with pytest.raises(AttributeError):
        one.port = 81
    with pytest.raises(AttributeError):
        del one.port


def test_a_copy_knows_what_somebody_wrote() -> None:
    """Settings of a zone go over the building's where they were written."""
    one = Http(port=80)
    for again in (copy.deepcopy(one), pickle.loads(pickle.dumps(one)), one.model_copy(update={})):
        assert again == one
        assert again.model_fields_set == {"port"}
    assert one.model_copy(update={"bind": "::"}).model_fields_set == {"port", "bind"}


def test_it_goes_into_the_audit_and_comes_back() -> None:
    """The terms of a trial are drawn as they were written."""
    trial = Trial.model_validate({"start": "2027-01-04", "seed": 3, "events": [{"from": "2027-02-01", "to": "2027-02-07", "note": "fair"}]})  # fmt: skip
    said = trial.model_dump(mode="json", by_alias=True)
    assert said["events"][0]["from"] == "2027-02-01"
    assert Trial.model_validate(said) == trial
