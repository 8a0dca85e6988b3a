"""An odd controller is recorded on real datagrams and played again: whoever asks the one and the other hears the same."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.raw import Raw
from drivers.recorded import Asked, NoFixture, Recorded, read, written
from simulator.bacnet.replayed import Replayed
from supervisor.field.survey.objects import Survey
from supervisor.field.survey.record import Recorder, shown
from supervisor.field.survey.walk import Walk
from tests.contract import wire
from tests.contract.conftest import OURS
from tests.contract.scripted import Key
from tests.contract.servers import CONTROLLER, DRIVER
from tests.contract.surveyed import Surveyed, fan_coils

DESCRIPTION, UNITS, PRESENT = 28, 117, 85
COMMAND = str(Path(sys.executable).parent / "building-supervisor")
SITE = """
version: 1
building: odd
timezone: Asia/Shanghai
season: {{method: dates, dates: {{spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}}}
hours: {{office: {{workday: 09:00-17:30}}}}
templates:
  fcu:
    kind: fcu
    points:
      start_stop: {{object: binary-output:0, writable: true}}
      run_status: binary-input:0
      cooling_setpoint: {{object: analog-value:0, writable: true, low: 16, high: 32}}
      temperature: analog-input:0
zones: {{a: {{hours: office, equipment: {{fcu: ddc/0}}}}, b: {{hours: office, equipment: {{fcu: ddc/10}}}}}}
devices: {{ddc: {{instance: 1001, address: '{host}:{port}', timeout: 3s}}}}
bacnet: {{bind: {ours}, port: {own}}}
"""


class Odd(Surveyed):
    """Has faults of its own: a text where a number belongs, an access denied, an abort, a property about which it is silent, and
    an answer that is about another object."""

    def begin(self, slow: float = 0.0) -> None:
        """Set its manners."""
        super().begin(slow)
        self.things[0, 0].says[UNITS] = wire.text("degrees")

    def _property(self, key: Key, number: int, index: int | None = None) -> bytes | tuple[int, int]:
        if (key, number) == ((3, 0), DESCRIPTION):
            return 2, 27  # read-access-denied
        return super()._property(key, number, index)

    def _read(self, frame: wire.Frame) -> bytes:
        tags = wire.tags(frame.data)
        key, number = divmod(tags[0].integer(), 1 << 22), tags[1].integer()
        if (key, number) == ((19, 0), DESCRIPTION):
            return wire.abort(frame.invoke, 1)
        if (key, number) == ((2, 10), DESCRIPTION):
            other = wire.context(0, wire.object_id(2, 0)) + wire.context(1, bytes((DESCRIPTION,)))
            said = other + wire.opening(3) + wire.text("someone else") + wire.closing(3)
            return wire.complex_ack(frame.invoke, frame.service, said)
        return super()._read(frame)


async def surveyed(port: int) -> tuple[dict[str, Any], dict[str, str]]:
    """What a survey finds there, and what it says of the devices."""
    driver = Bac0Driver(DRIVER, port + 1, [], OURS)
    await driver.start()
    try:
        met = await driver.who_is_there(f"{CONTROLLER}:{port}", (1001, 1001), 5.0)
        assert [each.instance for each in met] == [1001]
        walk = Walk(driver, Survey())
        await walk.all(met)
    finally:
        await driver.stop()
    kept = walk.survey.kept()
    kept.pop("at", None)
    return kept, {str(d.instance): d.said for d in walk.survey.devices.values()}


async def recording(port: int) -> Recorded:
    """The device at the port, recorded."""
    driver = Bac0Driver(DRIVER, port + 1, [], OURS)
    await driver.start()
    try:
        await driver.who_is_there(f"{CONTROLLER}:{port}", None, 5.0)
        return await Recorder(driver, "1001", 1001).all()
    finally:
        await driver.stop()


@pytest.mark.parametrize("slow", [0.0, 0.02])
async def test_a_survey_of_the_recording_finds_what_one_of_the_device_found(
    port: int, tmp_path: Path, slow: float
) -> None:
    """Quick with ReadPropertyMultiple, and slow without it and with an object list that does not fit; the file is read back as it was
    written; the device is only read."""
    device = Odd(1001, (CONTROLLER, port), fan_coils(2))
    device.begin(slow)
    await device.start()
    try:
        original = await surveyed(port)
        recorded = await recording(port)
    finally:
        await device.stop()
    assert not device.writes
    file = tmp_path / "odd.yaml"
    file.write_text(
        "".join(written(recorded, "2026-11-28T18:00:00+08:00", shown(recorded))), encoding="utf-8"
    )
    again = read(file)
    assert again.together.keys() == recorded.together.keys()
    rounded = {asked: raw._replace(seconds=0.0) for asked, raw in recorded.answers.items()}
    assert {asked: raw._replace(seconds=0.0) for asked, raw in again.answers.items()} == rounded
    assert again.answers[Asked((3, 0), DESCRIPTION)][:3] == ("error", b"", (2, 27))
    assert again.answers[Asked((19, 0), DESCRIPTION)][:3] == ("abort", b"", (1,))
    assert again.answers[Asked((2, 10), DESCRIPTION)].kind == "other"
    assert again.many.kind == ("reject" if slow else "value")
    assert slow or again.together[Asked((19, 0), DESCRIPTION)][:3] == ("error", b"", (2, 32))
    assert (again.answers[Asked((8, 1001), 76)].kind == "abort") is bool(slow)
    assert '"present-value": {"is": "21.5", "octets": "4441ac0000"' in file.read_text(encoding="utf-8")
    played = Replayed(again, (CONTROLLER, port))
    await played.start()
    try:
        assert await surveyed(port) == original
    finally:
        await played.stop()


async def said(*words: str) -> tuple[int, str, str]:
    """A verb, run beside the device that this process plays."""
    process = await asyncio.create_subprocess_exec(
        COMMAND, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(), 300)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def settled(told: str) -> list[str]:
    """Lines of `doctor` without those that tell the hour and how quick this machine is just now."""
    figures = re.compile(r"clock|时钟|values a second|每秒|answers within|内应答|timeout|超时")
    return [line for line in told.splitlines() if not figures.search(line)]


@pytest.mark.thorough
async def test_doctor_says_the_same_of_the_recording_as_of_the_device(port: int, tmp_path: Path) -> None:
    """By the verbs themselves, in both languages: `record` from a site file, then `doctor` on the one and on the other."""
    site, fixture = tmp_path / "odd.site.yaml", tmp_path / "odd.yaml"
    site.write_text(SITE.format(host=CONTROLLER, port=port, ours=DRIVER, own=port + 1), encoding="utf-8")
    state = ("--state-dir", str(tmp_path / "state"))
    device = Odd(1001, (CONTROLLER, port), fan_coils(2))
    device.begin()
    await device.start()
    try:
        doctor = [await said("doctor", str(site), "--lang", lang, *state) for lang in ("en", "zh")]
        code, out, err = await said(
            "record", str(site), "--device", "ddc", "-o", str(fixture), "--lang", "en"
        )
        assert (code, f"written: {fixture}" in out) == (0, True), err
        assert "answers of 11 objects" in err
        code, out, err = await said("record", f"{CONTROLLER}:{port}", "-o", str(fixture), "--bind", DRIVER, "--port", str(port + 1), "--lang", "zh")  # fmt: skip
        assert (code, "11 个对象" in err) == (0, True), err
        code, _, err = await said("record", str(site), "--device", "nobody", "--lang", "en")
        assert (code, "one of ddc" in err) == (1, True)
        code, _, err = await said("record", f"{CONTROLLER}:{port}", "--device", "x", "--lang", "zh")
        assert (code, "实例号" in err) == (2, True)
    finally:
        await device.stop()
    played = Replayed(read(fixture), (CONTROLLER, port))
    await played.start()
    try:
        for lang, before in zip(("en", "zh"), doctor, strict=True):
            again = await said("doctor", str(site), "--lang", lang, *state)
            assert (again[0], settled(again[1])) == (before[0], settled(before[1]))
            assert any("scripted 1001" in line for line in settled(again[1]))
    finally:
        await played.stop()


@pytest.mark.parametrize(
    "text", ["", "version: 2\n", "[1]", "version: 1\ndevice: x\n", "version: 1\ndevice: 1\nread-property-multiple: {ms: 1}\nobjects: {}\n", "\0"]
)  # fmt: skip
def test_a_file_that_is_no_recording_says_so(tmp_path: Path, text: str) -> None:
    """In both languages, with its name."""
    file = tmp_path / "x.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(NoFixture) as error:
        read(file)
    assert "x.yaml" in error.value.said.en
    assert error.value.said.zh


def test_silence_and_what_names_other_machines() -> None:
    """Silence is a fact of the recording; a device that answers nothing ends it after three questions, not after thousands."""

    class Mute:
        asked = 0

        async def raw(self, *_: Any) -> Raw:
            self.asked += 1
            return Raw("silence", b"", (), 24.0)

        async def raw_many(self, *_: Any) -> Raw:
            return Raw("silence")

    reader = Mute()
    recorded = asyncio.run(Recorder(reader, "1", 1).all())
    assert (reader.asked, {raw.kind for raw in recorded.answers.values()}) == (3, {"silence"})
