"""A controller is swapped: another vendor's, or with other objects, goes into quarantine until a person accepts it."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import config
from config.load import load
from config.site import Site
from drivers.protocol import Address, Answer, Identity, Misconfigured, Sighting, Silent
from supervisor.field.register import Lessons, Likeness, Places, Register, mapped, object_key, replaced
from supervisor.field.vetted import vetted
from supervisor.field.vetting import AGAIN, BRIEF, FRESH, SOON, Quarantined
from supervisor.store.problems import StoreProblem
from tests.fakes import FakeDevice, FakeDriver, FakeObject, virtual_time

DEVICE = "ddc-2"
WAS = Likeness(
    999,
    "FC-20",
    {"analog-value:1": "Setpoint 201", "binary-output:1": "Run 201", "analog-input:1": "Room 201"},
)
NOTHING: frozenset[str] = frozenset()


def test_the_same_device_is_recognised() -> None:
    """Also where a mapped object was added, or one is gone, or its firmware is newer."""
    assert replaced(WAS, WAS, NOTHING) is None
    more = WAS._replace(names={**WAS.names, "analog-input:2": "Humidity"})
    assert replaced(WAS, more, NOTHING) is None
    fewer = WAS._replace(names={k: v for k, v in WAS.names.items() if k != "analog-input:1"})
    assert replaced(WAS, fewer, frozenset({"analog-input:1"})) is None
    assert replaced(WAS, WAS._replace(model="FC-20 v2.1"), NOTHING) is None


@pytest.mark.parametrize(
    ("found", "gone", "why"),
    [
        (WAS._replace(vendor_id=7), NOTHING, "vendor 7, was 999"),
        (
            WAS._replace(names={**WAS.names, "analog-value:1": "Speed"}),
            NOTHING,
            "analog-value:1 is called “Speed”, was “Setpoint 201”",
        ),
        (WAS._replace(names={}), frozenset(WAS.names), "none of its objects is there"),
    ],
)
def test_another_device_is_not(found: Likeness, gone: frozenset[str], why: str) -> None:
    """Another vendor, an object of another name, or none of the objects at all."""
    said = replaced(WAS, found, gone)
    assert said is not None
    assert said[0] == why
    assert said[1] != why


async def test_names_of_controllers_built_alike_are_kept_once(site: Site) -> None:
    """Two from one series, the names of one read from the wire and of the other from the record; the third is called otherwise
    and stays itself, whatever becomes of its neighbours."""
    one, other, third = (dataclasses.replace(site.devices[DEVICE], id=f"d{n}", instance=n) for n in range(3))

    async def recall(instance: int) -> Any:
        return WAS.saved() if instance == other.instance else None

    register = Register(recall, lambda instance, saved: None)
    renamed = WAS._replace(names={**WAS.names, "analog-value:1": "Speed"})
    await register.judge(one, WAS._replace(names=dict(WAS.names)), NOTHING)
    await register.judge(third, renamed, NOTHING)
    found = [await register.known(device) for device in (one, other, third)]
    assert found == [WAS, WAS, renamed]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].names is found[1].names
    grown = WAS._replace(names={**WAS.names, "analog-input:2": "Humidity"})
    await register.judge(one, grown, NOTHING)
    assert await register.known(other) == WAS


def test_a_reason_quotes_three_names_and_counts_the_others() -> None:
    """A controller with two hundred other objects makes one line, not two hundred."""
    names = {f"analog-value:{n}": f"old {n}" for n in range(200)}
    said = replaced(Likeness(1, "", names), Likeness(1, "", dict.fromkeys(names, "new")), NOTHING)
    assert said is not None
    assert said[0].endswith("197 more objects have other names")


class Street(FakeDriver):
    """The office's controllers, one of which may be another's by now."""

    def __init__(self, site: Site) -> None:
        objects: dict[str, dict[tuple[str, int], FakeObject]] = {device: {} for device in site.devices}
        for point in site.points.values():
            objects[point.device][point.object_type, point.instance] = FakeObject(1)
        super().__init__({device: FakeDevice(found) for device, found in objects.items()})
        self.vendor, self.prefix, self.rpm = 999, "", True
        self.asked: list[int] = []
        """How many names were asked for, call by call."""
        self.taught: dict[str, dict[str, Any]] = {}
        """What there is to learn about asking each."""
        self.recalled: list[tuple[str, dict[str, Any]]] = []

    async def identify(self, device: str) -> Identity:
        """Whoever is there now."""
        who = await super().identify(device)
        return who._replace(vendor_id=self.vendor, name=f"{self.prefix}{device}", rpm=self.rpm)

    async def names(self, addresses: Sequence[Address]) -> list[Answer]:
        """Names after whoever made the controller's program."""
        self.asked.append(len(addresses))
        answers = await super().names(addresses)
        return [answer._replace(value=f"{self.prefix}{answer.value}") for answer in answers]

    def learnt(self, device: str) -> dict[str, Any]:
        """What was learnt by now."""
        return self.taught.get(device, {})

    def recall(self, device: str, saved: dict[str, Any]) -> None:
        """What an earlier run had learnt."""
        self.recalled.append((device, saved))

    def swap(self) -> None:
        """The electrician puts another vendor's controller in."""
        self.vendor, self.prefix = 7, "VAV "


class Desk:
    """The register, its database and what it told."""

    def __init__(self) -> None:
        loaded = load(Path(config.__file__).parent / "examples" / "office.yaml")
        assert loaded.site is not None
        self.site = loaded.site
        self.wire = Street(self.site)
        self.kept: dict[int, Any] = {}
        self.places: dict[int, Any] = {}
        self.lessons: dict[int, Any] = {}
        self.told: list[str] = []
        self.broken = False
        self.start()

    def start(self) -> None:
        """The daemon starts: all that it knows is in the database."""

        async def recall(instance: int) -> Any:
            if self.broken:
                raise StoreProblem("disk full")
            return self.kept.get(instance)

        async def place(instance: int) -> Any:
            return self.places.get(instance)

        async def lesson(instance: int) -> Any:
            return self.lessons.get(instance)

        self.register = Register(
            recall, self.kept.__setitem__, lambda d, what: self.told.append(f"{d} {what.en}"),
            Places(place, self.places.__setitem__), Lessons(lesson, self.lessons.__setitem__),
        )  # fmt: skip
        self.reads, self.writes = vetted(self.site, self.wire.line, self.register)

    @property
    def point(self) -> Address:
        """A point that we may write."""
        return mapped(self.site)[DEVICE][0]


@virtual_time
async def test_the_story_of_a_swapped_controller() -> None:
    """Adopted, restarted, swapped while the daemon was away: shown as faulty, never written, accepted, written."""
    desk = Desk()
    await desk.writes.write(desk.point, 1, 10)
    assert len(desk.wire.landed) == 1
    assert desk.told == []
    assert object_key(desk.point) in desk.kept[desk.site.devices[DEVICE].instance]["names"]

    desk.start()
    desk.wire.swap()
    await desk.reads.identify(DEVICE)
    assert len(desk.told) == 1
    assert desk.told[0].startswith("ddc-2 quarantined, nothing is written to it: vendor 7, was 999; ")
    assert "doctor --accept ddc-2" in desk.told[0]
    answer = (await desk.reads.read([desk.point]))[0]
    assert answer.error is None
    assert answer.fault, "shown, and no evidence"
    for call in (desk.writes.read_array(desk.point), desk.writes.read([desk.point])):
        with pytest.raises(Quarantined, match="another device in its place: vendor 7"):
            await call
    for _ in range(50):
        with pytest.raises(Quarantined):
            await desk.writes.write(desk.point, 0, 10)
        await asyncio.sleep(60)
        await desk.reads.identify(DEVICE)
    assert len(desk.wire.landed) == 1
    assert len(desk.told) == 1, "told once"

    other = mapped(desk.site)["ddc-4"][0]
    desk.wire.vendor, desk.wire.prefix = 999, ""
    await desk.writes.write(other, 1, 10)
    desk.wire.swap()

    assert desk.register.accept(desk.site.devices[DEVICE])
    await desk.writes.write(desk.point, 0, 10)
    assert desk.wire.landed[-1].address == desk.point
    assert not (await desk.reads.read([desk.point]))[0].fault
    assert not desk.register.accept(desk.site.devices[DEVICE])


@virtual_time
async def test_the_right_controller_put_back_ends_the_quarantine() -> None:
    """The electrician notices the mistake: nobody has to accept what was adopted before."""
    desk = Desk()
    await desk.reads.identify(DEVICE)
    desk.wire.swap()
    await asyncio.sleep(BRIEF + 1)
    await desk.reads.identify(DEVICE)
    assert desk.register.reason(DEVICE)
    desk.wire.vendor, desk.wire.prefix = 999, ""
    await desk.reads.identify(DEVICE)
    assert desk.register.reason(DEVICE) == ""
    assert desk.told[-1] == "ddc-2 is again the device that was adopted"
    await desk.writes.write(desk.point, 1, 10)


@virtual_time
async def test_after_a_silence_nothing_is_written_before_the_device_is_recognised() -> None:
    """The swap happened while it was silent, and the first thing after it is a write: it never goes out."""
    desk = Desk()
    await desk.writes.write(desk.point, 1, 10)
    desk.wire.devices[DEVICE].silent = True
    with pytest.raises(Silent):
        await desk.reads.read([desk.point])
    desk.wire.devices[DEVICE].silent = False
    desk.wire.swap()
    with pytest.raises(Quarantined):
        await desk.writes.write(desk.point, 0, 10)
    assert len(desk.wire.landed) == 1


@virtual_time
async def test_a_swap_of_a_moment_is_noticed_before_a_write_is_prepared() -> None:
    """Nobody asked while it took place: reading the array for the next write tells, and so does a write alone."""
    for reads_first in (True, False):
        desk = Desk()
        await desk.writes.write(desk.point, 1, 10)
        await asyncio.sleep(FRESH + 0.1)
        desk.wire.swap()
        if reads_first:
            with pytest.raises(Quarantined):
                await desk.writes.read_array(desk.point)
        with pytest.raises(Quarantined):
            await desk.writes.write(desk.point, 0, 10)
        assert len(desk.wire.landed) == 1


@virtual_time
async def test_a_device_that_announces_itself_is_recognised_before_it_is_written() -> None:
    """The swap took two seconds, and nobody asked meanwhile; a new controller says I-Am when it starts."""
    desk = Desk()
    await desk.writes.write(desk.point, 1, 10)
    desk.wire.swap()
    desk.wire.on_restart(DEVICE)
    with pytest.raises(Quarantined):
        await desk.writes.write(desk.point, 0, 10)
    assert len(desk.wire.landed) == 1


@pytest.mark.parametrize("silent", [False, True], ids=["it said I-Am", "it was silent"])
@virtual_time
async def test_what_a_replaced_controller_says_first_is_no_word_of_who_it_is(silent: bool) -> None:
    """One of the same make, called alike, with other objects: it reports a change before it is asked for its names."""
    desk = Desk()
    await desk.writes.write(desk.point, 1, 10)
    if silent:
        desk.wire.devices[DEVICE].silent = True
        with pytest.raises(Silent):
            await desk.reads.read([desk.point])
        await asyncio.sleep(BRIEF)
        desk.wire.devices[DEVICE].silent = False
    true_names = desk.wire.names

    async def names(addresses: Sequence[Address]) -> list[Answer]:
        return [a._replace(value=f"AHU {a.value}") for a in await true_names(addresses)]

    desk.wire.names = names  # type: ignore[method-assign] # another's objects
    if not silent:
        desk.wire.on_restart(DEVICE)
    desk.wire.report(Answer(desk.point, 1, False, None))
    async for _ in desk.reads.changes():
        break
    await desk.reads.identify(DEVICE)
    assert desk.register.reason(DEVICE), "its names were read"


@virtual_time
async def test_a_controller_whose_names_could_not_be_read_is_not_taken_for_itself_a_minute_later() -> None:
    """It started anew, said who it was and fell silent over its names: nothing is written until those were read."""
    desk = Desk()
    await desk.writes.write(desk.point, 1, 10)
    true_names = desk.wire.names

    async def names(addresses: Sequence[Address]) -> list[Answer]:
        raise Silent(DEVICE, "no answer within 3 s")

    desk.wire.names = names  # type: ignore[method-assign] # over a list of them
    desk.wire.on_restart(DEVICE)
    for _ in range(3):
        await desk.reads.identify(DEVICE)
        with pytest.raises(Exception, match="not recognised: no answer"):
            await desk.writes.write(desk.point, 0, 10)
        await asyncio.sleep(1.0)
    desk.wire.names = true_names  # type: ignore[method-assign] # it answers again
    await desk.writes.write(desk.point, 0, 10)
    assert [landed.value for landed in desk.wire.landed] == [1, 0]


@virtual_time
async def test_a_start_while_the_names_are_being_read_counts_too() -> None:
    """What was read of it is of before: it is asked once more."""
    desk = Desk()
    await desk.reads.identify(DEVICE)
    desk.wire.on_restart(DEVICE)
    true_names, asked = desk.wire.names, len(desk.wire.asked)

    async def names(addresses: Sequence[Address]) -> list[Answer]:
        answers = await true_names(addresses)
        desk.wire.names = true_names  # type: ignore[method-assign] # once
        desk.wire.on_restart(DEVICE)
        return answers

    desk.wire.names = names  # type: ignore[method-assign] # it starts once more
    await desk.reads.identify(DEVICE)
    await desk.writes.write(desk.point, 1, 10)
    assert sum(desk.wire.asked[asked:]) == 2 * len(mapped(desk.site)[DEVICE]), "by all its names, twice"


@virtual_time
async def test_names_are_read_when_there_is_reason_to() -> None:
    """At the first look, after a long silence, once an hour; not at each of the looks every minute."""
    desk = Desk()
    await desk.reads.identify(DEVICE)
    once = len(desk.wire.asked)
    count = len(mapped(desk.site)[DEVICE])
    assert sum(desk.wire.asked) == 2 * count, "what it is from its first day on is said twice"
    for _ in range(5):
        await desk.reads.read([desk.point])
        await asyncio.sleep(BRIEF / 2)
        await desk.reads.identify(DEVICE)
    assert len(desk.wire.asked) == once
    await asyncio.sleep(AGAIN)
    await desk.reads.identify(DEVICE)
    assert sum(desk.wire.asked) == 3 * count


@virtual_time
async def test_without_its_database_the_building_is_read_and_not_written() -> None:
    """Nobody can tell who the controllers were: readings go on, writes wait until it is known again."""
    desk = Desk()
    desk.broken = True
    await desk.reads.identify(DEVICE)
    assert (await desk.reads.read([desk.point]))[0].value == 1
    with pytest.raises(Exception, match="not recognised: disk full"):
        await desk.writes.write(desk.point, 0, 10)
    assert desk.wire.landed == []
    desk.broken = False
    await desk.writes.write(desk.point, 0, 10)
    assert len(desk.wire.landed) == 1


@virtual_time
async def test_one_falsified_answer_does_not_end_all_writing() -> None:
    """Somebody forges a name in a single answer: the device is asked again, and is what it was."""
    desk = Desk()
    await desk.writes.write(desk.point, 1, 10)
    true_names, lies = desk.wire.names, ["Speed"]

    async def names(addresses: Sequence[Address]) -> list[Answer]:
        answers = await true_names(addresses)
        return [a._replace(value=lies.pop()) if lies else a for a in answers]

    desk.wire.names = names  # type: ignore[method-assign] # one answer of many is forged
    await asyncio.sleep(AGAIN + 1)
    await desk.reads.identify(DEVICE)
    assert lies == [], "the forged answer was read"
    assert desk.told == []
    await desk.writes.write(desk.point, 0, 10)


@virtual_time
async def test_a_device_without_names_is_known_by_its_vendor() -> None:
    """It answers every question about a name with an error: that is no reason to leave it alone."""
    desk = Desk()

    async def nameless(addresses: Sequence[Address]) -> list[Answer]:
        return [Answer(a, None, False, Misconfigured(a.device, "unknown property")) for a in addresses]

    desk.wire.names = nameless  # type: ignore[method-assign]  # this controller's way
    await desk.writes.write(desk.point, 1, 10)
    desk.wire.vendor = 7
    await asyncio.sleep(BRIEF + 1)
    await desk.reads.identify(DEVICE)
    with pytest.raises(Quarantined, match="vendor 7, was 999"):
        await desk.writes.write(desk.point, 0, 10)


def falsified(wire: Street, share: float, seed: int) -> None:
    """So many of its answers about itself say something else, each in a way of its own."""
    dice, true_names, true_who = random.Random(seed), wire.names, wire.identify

    async def names(addresses: Sequence[Address]) -> list[Answer]:
        answers = await true_names(addresses)
        if dice.random() >= share:
            return answers
        spoilt = dice.randrange(len(answers))
        return [a._replace(value=f"{dice.random()}") if i == spoilt else a for i, a in enumerate(answers)]

    async def identify(device: str) -> Identity:
        who = await true_who(device)
        return who._replace(vendor_id=dice.randrange(65_536)) if dice.random() < share else who

    wire.names, wire.identify = names, identify  # type: ignore[method-assign] # a wire that lies


@pytest.mark.parametrize("seed", range(8))
@virtual_time
async def test_a_wire_that_lies_every_other_time_puts_nobody_into_quarantine(seed: int) -> None:
    """Half of all answers about the device are falsified, for a day: recognised all along, or at the next look."""
    desk = Desk()
    await desk.reads.identify(DEVICE)
    falsified(desk.wire, 0.5, seed)
    for _ in range(24):
        await asyncio.sleep(AGAIN + 1)
        await desk.reads.identify(DEVICE)
    assert desk.told == []
    assert desk.register.suspects == {}


@virtual_time
async def test_a_first_look_that_was_falsified_is_not_what_the_device_is_for_good() -> None:
    """On its first day one name and the vendor are falsified once: the device is adopted as it is, and never quarantined."""
    desk = Desk()
    true_names, true_who, lies = desk.wire.names, desk.wire.identify, ["Speed", "vendor"]

    async def names(addresses: Sequence[Address]) -> list[Answer]:
        answers = await true_names(addresses)
        return [a._replace(value=lies.pop(0)) if "Speed" in lies else a for a in answers]

    async def identify(device: str) -> Identity:
        who = await true_who(device)
        return who._replace(vendor_id=7) if lies.pop() else who

    async def once(device: str) -> Identity:
        desk.wire.identify = true_who  # type: ignore[method-assign] # the rest is true
        return await identify(device)

    desk.wire.names, desk.wire.identify = names, once  # type: ignore[method-assign] # a wire that lies
    await desk.reads.identify(DEVICE)
    assert lies == []
    kept = desk.kept[desk.site.devices[DEVICE].instance]
    assert kept["vendor"] == 999
    assert "Speed" not in kept["names"].values()


@virtual_time
async def test_a_true_device_in_quarantine_is_let_out_within_seconds() -> None:
    """The same was falsified twice, and it went into quarantine: the next attempt to write looks again, and writes."""
    desk = Desk()
    await desk.writes.write(desk.point, 1, 10)
    true_names, lies = desk.wire.names, ["Speed", "Speed"]

    async def names(addresses: Sequence[Address]) -> list[Answer]:
        answers = await true_names(addresses)
        lie = lies.pop() if lies and desk.point in addresses else None
        return [a._replace(value=lie) if lie and a.address == desk.point else a for a in answers]

    desk.wire.names = names  # type: ignore[method-assign] # falsified twice alike
    desk.wire.on_restart(DEVICE)
    with pytest.raises(Quarantined):
        await desk.writes.write(desk.point, 0, 10)
    with pytest.raises(Quarantined):
        await desk.writes.write(desk.point, 0, 10)
    await asyncio.sleep(SOON + 0.1)
    await desk.writes.write(desk.point, 0, 10)
    assert desk.wire.landed[-1].value == 0
    assert desk.told[-1] == "ddc-2 is again the device that was adopted"


@virtual_time
async def test_a_move_of_a_fixed_address_waits_for_a_person() -> None:
    """Told once, accepted, kept over a restart, void once the file has another address or the device is at home again."""
    desk = Desk()
    spec = desk.site.devices[DEVICE]
    home, there = str(spec.address), "10.9.9.9:47808"
    await desk.reads.identify(DEVICE)
    assert desk.wire.followed == []
    assert not desk.register.accept(spec)

    desk.wire.on_sighting(DEVICE, Sighting(home, there, followed=False))
    desk.wire.on_sighting(DEVICE, Sighting(home, there, followed=False))
    assert "doctor --accept ddc-2" in desk.told[0]
    assert there in desk.told[0]
    desk.wire.on_sighting(DEVICE, None)
    assert desk.told[-1] == f"ddc-2 is no longer said to be at {there}, besides {home}", (
        "it may be silent at home"
    )
    desk.wire.on_sighting(DEVICE, Sighting(home, there, followed=False))
    assert desk.register.accept(spec)
    assert desk.wire.followed == [(DEVICE, there)]
    desk.wire.on_sighting(DEVICE, Sighting(home, there, followed=True))

    desk.start()
    await desk.reads.identify(DEVICE)
    assert desk.wire.followed == [(DEVICE, there)] * 2, "the daemon started anew"
    await desk.reads.identify(DEVICE)
    assert len(desk.wire.followed) == 2

    desk.site = dataclasses.replace(
        desk.site,
        devices={**desk.site.devices, DEVICE: dataclasses.replace(spec, address="10.1.1.1:47808")},
    )
    desk.start()
    await desk.reads.identify(DEVICE)
    assert len(desk.wire.followed) == 2, "the file says something newer"

    desk.site = dataclasses.replace(desk.site, devices={**desk.site.devices, DEVICE: spec})
    desk.start()
    await desk.reads.identify(DEVICE)
    assert len(desk.wire.followed) == 3
    desk.wire.on_sighting(DEVICE, Sighting(home, there, followed=True))
    desk.wire.on_sighting(DEVICE, None)
    assert desk.told[-1] == f"ddc-2 answers in one place again, {home}"
    desk.start()
    await desk.reads.identify(DEVICE)
    assert len(desk.wire.followed) == 3, "it was at home again"


@virtual_time
async def test_a_device_that_answers_from_elsewhere_is_recognised_by_all_its_names() -> None:
    """The same vendor, model and name at another address, and other objects: quarantined before anything is written."""
    desk = Desk()
    await desk.writes.write(desk.point, 1, 10)
    true_who = desk.wire.identify

    async def identify(device: str) -> Identity:
        return (await true_who(device))._replace(address="10.9.9.9:47808", vendor_id=999, name=device)

    desk.wire.identify = identify  # type: ignore[method-assign] # it answers elsewhere
    desk.wire.prefix = "VAV "
    await desk.reads.identify(DEVICE)
    with pytest.raises(Quarantined):
        await desk.writes.write(desk.point, 0, 10)


@virtual_time
async def test_what_was_learnt_about_asking_a_device_is_in_the_database_at_the_next_start() -> None:
    """That it answers in nine seconds, say: told to the driver before it is first asked, written once, and forgotten with the device."""
    desk = Desk()
    spec = desk.site.devices[DEVICE]
    await desk.reads.identify(DEVICE)
    assert desk.wire.recalled == [(DEVICE, {})]
    assert desk.lessons == {}
    desk.wire.taught[DEVICE] = {"waits": 9.0}
    for _ in range(2):
        await desk.reads.identify(DEVICE)
    assert desk.lessons == {spec.instance: {"waits": 9.0}}
    desk.start()
    await desk.reads.identify(DEVICE)
    assert desk.wire.recalled[1:] == [(DEVICE, {"waits": 9.0})]
    desk.register.forget(spec)
    assert desk.lessons == {spec.instance: {}}
