"""EnergyPlus behind a site: what is refused and how, the weather it is given, and the building served live."""

from __future__ import annotations

import datetime as dt
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from config.load import load_text
from config.phrase import same
from config.problems import Problem
from config.site import Site
from schedules.weather.epw import read_epw
from simulator.building import SimulatedBuilding
from simulator.plant import energyplus_files
from simulator.plant.base import Commands
from simulator.plant.choice import model_problems, plant_for
from simulator.plant.energyplus import EnergyPlusPlant
from simulator.plant.energyplus_files import midnight, read_model, wheel_models, wheel_weather, write_epw
from simulator.plant.energyplus_model import ModelProblem, Stopped, Unusable, prepare
from simulator.plant.from_site import building_of
from simulator.plant.kind import PlantKind
from simulator.weather import SyntheticShanghai
from supervisor.rehearsal.scenario import weather_of
from tests.site_files import site_of_file, site_of_text

OFFICE = Path(__file__).parents[2] / "bench" / "small_office.yaml"
TEXT = OFFICE.read_text(encoding="utf-8")
START = dt.datetime(2026, 7, 15, 10, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp()
Draft = Callable[..., Site]


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    """The small office with a word changed, in a folder of its own."""

    def write(old: str = "", new: str = "") -> Site:
        assert old in TEXT
        path = tmp_path / "office.yaml"
        path.write_text(TEXT.replace(old, new, 1) if old else TEXT, encoding="utf-8")
        return site_of_file(path)

    return write


def only(problems: list[Problem]) -> Problem:
    """The one problem there is; it says where and what to do."""
    (problem,) = problems
    assert problem.line > 1
    assert problem.hint
    return problem


def test_the_small_office_of_the_wheel_is_found_by_its_name(draft: Draft) -> None:
    """No problem; and there are models and weather files to choose from."""
    assert model_problems(draft()) == []
    assert {"small_office", "ashrae_office_small"} <= wheel_models().keys()
    weather, found = weather_of(Path("usa_co_denver"), 1)
    assert weather is not None, found
    assert weather.site.altitude > 1500.0
    assert "usa_co_denver" in wheel_weather()


def test_a_site_that_names_no_model_is_told_what_to_write(draft: Draft) -> None:
    """The section as an example."""
    text = "\n".join(
        line for line in TEXT.splitlines() if "energyplus" not in line and "  model:" not in line
    )
    text = "\n".join(line for line in text.splitlines() if "Core_ZN" not in line)
    loaded = load_text(text)
    assert loaded.site is not None, loaded.problems
    (problem,) = model_problems(loaded.site)
    assert "energyplus: {model: small_office" in problem.hint


def test_without_the_extra_the_answer_is_how_to_install_it(
    draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The built-in plant needs nothing; EnergyPlus is 46 MB that a gateway box does without."""
    monkeypatch.setattr(energyplus_files, "installed", lambda: False)
    (problem,) = model_problems(draft())
    assert problem.message == "EnergyPlus is not installed"
    assert "pip install" in problem.hint
    assert wheel_weather() == {}


def test_a_model_that_is_nowhere_is_named_with_where_it_was_looked_for(draft: Draft) -> None:
    """A file beside the site file, or a name with the names there are."""
    problem = only(model_problems(draft("small_office\n", "own.idf\n")))
    assert problem.message == "there is no model file `own.idf`"
    assert problem.path == "energyplus.model"
    problem = only(model_problems(draft("small_office\n", "smal_office\n")))
    assert "small_office" in problem.hint


def test_a_zone_that_the_model_does_not_have_is_shown_in_its_place_with_the_nearest_name(
    draft: Draft,
) -> None:
    """`Cor_ZN` for `Core_ZN`."""
    problem = only(model_problems(draft("Core_ZN", "Cor_ZN")))
    assert problem.message == "the model has no zone `Cor_ZN`"
    assert problem.hint == "did you mean `Core_ZN`?"
    assert problem.path == "energyplus.zones.core"
    line = TEXT.splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("Core_ZN")


def test_a_zone_without_a_place_and_a_place_taken_twice_are_refused(draft: Draft) -> None:
    """Every zone of the site is one zone of the model."""
    problem = only(model_problems(draft("core: Core_ZN, ", "")))
    assert problem.message == "zone core has no zone of the model"
    problem = only(model_problems(draft("west: Perimeter_ZN_4", "west: Perimeter_ZN_3")))
    assert problem.message == "west and north are both `Perimeter_ZN_3`"


def test_a_map_of_a_zone_that_the_site_does_not_have_is_found_by_check() -> None:
    """No EnergyPlus needed for that."""
    (problem,) = load_text(TEXT.replace("core: Core_ZN", "cor: Core_ZN")).problems
    assert problem.message == "there is no zone `cor`"
    assert problem.hint == "did you mean `core`?"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("old.idf", "Version,9.6;\nZone,Core_ZN;\n", "is of EnergyPlus 9.6, and 25.2 is installed"),
        ("bare.idf", "Zone,Core_ZN;\n", "does not say its version"),
        ("broken.idf", "Version,25.2;\nZone,Core_ZN,this,is,no,zone;\n", "broken.idf: "),
        ("old.epJSON", '{"Version": {"V": {"version_identifier": "24.1"}}}', "is of EnergyPlus 24.1"),
        ("torn.epJSON", '{"Version": {"V"', "is not JSON"),
        ("list.epJSON", '["Version"]', "is no epJSON model"),
        ("empty.epJSON", "{}", "does not say its version"),
    ],
)
def test_a_model_that_cannot_be_read_is_a_problem_and_no_traceback(
    draft: Draft, tmp_path: Path, name: str, text: str, says: str
) -> None:
    """Of another version, torn, or nonsense: the site file's line, what is wrong, and a hint."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = model_problems(draft("small_office\n", f"{name}\n"))
    assert found
    assert says in found[0].message
    assert found[0].path == "energyplus.model"
    assert found[0].hint


def test_simulate_refuses_with_place_and_hint_on_one_line_of_the_command(draft: Draft) -> None:
    """Exit 1, the excerpt with its caret, and no traceback."""
    site = draft("Core_ZN", "Cor_ZN")
    command = [sys.executable, "-m", "supervisor", "simulate", site.source, "--plant", "energyplus"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "the model has no zone `Cor_ZN`" in done.stderr
    assert "^^^^^^" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_model_that_energyplus_itself_refuses_says_so_in_its_words(tmp_path: Path) -> None:
    """A zone's wall of a construction that is not there: EnergyPlus's severe errors become problems."""
    document = json.loads(json.dumps(read_model(wheel_models()["small_office"])))
    del document["Construction"]["Window Non-res Fixed"]
    (tmp_path / "broken.epJSON").write_text(json.dumps(document), encoding="utf-8")
    site = site_of_file(OFFICE)
    assert site.energyplus is not None
    with pytest.raises(Unusable, match=r"broken\.epJSON: .*invalid construction_name"):
        EnergyPlusPlant(
            building_of(site), site.energyplus.zones, "broken.epJSON", SyntheticShanghai(1), START,
            end=START + 86_400.0, timesteps=6, folder=tmp_path,
        )  # fmt: skip


def test_after_its_end_or_once_closed_it_says_so_and_does_not_hang() -> None:
    """A run of one day that is asked for more; and a refusal is the same after a journey between processes."""
    site = site_of_text(TEXT.replace("model: small_office", "model: small_office\n  timesteps: 6"))
    building = building_of(site)
    midnight_ = dt.datetime(2026, 7, 15, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp()
    plant = plant_for(
        PlantKind.ENERGYPLUS, site, building, SyntheticShanghai(1), midnight_, midnight_ + 3600.0
    )
    idle = Commands.idle(5)
    for _ in range(24):
        plant.step(3600.0, idle)
    with pytest.raises(Stopped, match="no further step"):
        plant.step(3600.0, idle)
    plant.close()
    with pytest.raises(Stopped, match="it was closed"):
        plant.step(60.0, idle)
    refused = Unusable([ModelProblem(("model",), same("broken"), same("mend it"))])
    assert pickle.loads(pickle.dumps(refused)).problems == refused.problems


def test_the_weather_it_is_given_is_the_weather_that_the_built_in_plant_sees(tmp_path: Path) -> None:
    """A year written as EPW and read again: the same temperatures, and the same sun within a per cent."""
    weather = SyntheticShanghai(5)
    path = tmp_path / "year.epw"
    write_epw(weather, dt.date(2026, 1, 1), dt.date(2026, 12, 31), path)
    read = read_epw(path)
    assert read.weather is not None, read.problems
    start = midnight(dt.date(2026, 1, 2), weather)
    hours = start + 3600.0 * np.arange(24 * 300, dtype=np.float64)
    ours, theirs = weather.series(hours), read.weather.series(hours)
    assert theirs.dry_bulb == pytest.approx(ours.dry_bulb, abs=0.01)
    assert theirs.relative_humidity == pytest.approx(ours.relative_humidity, abs=0.1)
    assert theirs.diffuse.mean() == pytest.approx(ours.diffuse.mean(), rel=0.01)
    assert theirs.direct_normal.mean() == pytest.approx(ours.direct_normal.mean(), rel=0.02)


def test_units_of_a_zone_and_terminals_of_a_shared_air_loop_get_a_switch_of_their_own() -> None:
    """The medium office: fifteen zones behind three air handlers. Each loop serves its own floor's rooms."""
    document = read_model(wheel_models()["medium_office"])
    rooms = ["Core_bottom", "Perimeter_bot_ZN_1", "Core_mid", "Core_top"]
    ready = prepare(document, rooms, dt.date(2026, 1, 1), dt.date(2026, 1, 2), 6)
    assert sorted(loop.zones for loop in ready.loops) == [(0, 1), (2,), (3,)]
    assert all(zone.conditioned and zone.people and zone.lights and zone.equipment for zone in ready.zones)
    terminals = ready.document["AirTerminal:SingleDuct:VAV:Reheat"].values()
    switched = {terminal["availability_schedule_name"] for terminal in terminals}
    assert {zone.available for zone in ready.zones} <= switched
    assert "Supervisor on Core_bottom" not in json.dumps(document)  # what was read is left as it was


def test_the_building_behind_the_controllers_lives_on_energyplus(draft: Draft) -> None:
    """As the demo's process steps it: commands of the controllers in, readings for their inputs out."""
    site = draft("model: small_office", "model: small_office\n  timesteps: 6")
    building = SimulatedBuilding(site, START, plant=PlantKind.ENERGYPLUS)
    try:
        shown = {point.id: 22 if "setpoint" in point.id else 1 for point in building.commandable()}
        shown |= {id_: 24 for id_ in shown if id_.endswith("cooling_setpoint")}
        building.command(lambda point: shown[point.id])
        inputs, _ = building.advance(START + 2 * 3600.0)
        values = {(i.object_type, i.instance): i.value for i in inputs}
    finally:
        building.plant.close()
    assert values["analog-input", 200] == pytest.approx(24.0, abs=0.2)
    assert values["binary-input", 200] == 1


def test_the_simulated_controllers_serve_energyplus_on_real_bacnet(draft: Draft) -> None:
    """`python -m simulator SITE --plant energyplus`: ready, a room's reading on the wire, and a clean end."""
    site = draft("127.0.0.2:47808", "127.0.79.2:47991")
    start = dt.datetime.fromtimestamp(START, dt.UTC).isoformat()
    command = [
        sys.executable,
        "-m",
        "simulator",
        site.source,
        "--plant",
        "energyplus",
        "--start",
        start,
        "--speed",
        "600",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["ready"]
        process.stdin.write(json.dumps({"do": "present", "point": "south/unit/temperature"}) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        process.stdin.write(json.dumps({"do": "stop"}) + "\n")
        process.stdin.flush()
        assert process.wait(60) == 0
    assert 15.0 < answer["value"] < 40.0
